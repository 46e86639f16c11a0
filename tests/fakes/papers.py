"""Papers that were read already."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gptoss_lab.errors import SourceNotFoundError
from gptoss_lab.schemas.papers import Paper, PaperAsk, PaperBlock, Place

PAPER = Paper(
    id="p1",
    uri="small.tex",
    form="latex",
    title="A small paper",
    authors=("A. Author",),
    files=("small.tex",),
    lost=("Figures are not read.",),
    blocks=(
        PaperBlock(id="b1", kind="prose", text="We fit a line by least squares."),
        PaperBlock(id="b2", kind="equation", text="y = a + b x", latex="y = a + b x", label="(1)"),
        PaperBlock(id="b3", kind="prose", text="The slope is 2.00.", place=Place(section=("Results",))),
    ),
)


class ReadPapers:
    """Knows some papers by address. `asked` are those that were asked for.

    Args:
        papers: By address.
    """

    def __init__(self, papers: Mapping[str, Paper] | None = None) -> None:
        self.papers = {"small.tex": PAPER} if papers is None else papers
        self.asked: list[PaperAsk] = []

    async def read(self, ask: PaperAsk, report: Callable[[str, int, int], None]) -> Paper:
        """Return the paper of that address.

        Raises:
            SourceNotFoundError: There is none.
        """
        self.asked.append(ask)
        if ask.uri not in self.papers:
            raise SourceNotFoundError(f"There is no paper {ask.uri}")
        report(f"Reading {ask.uri}", 1, 1)
        return self.papers[ask.uri]

"""The state of a job that has a paper."""

from __future__ import annotations

from dataclasses import dataclass, field

from gptoss_lab.errors import DocumentError
from gptoss_lab.papers.printed_plan import Plan
from gptoss_lab.schemas.events import Event, PaperEvent
from gptoss_lab.schemas.papers import Candidate, Claim, Paper, PaperAsk, PaperSummary, PlanValue
from gptoss_lab.services.paper_pipeline.ports import PaperReader
from gptoss_lab.services.paper_sheet import PaperSheet
from gptoss_lab.services.pipeline.run import Run


@dataclass(slots=True)
class PaperRun:
    """What the stages share, beside the run whose stages check and verify the cells.

    Attributes:
        run: Holds the request, the sandbox, the generator and the cells.
        read: The paper; None until it is loaded.
        candidates: What could be implemented, the likeliest first.
        scope: Ids of those that are implemented.
        told: The units and claims as the events have told them.
        printed: The cells of the code that the paper prints, and what it prints of their output.
        sentences: Claims of sentences, each with the id of the claim of the output that it repeats.
    """

    run: Run
    ask: PaperAsk
    reader: PaperReader
    read: Paper | None = None
    candidates: tuple[Candidate, ...] = ()
    scope: tuple[str, ...] = ()
    config: tuple[PlanValue, ...] = ()
    assumptions: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    told: PaperSheet = field(default_factory=PaperSheet)
    printed: Plan = field(default_factory=Plan)
    sentences: dict[str, tuple[Claim, str]] = field(default_factory=dict)

    @property
    def paper(self) -> Paper:
        """The paper, once it is loaded.

        Raises:
            DocumentError: It is not.
        """
        if self.read is None:
            raise DocumentError(f"{self.ask.uri} was not read")
        return self.read

    def apply(self, event: Event) -> Event:
        """Fold an event in and hand it on."""
        self.told.apply(event)
        return self.run.apply(event)

    def tell(self) -> Event:
        """Return the event that tells the paper as far as it is known."""
        return self.apply(
            PaperEvent(
                paper=summary_of(self.paper, self.candidates),
                scope=self.scope,
                config=self.config,
                assumptions=self.assumptions,
                missing=self.missing,
            )
        )


def summary_of(paper: Paper, candidates: tuple[Candidate, ...]) -> PaperSummary:
    """Return a paper in short."""
    kinds = [block.kind for block in paper.blocks]
    return PaperSummary(
        id=paper.id,
        uri=paper.uri,
        form=paper.form,
        title=paper.title,
        authors=paper.authors,
        files=paper.files,
        lost=paper.lost,
        pages=paper.pages,
        sections=paper.sections,
        blocks={kind: kinds.count(kind) for kind in dict.fromkeys(kinds)},
        candidates=candidates,
    )

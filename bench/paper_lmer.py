"""A paper of statistics with its code, without a model: what is found, what runs, and what comes out.

The paper is the one that Debian ships with lme4: 51 pages, with commands of R, their output, and pieces
of code that cannot run. `tests/papers/lmer_listings.json` lists its commands, made by hand: the page, a hash
of the code without white space, and why it cannot run. A command is intact where the reader gives the same
code, in the same order; it is classed right where the reader gives the same kind of reason, or none. Of the
numbers those count that the paper prints as output of commands that are run; a number comes out where it is
that of the cell's own output in the line with the same words, within half a unit of its last printed digit.

    python -m bench.paper_lmer
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

from bench.figure import Figure, report
from gptoss_lab.errors import GptossError
from gptoss_lab.papers.listings_judge import Judged
from gptoss_lab.sandbox.catalog import make_runtimes
from gptoss_lab.schemas.config import DocumentConfig, PaperConfig, SandboxConfig
from gptoss_lab.schemas.events import Failed
from gptoss_lab.schemas.generation import CodeGenerationRequest, GeneratedCell
from gptoss_lab.schemas.papers import Claim, PaperAsk
from gptoss_lab.services.execution import ExecutionService
from gptoss_lab.services.generators.examples import ExamplesGenerator
from gptoss_lab.services.paper_library import PaperLibrary
from gptoss_lab.services.paper_pipeline.pipeline import paper_events
from gptoss_lab.services.paper_pipeline.run import PaperRun
from gptoss_lab.services.pipeline.run import Run
from tools import debian

INTACT_AT_LEAST = 0.95
CLASSED_AT_LEAST = 0.95
RAN_AT_LEAST = 1.0
MATCH_AT_LEAST = 0.80
PAPER = "usr/lib/R/site-library/lme4/doc/lmer.pdf"
LIST = Path(__file__).parent.parent / "tests" / "papers" / "lmer_listings.json"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of the paper.

    Attributes:
        judged: The commands in order; those that the text names are no listings.
        cells: The code cells.
        claims: Of printed output, with what was compared.
        took_s: From the file to the last number.
    """

    judged: Sequence[Judged]
    cells: Sequence[GeneratedCell]
    claims: Sequence[Claim]
    took_s: float


def main() -> int:
    """Print the figures; return 1 where one is missed or the paper cannot be had."""
    paper = debian.unpacked("r-cran-lme4") / PAPER
    if not paper.is_file():
        print(f"{debian.missing() or f'{paper} is not there'}", file=sys.stderr)
        return 1
    try:
        outcome = asyncio.run(_played(paper))
    except GptossError as error:
        print(f"{error.message} {error.hint}", file=sys.stderr)
        return 1
    return report(figures(outcome, json.loads(LIST.read_text(encoding="utf-8"))))


def figures(outcome: Outcome, expected: Sequence[dict[str, object]]) -> list[Figure]:
    """Return the figures beside the list that was made by hand."""
    found = [one for one in outcome.judged if not one.listing.named]
    matched = _matched([_hash(one.listing.source) for one in found], [str(row["sha256"]) for row in expected])
    kinds = [(_kind(found[here]), expected[there]["why"]) for here, there in matched]
    ran = [cell for cell in outcome.cells if cell.verification and cell.verification.status == "ok"]
    counted = [claim for claim in outcome.claims if claim.cell]
    verified = [claim for claim in counted if claim.state == "verified"]
    name = "paper_lmer"

    def share(figure: str, part: int, whole: int, least: float) -> Figure:
        value = part / whole if whole else 0.0
        return Figure(name, figure, value, f"of {whole}", threshold=least, at_most=False)

    return [
        share("commands intact", len(matched), len(expected), INTACT_AT_LEAST),
        share(
            "commands classed right", sum(is_ == was for is_, was in kinds), len(expected), CLASSED_AT_LEAST
        ),
        share("runnable cells that ran", len(ran), len(outcome.cells), RAN_AT_LEAST),
        share("printed numbers that come out", len(verified), len(counted), MATCH_AT_LEAST),
        Figure(name, "commands found", float(len(found)), "commands", "by hand", float(len(expected))),
        Figure(name, "from file to notebook", outcome.took_s, "s"),
    ]


async def _played(paper: Path) -> Outcome:
    began = time.monotonic()
    config = SandboxConfig()
    executor = ExecutionService(config=config, runtimes=make_runtimes(config))
    with tempfile.TemporaryDirectory() as folder:
        library = PaperLibrary(
            folder=Path(folder), root=None, documents=DocumentConfig(), papers=PaperConfig()
        )
        ask = PaperAsk(uri=str(paper))
        request = CodeGenerationRequest(task="Run it", language="r", paper=ask)
        run = PaperRun(Run(request, _NoCorpora(), executor, ExamplesGenerator()), ask, library)  # type: ignore[arg-type]
        async for event in paper_events(run):
            if isinstance(event, Failed):
                raise GptossError(event.problem.detail)
    cells = run.run.sheet.code()
    output = [claim for claim in run.told.claims if claim.id not in run.sentences]
    return Outcome(run.printed.judged, cells, output, time.monotonic() - began)


class _NoCorpora:
    """No documentation is asked for."""


def _kind(judged: Judged) -> str:
    return judged.reason.kind if judged.reason else ""


def _hash(source: str) -> str:
    return hashlib.sha256("".join(source.split()).encode()).hexdigest()[:16]


def _matched(found: Sequence[str], expected: Sequence[str]) -> list[tuple[int, int]]:
    """Return the places of commands that are the same in both lists, in order."""
    blocks = SequenceMatcher(None, found, expected, autojunk=False).get_matching_blocks()
    return [(block.a + step, block.b + step) for block in blocks for step in range(block.size)]


if __name__ == "__main__":
    sys.exit(main())

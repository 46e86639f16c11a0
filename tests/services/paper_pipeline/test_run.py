"""The state of a job that has a paper."""

from __future__ import annotations

import pytest

from gptoss_lab.errors import DocumentError
from gptoss_lab.schemas.events import CellClose, CellOpen, PaperEvent
from gptoss_lab.schemas.generation import CodeGenerationRequest
from gptoss_lab.schemas.papers import PaperAsk
from gptoss_lab.services.paper_pipeline.run import PaperRun
from gptoss_lab.services.pipeline.run import Run
from tests.fakes.generation import FakeCorpora, FakeExecutor, ScriptedGenerator
from tests.fakes.papers import PAPER, ReadPapers


@pytest.fixture
def run() -> PaperRun:
    """Return the state of a job that has not begun."""
    ask = PaperAsk(uri="small.tex")
    request = CodeGenerationRequest(task="Implement it", paper=ask)
    return PaperRun(Run(request, FakeCorpora(), FakeExecutor(), ScriptedGenerator(())), ask, ReadPapers())


def test_a_paper_that_was_not_read_is_named(run: PaperRun) -> None:
    """A stage that comes too early says which paper is missing."""
    with pytest.raises(DocumentError, match=r"small\.tex was not read"):
        _ = run.paper


def test_a_paper_is_told_in_short(run: PaperRun) -> None:
    """With counts of its blocks, and nothing of their text."""
    run.read, run.scope = PAPER, ("a",)
    event = run.tell()
    assert isinstance(event, PaperEvent)
    assert (event.paper.title, event.paper.blocks) == ("A small paper", {"prose": 2, "equation": 1})
    assert "least squares" not in event.model_dump_json()
    report = run.told.report()
    assert report is not None
    assert report.scope == ("a",)


def test_cells_of_a_paper_keep_what_they_implement(run: PaperRun) -> None:
    """They lie on the sheet of the run, whose stages check and verify them."""
    run.apply(CellOpen(cell="c", index=0, kind="code", language="python"))
    run.apply(CellClose(cell="c", source="x = 1", units=("u1",)))
    (cell,) = run.run.sheet.cells()
    assert cell.units == ("u1",)

"""A paper through a strong model's recorded streams: a real engine, a real server, the whole path."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gptoss_lab.engines.chat import HttpChatEngine
from gptoss_lab.papers.jobs import ReadJob
from gptoss_lab.papers.load import load
from gptoss_lab.papers.quotes import find_quote
from gptoss_lab.prompts.template import built_in
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.events import (
    TERMINAL,
    CellClose,
    ClaimEvent,
    Event,
    Generator,
    PaperEvent,
    UnitEvent,
    Usage,
)
from gptoss_lab.schemas.generation import CodeGenerationRequest, CodeGenerationResponse
from gptoss_lab.schemas.papers import Paper, PaperAsk, PaperReport
from gptoss_lab.services.generation import GenerationService
from gptoss_lab.services.generators.model import ModelGenerator
from gptoss_lab.services.paper_pipeline.datasets_shipped import SHIPPED
from gptoss_lab.services.paper_pipeline.units import READINGS
from gptoss_lab.services.transcript import Transcript
from tests.fakes.chat_server import MODEL, ChatServer
from tests.fakes.generation import FakeCorpora
from tests.fakes.modelled import PETALS, URI, PrintingExecutor
from tests.fakes.papers import ReadPapers


@dataclass(frozen=True)
class Recorded:
    """What came of a job, and what the server was sent."""

    events: list[Event]
    job: CodeGenerationResponse
    bodies: list[dict[str, Any]]

    @property
    def report(self) -> PaperReport:
        """What is known of the paper."""
        assert self.job.paper is not None
        return self.job.paper


def from_latex(folder: Path) -> Paper:
    """Return the paper as it is read from its source."""
    source = Path(__file__).parents[2] / "fakes" / "petals.tex"
    job = ReadJob(id="p", uri=URI, location=str(source), name=URI, shown=URI, folder=str(folder))
    return load(job, lambda *_: None)


@pytest.fixture
async def recorded(request: pytest.FixtureRequest, tmp_path: Path) -> Recorded:
    """Run the job on the recordings."""
    paper = from_latex(tmp_path) if getattr(request, "param", "") == "latex" else PETALS
    return await _run(paper)


async def _run(paper: Paper) -> Recorded:
    READINGS.clear()
    SHIPPED.clear()
    request = CodeGenerationRequest(task="Implement it", paper=PaperAsk(uri=URI), generator="model", seed=3)
    async with ChatServer("paper") as server:
        config = ModelConfig(url=server.url, name=MODEL, idle_timeout_s=5)
        engine = HttpChatEngine(config)
        service = GenerationService(
            corpora=FakeCorpora(),
            executor=PrintingExecutor(installed={"numpy": "2.0", "scikit-learn": "1.9"}),
            generators={"model": ModelGenerator(engine, config)},
            papers=ReadPapers({URI: paper}),
        )
        events = [event async for event in service.run(request)]
        bodies = [received.body for received in server.requests if received.body]
        await engine.close()
    transcript = Transcript("job", request)
    for event in events:
        transcript.apply(event)
    return Recorded(events, transcript.response(), bodies)


def test_plan_units_owner_cells_and_claims(recorded: Recorded) -> None:
    """All of them are in the job, and every quote stands in the paper."""
    report = recorded.report
    assert [event.type for event in recorded.events if event.type in TERMINAL] == ["done"]
    assert not [event for event in recorded.events if event.type == "warning"]
    assert [unit.verdict for unit in report.units] == ["pass", "pass", "not_implemented"]
    assert all(find_quote(PETALS.blocks, unit.quote, block=unit.block) for unit in report.units)
    assert all(find_quote(PETALS.blocks, claim.quote, block=claim.block) for claim in report.claims)
    cells = {cell.id: cell for cell in recorded.job.cells}
    owners = {unit.owner for unit in report.units if unit.owner}
    assert all("def fit" in cells[owner].source for owner in owners)
    assert [claim.state for claim in report.claims] == ["verified", "verified", "differs"]


def test_what_the_server_is_sent(recorded: Recorded) -> None:
    """Seven questions at the effort that each needs, with the seed; no tool and no structured output."""
    bodies = recorded.bodies
    assert [body["reasoning_effort"] for body in bodies] == ["medium", "high", *["medium"] * 5]
    assert all("tools" not in body and "response_format" not in body for body in bodies)
    assert {body["seed"] for body in bodies} == {3}
    told = next(event for event in recorded.events if isinstance(event, Generator))
    assert told.templates == built_in().version
    used = [event.usage for event in recorded.events if isinstance(event, Usage)][-1]
    assert used.completion_tokens > used.reasoning_tokens > 0


def test_it_is_told_as_it_is_found(recorded: Recorded) -> None:
    """The paper, its units, its claims, then the cells."""
    kinds = (PaperEvent, UnitEvent, ClaimEvent, CellClose)
    events = recorded.events
    first = [next(place for place, event in enumerate(events) if isinstance(event, kind)) for kind in kinds]
    assert first == sorted(first)


@pytest.mark.parametrize("recorded", ["latex"], indirect=True)
def test_the_same_from_the_source_of_the_paper(recorded: Recorded) -> None:
    """As it is read from LaTeX: other blocks, the same units, cells and claims."""
    report = recorded.report
    assert not [event for event in recorded.events if event.type == "warning"]
    assert [unit.verdict for unit in report.units] == ["pass", "pass", "not_implemented"]
    assert [claim.state for claim in report.claims] == ["verified", "verified", "differs"]
    assert [candidate.kind for candidate in report.paper.candidates] == ["model", "experiment"]

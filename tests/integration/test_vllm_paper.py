"""A paper through the tiny model on a real vLLM: it talks nonsense, and the notebook says so."""

from __future__ import annotations

import nbformat
import pytest

from gptoss_lab.drafts.notebook import to_notebook
from gptoss_lab.engines.chat import HttpChatEngine
from gptoss_lab.papers.quotes import find_quote
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.events import Event, UnitEvent, Usage
from gptoss_lab.schemas.generation import CodeGenerationRequest, CodeGenerationResponse
from gptoss_lab.schemas.papers import PaperAsk
from gptoss_lab.services.generation import GenerationService
from gptoss_lab.services.generators.model import ModelGenerator
from gptoss_lab.services.paper_pipeline.datasets_shipped import SHIPPED
from gptoss_lab.services.paper_pipeline.units import READINGS
from gptoss_lab.services.transcript import Transcript
from tests.fakes.generation import FakeCorpora
from tests.fakes.modelled import PETALS, URI, PrintingExecutor
from tests.fakes.papers import ReadPapers
from tests.integration.station import until
from tests.tiny.engine import WINDOW_TOKENS, RealEngine

pytestmark = [pytest.mark.vllm, pytest.mark.timeout(900)]


async def played(engine: RealEngine, language: Language) -> tuple[list[Event], CodeGenerationResponse]:
    """Run a job on the petals to its end."""
    READINGS.clear()
    SHIPPED.clear()
    paper = PaperAsk(uri=URI)
    request = CodeGenerationRequest(
        task="Implement it", paper=paper, generator="model", language=language, effort="low"
    )
    config = ModelConfig(url=engine.url, temperature=0, context_tokens=WINDOW_TOKENS)
    chat = HttpChatEngine(config)
    service = GenerationService(
        corpora=FakeCorpora(),
        executor=PrintingExecutor(),
        generators={"model": ModelGenerator(chat, config)},
        papers=ReadPapers({URI: PETALS}),
    )
    events = [event async for event in service.run(request)]
    await chat.close()
    await until(engine.is_idle, "the engine still works", 60)
    transcript = Transcript("job", request)
    for event in events:
        transcript.apply(event)
    return events, transcript.response()


@pytest.mark.parametrize("language", ["python", "r"])
async def test_nonsense_becomes_an_honest_notebook(vllm_engine: RealEngine, language: Language) -> None:
    """It ends well; what it quotes stands in the paper, and nothing is verified."""
    events, job = await played(vllm_engine, language)
    assert events[-1].type == "done", events[-1]
    assert job.paper is not None
    assert job.paper.units
    assert all(find_quote(PETALS.blocks, unit.quote, block=unit.block) for unit in job.paper.units)
    assert not [claim for claim in job.paper.claims if claim.state in {"verified", "open"}]
    cells = {cell.id for cell in job.cells}
    for unit in job.paper.units:
        assert unit.owner in cells or unit.verdict == "not_implemented"
    assert any("no sound plan" in warning for warning in job.warnings)
    assert [event.usage for event in events if isinstance(event, Usage)][-1].completion_tokens > 0
    assert any(isinstance(event, UnitEvent) for event in events)
    book = nbformat.from_dict(to_notebook(job, kernel="", review="pending"))  # type: ignore[no-untyped-call]
    nbformat.validate(book)
    assert "## Assumptions" in book.cells[0].source

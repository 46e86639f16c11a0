"""A paper for the model that the server hosts: it is waited for, and asked like any other."""

from __future__ import annotations

import pytest

from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.generation import CodeGenerationRequest
from gptoss_lab.schemas.papers import PaperAsk
from gptoss_lab.services import served_engine
from gptoss_lab.services.generation import GenerationService
from gptoss_lab.services.generators.asking import Converses
from gptoss_lab.services.generators.examples import ExamplesGenerator
from gptoss_lab.services.model import ModelService
from gptoss_lab.services.model_generators import ModelGenerators
from tests.fakes.generation import FakeCorpora
from tests.fakes.modelled import PETALS, URI, PrintingExecutor
from tests.fakes.models import FakeParts
from tests.fakes.papers import ReadPapers


async def test_the_hosted_model_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """While it loads it is said what is waited for; then it answers, here with a cell whatever is asked."""
    monkeypatch.setattr(served_engine, "LOOK_EVERY_S", 0.01)
    parts = FakeParts()
    models = ModelService(ModelConfig(start="on_demand", start_timeout_s=120), parts)
    generators = ModelGenerators(models)
    assert isinstance(generators.generator(asked=True), Converses)
    service = GenerationService(
        corpora=FakeCorpora(),
        executor=PrintingExecutor(),
        generators={"examples": ExamplesGenerator()},
        models=generators,
        papers=ReadPapers({URI: PETALS}),
    )
    request = CodeGenerationRequest(task="Implement it", paper=PaperAsk(uri=URI), generator="model")
    waited, events = [], []
    async for event in service.run(request):
        events.append(event)
        if event.type == "progress" and event.stage == "prompt":
            waited.append(event.message)
            parts.supervisor.reach("ready")
    assert waited
    assert waited[0].startswith("waiting for the model")
    assert events[-1].type == "done", events[-1]
    sources = [event.source for event in events if event.type == "cell_close"]
    assert "x = 1" in sources
    await models.close()

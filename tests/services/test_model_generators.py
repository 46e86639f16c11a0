"""Which generator answers, decided for each request from how the model stands."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from gptoss_lab.errors import EngineLoadError, EngineProtocolError
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.events import Event
from gptoss_lab.schemas.generation import CodeGenerationResponse
from gptoss_lab.services import served_engine
from gptoss_lab.services.generation import GenerationService
from gptoss_lab.services.generators.examples import ExamplesGenerator
from gptoss_lab.services.model import ModelService
from gptoss_lab.services.model_generators import ModelGenerators
from gptoss_lab.services.transcript import Transcript
from tests.fakes.generation import FakeCorpora, FakeExecutor
from tests.fakes.models import FakeParts, failure, until
from tests.fakes.played import MEAN, asked, played, stages, warnings

ON_DEMAND = ModelConfig(start="on_demand", start_timeout_s=120)


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> FakeParts:
    """Parts on which all goes well."""
    monkeypatch.setattr(served_engine, "LOOK_EVERY_S", 0.01)
    return FakeParts()


@pytest.fixture
async def models(parts: FakeParts, request: pytest.FixtureRequest) -> AsyncIterator[ModelService]:
    """A model that is not started."""
    config = getattr(request, "param", ModelConfig(start_timeout_s=120))
    one = ModelService(config, parts)
    yield one
    await one.close()


def generation(models: ModelService) -> GenerationService:
    """Return a generation over it."""
    return GenerationService(
        corpora=FakeCorpora([MEAN]),
        executor=FakeExecutor(),
        generators={"examples": ExamplesGenerator()},
        models=ModelGenerators(models),
    )


async def led(
    models: ModelService, on_wait: Callable[[], None], **changes: object
) -> tuple[list[Event], CodeGenerationResponse]:
    """Play a generation; call `on_wait` each time that it says what it waits for."""
    request = asked(**changes)
    events: list[Event] = []
    async for event in generation(models).run(request):
        events.append(event)
        if event.type == "progress" and event.stage == "prompt":
            on_wait()
    transcript = Transcript("job", request)
    for event in events:
        transcript.apply(event)
    return events, transcript.response()


async def loaded(models: ModelService, parts: FakeParts) -> tuple[list[Event], CodeGenerationResponse]:
    """Play a generation during which the model becomes ready."""

    def further() -> None:
        if not parts.supervisors:
            return
        supervisor = parts.supervisor
        if supervisor.status.phase == "loading_weights":
            supervisor.reach("ready")
        else:
            supervisor.reach("loading_weights", percent=43, left_s=20)

    return await led(models, further)


async def test_examples_answer_until_the_model_was_started(models: ModelService, parts: FakeParts) -> None:
    """Then the model does, with no word in between to the service."""
    service = generation(models)
    assert (await played(service))[1].generator == "examples"
    await models.start()
    await until(lambda: parts.supervisors)
    parts.supervisor.reach("ready")
    events, job = await played(service)
    assert (job.generator, job.model, job.state) == ("model", "gpt-oss-20b", "done")
    assert [event.type for event in events].count("generator") == 1
    await models.stop()
    assert (await played(service))[1].generator == "examples"


async def test_a_job_shows_what_it_waits_for(models: ModelService, parts: FakeParts) -> None:
    """As progress of the prompt's stage, before anything of the answer."""
    await models.start()
    await until(lambda: parts.supervisors)
    events, job = await loaded(models, parts)
    told = [(event.message, event.done, event.total) for event in events if event.type == "progress"]
    assert ("waiting for the model: loading weights 43 %, about 20 s", 43, 100) in told
    assert stages(events)[:4] == ["collect", "retrieve", "prompt", "stream"]
    assert (job.generator, job.state) == ("model", "done")


@pytest.mark.parametrize("models", [ON_DEMAND], indirect=True)
async def test_on_demand_the_first_generation_starts_it(models: ModelService, parts: FakeParts) -> None:
    """And waits for it."""
    _, job = await loaded(models, parts)
    assert (job.generator, job.state, len(parts.supervisors)) == ("model", "done", 1)


async def test_asking_for_a_model_that_is_not_started(models: ModelService) -> None:
    """The person is told how to start one."""
    _, job = await played(generation(models), generator="model")
    assert job.error
    assert (job.error.status, job.error.code) == (503, "engine_not_ready")
    assert "model start" in job.error.hint


async def test_after_a_failure_examples_answer_and_say_why(models: ModelService, parts: FakeParts) -> None:
    """Whoever asks for the model by name gets the failure itself."""
    parts.error = EngineLoadError("No room.", reason="oom_gpu", hint="Free some.")
    await models.start()
    await until(models.failed)
    events, job = await played(generation(models))
    assert job.generator == "examples"
    (warning,) = warnings(events)
    assert ("No room." in warning.message, warning.hint) == (True, "Free some.")
    _, job = await played(generation(models), generator="model")
    assert job.error
    assert (job.error.code, job.error.detail) == ("engine_load", "No room.")
    events, job = await played(generation(models), generator="examples")
    assert warnings(events) == []


async def test_a_model_that_is_lost_ends_the_job_and_keeps_its_cells(
    models: ModelService, parts: FakeParts
) -> None:
    """The error is typed; the job after it waits for the restart and works."""
    await models.start()
    await until(lambda: parts.supervisors)
    supervisor = parts.supervisor
    supervisor.reach("ready")
    await played(generation(models))
    parts.engines[0].error = EngineProtocolError("cut")
    supervisor.on_suspect = lambda: supervisor.reach("restarting")
    _, job = await played(generation(models))
    assert job.error
    assert (job.state, job.error.code, [cell.source for cell in job.cells]) == (
        "error",
        "engine_lost",
        ["x = 1"],
    )
    parts.engines[0].error = None
    _, job = await loaded(models, parts)
    assert job.state == "done"


async def test_a_failure_while_a_job_waits_ends_it(models: ModelService, parts: FakeParts) -> None:
    """It does not fall back behind the person's back: the interface has said that a model answers."""
    await models.start()
    await until(lambda: parts.supervisors)
    _, job = await led(models, lambda: parts.supervisor.fail(failure("timeout", "It took too long.")))
    assert job.error
    assert (job.error.code, job.error.detail) == ("engine_load", "It took too long.")

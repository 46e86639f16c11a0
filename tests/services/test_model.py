"""The model of this server, from nothing to stopped, over parts that a test steers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from gptoss_lab.errors import (
    ConflictError,
    EngineAuthError,
    EngineError,
    EngineLoadError,
    EngineNotReadyError,
    EngineUnreachableError,
    NotFoundError,
    RequestError,
    StorageError,
)
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.model import EngineProgress, QueueState, StartRequest
from gptoss_lab.services import attached, model, model_watch
from gptoss_lab.services.model import ModelService
from tests.fakes.models import OLLAMA, FakeEngine, FakeParts, failure, until

URL = "http://10.0.0.9:8000/v1"


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> FakeParts:
    """Parts on which all goes well, and a watch that is quick."""
    monkeypatch.setattr(model_watch, "TICK_S", 0.01)
    monkeypatch.setattr(model, "MEASURE_EVERY_S", 0.02)
    return FakeParts()


@pytest.fixture
def config() -> dict[str, Any]:
    """The configuration; a test gives its own by parametrising it."""
    return {}


@pytest.fixture
async def service(parts: FakeParts, config: dict[str, Any]) -> AsyncIterator[ModelService]:
    """A service, closed in the end."""
    one = ModelService(ModelConfig(**config), parts)
    yield one
    await one.close()


async def started(service: ModelService, parts: FakeParts) -> None:
    """Start, as far as the engine's process."""
    await service.start()
    await until(lambda: parts.supervisors)


async def test_phases_are_told_from_the_first_to_ready(service: ModelService, parts: FakeParts) -> None:
    """Those of the preparation come first, then the engine's own, and what is known is shown."""
    parts.hold = asyncio.Event()
    parts.reports = [("downloading", EngineProgress(done_bytes=3, total_bytes=13))]
    state = await service.start()
    assert (state.phase, state.can_start, state.can_stop) == ("resolving", False, True)
    await until(lambda: service.state().phase == "downloading")
    assert service.state().progress == EngineProgress(
        done_bytes=3,
        total_bytes=13,
        elapsed_s=service.state().progress.elapsed_s,  # type: ignore[union-attr]
    )
    parts.hold.set()
    await until(lambda: parts.supervisors)
    assert service.state().phase == "starting"
    parts.supervisor.reach("ready")
    state = service.state()
    assert (state.phase, state.engine, state.hosted, state.model) == ("ready", "vllm", True, "gpt-oss-20b")
    assert (state.source, state.revision, state.max_model_len) == ("openai/gpt-oss-20b", "abc", 4096)
    assert (state.version, bool(state.started_at)) == ("0.32.0", True)


async def test_starting_twice_is_starting_once(service: ModelService, parts: FakeParts) -> None:
    """At any phase: while it is prepared, while it loads, and when it is ready."""
    await asyncio.gather(service.start(), service.start())
    await until(lambda: parts.supervisors)
    await service.start()
    parts.supervisor.reach("ready")
    state = await service.start()
    assert (state.phase, len(parts.supervisors), parts.supervisor.told) == ("ready", 1, ["start"])


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (EngineLoadError("No room.", reason="oom_gpu", hint="Free some."), "oom_gpu"),
        (EngineLoadError("?", reason="no such reason"), "crashed"),
        (StorageError("The disk is full.", hint="Free some."), "no_disk"),
        (OSError(28, "No space left on device"), "no_disk"),
        (ZeroDivisionError("a fault of ours"), "crashed"),
    ],
)
async def test_a_preparation_that_fails_is_a_state(
    error: Exception, code: str, service: ModelService, parts: FakeParts
) -> None:
    """Never an exception of the start; a second start tries again."""
    parts.error = error
    await service.start()
    await until(lambda: service.state().phase == "failed")
    state = service.state()
    assert state.failure
    assert (state.failure.code, state.failure.phase, bool(state.failure.hint)) == (code, "resolving", True)
    assert (state.can_start, state.can_stop) == (True, False)
    parts.error = None
    await started(service, parts)
    assert service.state().failure is None


async def test_an_engine_that_fails_is_started_anew(service: ModelService, parts: FakeParts) -> None:
    """The person presses Start again: a new process, the old one is closed."""
    await started(service, parts)
    old = parts.supervisor
    old.fail(failure("oom_gpu"))
    state = service.state()
    assert (state.phase, state.failure.code if state.failure else "") == ("failed", "oom_gpu")
    await service.start()
    await until(lambda: len(parts.supervisors) == 2)
    assert "close" in old.told
    assert service.state().phase == "starting"


async def test_stop_cancels_a_preparation(service: ModelService, parts: FakeParts) -> None:
    """A download ends at once, and nothing is started after it."""
    await until(lambda: service.state().phase == "stopped")
    parts.hold = asyncio.Event()
    await service.start()
    await asyncio.sleep(0)
    state = await service.stop()
    assert (state.phase, state.can_start) == ("stopped", True)
    parts.hold.set()
    await asyncio.sleep(0.02)
    assert not parts.supervisors
    assert (await service.stop()).phase == "stopped"


async def test_stop_drains_and_forbids_a_start_meanwhile(service: ModelService, parts: FakeParts) -> None:
    """The state says so; two that stop wait for the same end."""
    await started(service, parts)
    parts.supervisor.reach("ready")
    parts.supervisor.hold_stop = asyncio.Event()
    stopping = [asyncio.ensure_future(service.stop()) for _ in range(2)]
    await until(lambda: service.state().phase == "draining")
    assert (service.state().can_start, service.state().can_stop) == (False, False)
    with pytest.raises(ConflictError):
        await service.start()
    parts.supervisor.hold_stop.set()
    assert [state.phase for state in await asyncio.gather(*stopping)] == ["stopped", "stopped"]
    assert parts.supervisor.told.count("stop") == 1
    await service.start()
    await until(lambda: len(parts.supervisors) == 2)


async def test_close_ends_the_engine_and_every_connection(parts: FakeParts) -> None:
    """Whatever it was doing."""
    service = ModelService(ModelConfig(url=URL), parts)
    await service.close()
    assert parts.engines[0].closed
    service = ModelService(ModelConfig(), parts)
    await started(service, parts)
    await service.close()
    assert parts.supervisor.told[-1] == "close"


async def test_the_state_is_quick_and_measures_behind(service: ModelService, parts: FakeParts) -> None:
    """Asking a thousand times costs no look; what was measured comes with a later one."""
    await started(service, parts)
    parts.supervisor.reach("ready")
    began = time.process_time()
    for _ in range(1000):
        service.state()
    assert time.process_time() - began < 1
    assert parts.looked == 0
    await until(lambda: service.state().metrics.tokens_per_s == 42.0)
    parts.metrics_error = EngineUnreachableError("gone")
    looked = parts.looked
    await until(lambda: parts.looked > looked)
    await until(lambda: service.state().metrics.tokens_per_s is None)


async def test_the_state_tells_the_queue_and_what_could_be_attached(
    service: ModelService, parts: FakeParts
) -> None:
    """Both as they are now; nothing is attached by being found."""
    service.watch_queue(lambda: QueueState(running=1, waiting=2, slots=3))
    await until(lambda: service.state().found == (OLLAMA,))
    assert service.state().queue == QueueState(running=1, waiting=2, slots=3)
    assert (service.state().engine, service.engine()) == (None, None)
    assert not parts.engines


async def test_without_an_environment_it_is_unconfigured(service: ModelService, parts: FakeParts) -> None:
    """It may be started all the same: the failure says what to install."""
    parts.is_installed = False
    service.state()
    await asyncio.sleep(0.02)
    assert (service.state().phase, service.state().can_start) == ("unconfigured", True)


@pytest.mark.parametrize("config", [{"engine": "none"}])
async def test_a_server_that_hosts_nothing(service: ModelService) -> None:
    """It says so in the state, refuses the start, and names why no model answers."""
    state = service.state()
    assert (state.phase, state.can_start, state.model) == ("unconfigured", False, "")
    with pytest.raises(RequestError, match="hosts no model"):
        await service.start()
    assert isinstance(service.absence(), RequestError)
    assert "configuration" in service.absence().hint


@pytest.mark.parametrize("config", [{"url": URL, "name": "gpt"}])
async def test_a_configured_server_is_attached(service: ModelService, parts: FakeParts) -> None:
    """It is probed while someone looks; it is not ours to stop, and starting it changes nothing."""
    (engine,) = parts.engines
    assert service.engine() is engine
    state = await service.start()
    assert (state.engine, state.phase, state.source, state.model) == ("attached", "ready", URL, "gpt")
    assert (state.can_start, state.can_stop, state.hosted) == (False, False, False)
    with pytest.raises(ConflictError):
        await service.stop()
    assert service.answers() == "gpt"


@pytest.mark.parametrize("config", [{"url": URL}])
@pytest.mark.parametrize(
    ("error", "code"),
    [(EngineAuthError("401"), "refused_key"), (EngineUnreachableError("gone"), "unreachable")],
)
async def test_a_configured_server_that_does_not_answer(
    error: EngineError, code: str, parts: FakeParts, service: ModelService
) -> None:
    """The state says why, and follows when it comes back."""
    parts.engines[0].models_error = error
    await until(lambda: service.state().phase == "failed")
    failed = service.state().failure
    assert failed
    assert failed.code == code
    parts.engines[0].models_error = None
    await service.start()
    await until(lambda: service.state().phase == "ready")
    assert service.state().model == "gpt-oss-20b"


@pytest.mark.parametrize("config", [{"url": URL}])
async def test_a_configured_server_that_hangs(
    parts: FakeParts, service: ModelService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look ends in time, and the state says so."""
    monkeypatch.setattr(attached, "PROBE_WITHIN_S", 0.02)
    parts.engines[0].models_hold = asyncio.Event()
    await until(lambda: service.state().phase == "failed")
    failed = service.state().failure
    assert failed
    assert failed.code == "timeout"


async def test_a_found_server_is_attached_without_the_persons_key(
    service: ModelService, parts: FakeParts
) -> None:
    """Anyone who can open a port can be found: the configured key is not for them."""
    state = await service.start(StartRequest(attach=OLLAMA.url))
    assert (state.engine, state.model, state.can_stop) == ("attached", "gpt-oss:20b", True)
    config = parts.engines[0].config
    assert (config.url, config.api_key_env, config.api_key_file) == (OLLAMA.url, "", "")
    assert service.engine() is parts.engines[0]
    await service.start(StartRequest(attach=OLLAMA.url))
    assert len(parts.engines) == 1
    with pytest.raises(ConflictError, match="attached"):
        await service.start()
    state = await service.stop()
    assert (state.engine, service.engine(), parts.engines[0].closed) == (None, None, False)


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("http://example.org/v1", RequestError),
        ("http://127.0.0.1.example.org/v1", RequestError),
        ("http://[::1", RequestError),
        ("unix:///run/x.sock", RequestError),
        ("http://127.0.0.1:1/v1", NotFoundError),
    ],
)
async def test_only_what_was_found_here_can_be_attached(
    url: str, error: type[Exception], service: ModelService, parts: FakeParts
) -> None:
    """A request cannot point the server, and its prompts, anywhere else."""
    with pytest.raises(error):
        await service.start(StartRequest(attach=url))
    assert not parts.engines


async def test_nothing_is_attached_over_a_hosted_model(service: ModelService, parts: FakeParts) -> None:
    """Stop comes first."""
    await started(service, parts)
    with pytest.raises(ConflictError):
        await service.start(StartRequest(attach=OLLAMA.url))


async def test_who_answers_follows_the_state(service: ModelService, parts: FakeParts) -> None:
    """Nobody before the start; the model from then on, also while it loads; nobody after a failure."""
    assert service.engine() is None
    assert isinstance(service.absence(), EngineNotReadyError)
    await started(service, parts)
    served = service.engine()
    assert served is not None
    for phase in ("loading_weights", "ready", "busy", "restarting", "sleeping"):
        parts.supervisor.reach(phase)
        assert service.engine() is served
    parts.supervisor.reach("stopped")  # it was idle
    assert service.engine() is served
    parts.supervisor.fail(failure(message="It ended.", hint="Look."))
    assert (service.engine(), service.engine(asked=True), service.failed()) == (None, served, True)
    assert "It ended." in service.absence().message
    await service.stop()
    assert (service.engine(), service.failed()) == (None, False)


@pytest.mark.parametrize("config", [{"start": "on_demand"}])
async def test_on_demand_the_model_answers_before_it_was_started(service: ModelService) -> None:
    """The first request will start it."""
    assert service.engine() is not None
    assert service.answers() == "gpt-oss-20b"


async def test_the_window_is_the_engines(service: ModelService, parts: FakeParts) -> None:
    """A prompt is laid out for what the planner could give, not for what was wished."""
    assert service.answering().context_tokens == 32_768
    await started(service, parts)
    assert (service.answering().context_tokens, service.answering().name) == (4096, "gpt-oss-20b")


@pytest.mark.parametrize("config", [{"max_num_seqs": 2}])
async def test_slots_are_those_of_the_engine(service: ModelService, parts: FakeParts) -> None:
    """No more generations run at a time than the engine takes."""
    assert (service.slots(4), service.slots(1)) == (4, 1)
    await started(service, parts)
    assert (service.slots(4), service.slots(1)) == (2, 1)


async def test_logs_are_the_engines(service: ModelService, parts: FakeParts) -> None:
    """Nothing before it runs."""
    assert service.logs().lines == ()
    await started(service, parts)
    assert service.logs().lines == ("INFO loading", "INFO ready")


async def test_answers_of_a_server_that_is_let_go_come_to_their_end(
    service: ModelService, parts: FakeParts
) -> None:
    """Its connections are closed with the service, not under a running job."""
    await service.start(StartRequest(attach=OLLAMA.url))
    engine: FakeEngine = parts.engines[0]
    await service.stop()
    assert not engine.closed
    await service.close()
    assert engine.closed

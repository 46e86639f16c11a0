"""The hosted model as an engine, with every way in which it can go away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace

import pytest

from gptoss_lab.engines.base import ChatRequest, ContentDelta, Finished
from gptoss_lab.errors import (
    EngineAuthError,
    EngineError,
    EngineLoadError,
    EngineLostError,
    EngineNotReadyError,
    EngineProtocolError,
    EngineTimeoutError,
)
from gptoss_lab.schemas.chat import ChatMessage
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.model import EngineProgress
from gptoss_lab.services import model_watch, served_engine
from gptoss_lab.services.model import ModelService
from gptoss_lab.services.served_engine import ServedEngine
from tests.fakes.models import FakeParts, FakeStatus, failure, until

REQUEST = ChatRequest((ChatMessage(role="user", content="x"),))


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> FakeParts:
    """Parts that are looked at often."""
    monkeypatch.setattr(model_watch, "TICK_S", 0.01)
    monkeypatch.setattr(served_engine, "LOOK_EVERY_S", 0.01)
    monkeypatch.setattr(served_engine, "TELL_EVERY_S", 1000.0)
    return FakeParts()


@pytest.fixture
async def service(parts: FakeParts) -> AsyncIterator[ModelService]:
    """A service whose model was started and has a process."""
    one = ModelService(ModelConfig(start_timeout_s=120), parts)
    await one.start()
    await until(lambda: parts.supervisors)
    yield one
    await one.close()


@pytest.fixture
def engine(service: ModelService) -> ServedEngine:
    """The engine over it."""
    found = service.engine()
    assert isinstance(found, ServedEngine)
    return found


async def answer(engine: ServedEngine) -> list[object]:
    """Return all that it streams."""
    async with aclosing(engine.stream(REQUEST)) as deltas:
        return [delta async for delta in deltas]


async def test_waiting_tells_each_step_until_it_is_ready(parts: FakeParts, engine: ServedEngine) -> None:
    """In words, each once, with the percent and the time that is left."""
    told: list[str] = []

    async def read() -> None:
        async for words, _ in engine.waiting():
            told.append(words)

    reading = asyncio.ensure_future(read())
    parts.supervisor.reach("loading_weights", percent=43, left_s=20)
    await until(lambda: told)
    parts.supervisor.reach("loading_weights", percent=44, left_s=19)  # too little to be told at once
    await asyncio.sleep(0.03)
    parts.supervisor.reach("warming", percent=97, left_s=200)
    await until(lambda: len(told) == 2)
    parts.supervisor.reach("ready")
    await reading
    assert told == ["loading weights 43 %, about 20 s", "warming up 97 %, about 3 min"]


async def test_nothing_is_told_where_nothing_is_waited_for(parts: FakeParts, engine: ServedEngine) -> None:
    """A model that is there answers at once."""
    parts.supervisor.reach("ready")
    assert [words async for words, _ in engine.waiting()] == []


async def test_a_request_waits_for_the_model_and_counts_while_it_runs(
    parts: FakeParts, engine: ServedEngine
) -> None:
    """It is in flight from the first to the last piece; the endpoint and its key are the engine's."""
    answering = asyncio.ensure_future(answer(engine))
    await asyncio.sleep(0.02)
    assert not parts.engines
    parts.supervisor.reach("ready")
    deltas = await answering
    assert [type(delta) for delta in deltas] == [ContentDelta, Finished]
    assert parts.supervisor.in_flight == 0
    assert (parts.engines[0].config.url, engine.model) == ("unix:///run/engine.sock", "gpt-oss-20b")
    await answer(engine)
    assert len(parts.engines) == 1


async def test_leaving_stops_the_model(parts: FakeParts, engine: ServedEngine) -> None:
    """Closing the stream closes the engine's, which aborts the request there."""
    parts.supervisor.reach("ready")
    async with aclosing(engine.stream(REQUEST)) as deltas:
        await deltas.__anext__()
        assert parts.supervisor.in_flight == 1
    assert (parts.engines[0].left, parts.supervisor.in_flight) == (1, 0)
    assert "suspect" not in parts.supervisor.told


async def test_a_load_that_fails_ends_the_wait(parts: FakeParts, engine: ServedEngine) -> None:
    """With the reason of the failure."""
    waiting = asyncio.ensure_future(answer(engine))
    await asyncio.sleep(0.02)
    parts.supervisor.fail(failure("oom_gpu", "No room."))
    with pytest.raises(EngineLoadError, match="No room") as caught:
        await waiting
    assert caught.value.reason == "oom_gpu"
    with pytest.raises(EngineLoadError, match="No room"):
        await answer(engine)


async def test_a_wait_that_is_left_leaves_nothing(parts: FakeParts, engine: ServedEngine) -> None:
    """A job that is cancelled while it waits has no task behind it."""
    before = asyncio.all_tasks()
    async with aclosing(engine.waiting()) as notes:
        await notes.__anext__()
    assert asyncio.all_tasks() == before
    assert parts.supervisor.told == ["start"]


async def test_a_stopped_model_is_not_waited_for(service: ModelService, engine: ServedEngine) -> None:
    """The person stopped it: the job says so at once."""
    await service.stop()
    with pytest.raises(EngineNotReadyError):
        await answer(engine)
    with pytest.raises(EngineNotReadyError):
        _ = [note async for note in engine.waiting()]


async def test_the_wait_has_an_end(parts: FakeParts) -> None:
    """A preparation that takes longer than the limit is told as what it is."""
    parts.hold = asyncio.Event()
    parts.reports = [("downloading", EngineProgress(done_bytes=3 * 10**9, total_bytes=13 * 10**9))]
    service = ModelService(ModelConfig(start_timeout_s=0.05), parts)
    await service.start()
    found = service.engine()
    assert isinstance(found, ServedEngine)
    with pytest.raises(EngineNotReadyError, match=r"still downloading the weights 3\.0 of 13\.0 GB"):
        await answer(found)
    await service.close()


async def test_an_idle_stop_is_undone_by_the_next_request(parts: FakeParts, engine: ServedEngine) -> None:
    """The person never stopped it: it is started again and waited for."""
    parts.supervisor.reach("stopped")
    answering = asyncio.ensure_future(answer(engine))
    await until(lambda: len(parts.supervisors) == 2)
    parts.supervisor.reach("ready")
    assert len(await answering) == 2


@pytest.mark.parametrize("error", [EngineProtocolError("cut"), EngineError("EngineDeadError")])
async def test_a_crash_keeps_what_came_and_the_next_request_waits_for_the_restart(
    error: EngineError, parts: FakeParts, engine: ServedEngine
) -> None:
    """The error is typed, says that it is started again, and the next job works."""
    parts.supervisor.reach("ready")
    await answer(engine)
    parts.engines[0].error = error
    parts.supervisor.on_suspect = lambda: parts.supervisor.reach("restarting", percent=0)
    deltas = engine.stream(REQUEST)
    assert await deltas.__anext__() == ContentDelta("```python\nx = 1\n```\n")
    with pytest.raises(EngineLostError, match="started again") as caught:
        await deltas.__anext__()
    assert caught.value.__cause__ is error
    parts.engines[0].error = None
    answering = asyncio.ensure_future(answer(engine))
    await asyncio.sleep(0.02)
    assert not answering.done()
    parts.supervisor.reach("ready")
    assert len(await answering) == 2


@pytest.mark.parametrize(
    ("error", "after", "kind", "words"),
    [
        (EngineProtocolError("cut"), FakeStatus("ready"), EngineProtocolError, "cut"),
        (EngineAuthError("key"), FakeStatus("ready"), EngineAuthError, "key"),
        (EngineTimeoutError("60 s"), FakeStatus("ready"), EngineTimeoutError, "60 s"),
        (EngineTimeoutError("60 s"), FakeStatus("restarting"), EngineTimeoutError, "started again"),
        (
            EngineError("500"),
            FakeStatus("failed", failure=failure("oom_gpu", "No room.")),
            EngineLostError,
            "ran out of memory",
        ),
        (
            EngineError("500"),
            FakeStatus("restarting", failure=failure("oom_host")),
            EngineLostError,
            "ran out of memory",
        ),
        (
            EngineError("500"),
            FakeStatus("failed", failure=failure("driver", "Lost GPU.")),
            EngineLostError,
            "could not be started",
        ),
        (
            EngineProtocolError("cut"),
            FakeStatus("draining"),
            EngineNotReadyError,
            "stopped while it answered",
        ),
    ],
)
async def test_what_a_fault_means_is_judged_by_the_engine(
    error: EngineError,
    after: FakeStatus,
    kind: type[EngineError],
    words: str,
    parts: FakeParts,
    engine: ServedEngine,
) -> None:
    """One that lives has refused the request; one that is gone was lost, and how is said."""
    supervisor = parts.supervisor
    supervisor.reach("ready")
    await answer(engine)
    parts.engines[0].error = error

    def gone() -> None:
        supervisor.status = after

    supervisor.on_suspect = gone
    with pytest.raises(kind, match=words) as caught:
        await answer(engine)
    assert type(caught.value) is kind


async def test_what_the_engine_is_becomes_known_with_it(engine: ServedEngine, parts: FakeParts) -> None:
    """Its window and its cache are those of the process that answers now."""
    assert (engine.is_known, engine.context_tokens, engine.caches_prefixes) == (False, None, False)
    parts.supervisor.reach("ready")
    assert await engine.models() == ["gpt-oss-20b"]
    assert (engine.is_known, engine.context_tokens, engine.caches_prefixes) == (True, 4096, True)
    await engine.close()
    assert not engine.is_known


async def test_it_is_called_as_the_start_that_was_decided(parts: FakeParts, engine: ServedEngine) -> None:
    """A version of the model has a name of its own, and cells say it from the first one on."""
    assert parts.supervisors
    prepared = engine._hosted.prepared
    assert prepared is not None
    engine._hosted.prepared = replace(prepared, setting=replace(prepared.setting, served_name="m@v2"))
    assert engine.model == "m@v2"
    engine._hosted.prepared = None
    assert engine.model == "gpt-oss-20b"

"""The model service over a real supervisor and a real child that passes for vLLM."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import psutil
import pytest

from gptoss_lab.engines.base import ChatRequest, ContentDelta, Finished
from gptoss_lab.engines.supervisor import EngineSupervisor
from gptoss_lab.errors import EngineLostError, EngineNotReadyError
from gptoss_lab.schemas.chat import ChatMessage
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.services.model import ModelService
from gptoss_lab.services.model_parts import RealParts
from gptoss_lab.services.model_ports import Prepared, Report, Supervisor
from tests.fakes.engines import HASTE
from tests.fakes.hosted_chat import HostedChatLauncher
from tests.fakes.models import PREPARED, until

REQUEST = ChatRequest((ChatMessage(role="user", content="mean by group"),))
WITHIN_S = 60.0


class Parts(RealParts):
    """The real parts but for the engine: nothing is planned or downloaded, and the child is ours."""

    async def prepare(self, report: Report) -> Prepared:
        """Have all."""
        del report
        return PREPARED

    def supervise(self, prepared: Prepared) -> Supervisor:
        """Supervise the child."""
        return EngineSupervisor(
            HostedChatLauncher(), prepared.setting, folder=self._folder, on_change=_ignore, patience=HASTE
        )


def _ignore(_: object) -> None:
    """The service is asked."""


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[ModelService]:
    """A service whose child is there."""
    one = ModelService(ModelConfig(), Parts(ModelConfig(), tmp_path))
    await one.start()
    await until(lambda: one.state().phase == "ready", WITHIN_S)
    yield one
    await one.close()
    assert not child()


def child() -> list[psutil.Process]:
    """Return the child that serves."""
    below = psutil.Process().children(recursive=True)
    return [process for process in below if "tests.fakes.hosted_chat" in process.cmdline()[2:4]]


async def answered(service: ModelService) -> list[object]:
    """Return the whole of an answer."""
    engine = service.engine()
    assert engine is not None
    async with aclosing(engine.stream(REQUEST)) as deltas:
        return [delta async for delta in deltas]


async def test_an_answer_streams_and_is_measured(service: ModelService) -> None:
    """With the endpoint's own key, over its socket; the state is busy meanwhile."""
    answering = asyncio.ensure_future(answered(service))
    await until(lambda: service.state().phase == "busy", WITHIN_S)
    deltas = await answering
    assert any(isinstance(delta, ContentDelta) for delta in deltas)
    assert any(isinstance(delta, Finished) for delta in deltas)
    await until(lambda: service.state().metrics.generated_tokens == 7, WITHIN_S)
    assert service.state().phase == "ready"


async def test_a_child_that_is_killed_in_an_answer_is_started_again(service: ModelService) -> None:
    """What came stays, the error says so, and the next question waits for the new one and is answered."""
    engine = service.engine()
    assert engine is not None
    (process,) = child()
    stream = engine.stream(REQUEST)
    await stream.__anext__()
    process.kill()
    with pytest.raises(EngineLostError, match="started again"):
        _ = [delta async for delta in stream]
    assert any(isinstance(delta, Finished) for delta in await answered(service))
    assert (service.state().restarts, service.state().phase) == (1, "ready")


async def test_a_stop_lets_the_answer_fail_and_forbids_the_next(service: ModelService) -> None:
    """The child ends, and nobody waits for it."""
    await service.stop()
    assert (service.state().phase, child()) == ("stopped", [])
    engine = service.engine(asked=True)
    assert engine is None
    await service.start()
    await until(lambda: service.state().phase == "ready", WITHIN_S)
    served = service.engine()
    await service.stop()
    assert served is not None
    with pytest.raises(EngineNotReadyError):
        _ = [delta async for delta in served.stream(REQUEST)]

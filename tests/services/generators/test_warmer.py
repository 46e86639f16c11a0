"""The beginning of a prompt is sent ahead, and never in anybody's way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace

import pytest

from gptoss_lab.engines.base import ChatDelta, ChatRequest, Finished
from gptoss_lab.errors import EngineError
from gptoss_lab.schemas.chat import ChatMessage
from gptoss_lab.services.generators.base import Brief
from gptoss_lab.services.generators.warmer import Warmer
from tests.fakes.chat_families import Kind, ServerKind
from tests.fakes.chat_server import ChatServer
from tests.services.generators.test_model import BRIEF, generating

REQUEST = ChatRequest(
    tuple(ChatMessage(role="user", content=text) for text in ("rules", "documents", "question")),
    "high",
    900,
    7,
    "salt",
)


@dataclass
class FakeEngine:
    """An engine that notes what it is asked, and answers when it is let."""

    caches_prefixes: bool = True
    is_known: bool = True
    context_tokens: int | None = None
    fault: EngineError | None = None
    name: str = "fake"
    model: str = "m"
    requests: list[ChatRequest] = field(default_factory=list)
    ended: int = 0
    free: asyncio.Event = field(default_factory=asyncio.Event)

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatDelta, None]:
        self.requests.append(request)
        try:
            await self.free.wait()
            if self.fault:
                raise self.fault
            yield Finished("length")
        finally:
            self.ended += 1

    async def models(self) -> list[str]:
        return [self.model]

    async def close(self) -> None:
        """Hold nothing."""


async def test_the_beginning_is_sent() -> None:
    """All but the question goes, for one token, with the same salt and effort; the same is sent once."""
    engine, warmer = FakeEngine(), Warmer()
    engine.free.set()
    assert warmer.offer(engine, REQUEST)
    await warmer.settled()
    assert engine.requests == [replace(REQUEST, messages=REQUEST.messages[:2], seed=None, max_tokens=1)]
    assert not warmer.offer(engine, replace(REQUEST, messages=(*REQUEST.messages[:2], REQUEST.messages[0])))
    assert warmer.offer(engine, replace(REQUEST, effort="low"))
    await warmer.close()


async def test_one_at_a_time() -> None:
    """A second is not sent while the first is on its way."""
    engine, warmer = FakeEngine(), Warmer()
    assert warmer.offer(engine, REQUEST)
    assert not warmer.offer(engine, replace(REQUEST, effort="low"))
    await warmer.close()
    assert len(engine.requests) <= 1


async def test_a_real_request_goes_first() -> None:
    """It ends what is being sent ahead, and while it runs nothing is sent."""
    engine, warmer = FakeEngine(), Warmer()
    warmer.offer(engine, REQUEST)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert len(engine.requests) == 1
    with warmer.asking():
        await warmer.settled()
        assert engine.ended == 1
        assert not warmer.offer(engine, REQUEST)
    assert warmer.offer(engine, REQUEST)
    await warmer.close()


async def test_a_fault_is_nobody_s() -> None:
    """A service that fails is not told of, and may be tried again."""
    engine, warmer = FakeEngine(fault=EngineError("no")), Warmer()
    engine.free.set()
    assert warmer.offer(engine, REQUEST)
    await warmer.settled()
    assert warmer.offer(engine, REQUEST)
    await warmer.close()


async def test_servers_that_gain_nothing_are_left_alone() -> None:
    """Only a server that keeps prefixes gets one."""
    engine, warmer = FakeEngine(caches_prefixes=False), Warmer()
    assert not warmer.offer(engine, REQUEST)
    await warmer.close()
    assert engine.requests == []


@pytest.mark.parametrize(
    ("kind", "warms", "sent"), [("vllm", True, 2), ("vllm", False, 1), ("ollama", True, 1)]
)
async def test_after_a_draft(kind: Kind, warms: bool, sent: int) -> None:
    """A generation on documentation sends its beginning ahead for the next, where that is configured."""
    brief = Brief(BRIEF.request, BRIEF.passages, packages=BRIEF.packages, corpora=("pandas 2.2.3",))
    async with (
        ChatServer(kind=ServerKind(kind)) as server,
        generating(server, warm_up=warms) as (model, prefixes),
    ):
        async for _ in model.draft(brief):
            pass
        await prefixes.warmer.settled()
    bodies = [request.body for request in server.requests if request.body]
    assert len(bodies) == sent
    if sent > 1:
        assert bodies[1]["max_completion_tokens"] == 1
        assert bodies[1]["messages"] == bodies[0]["messages"][:2]
        assert bodies[1]["reasoning_effort"] == bodies[0]["reasoning_effort"]

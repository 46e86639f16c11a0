"""HTTP to a model server: what arrives, and what cut it off."""

from __future__ import annotations

import pytest

from gptoss_lab.engines.connection import Connection, Waits
from gptoss_lab.errors import EngineProtocolError, EngineTimeoutError
from tests.fakes.chat_server import ChatServer

WAITS = Waits(connect_s=1, first_byte_s=5, idle_s=0.2)


async def text_of(script: str, *, max_bytes: int = 1 << 20) -> str:
    """Return the whole text of a fake's answer to a chat."""
    async with ChatServer(script) as server:
        connection = Connection(server.url, WAITS)
        try:
            async with connection.sent("POST", "/chat/completions", {"messages": []}) as answer:
                return await answer.text(max_bytes)
        finally:
            await connection.close()


async def test_text() -> None:
    """A short answer is read whole."""
    assert "[DONE]" in await text_of("groupby")


@pytest.mark.parametrize(("script", "words"), [("cut", "cut its answer off"), ("groupby", "more than")])
async def test_text_that_is_none(script: str, words: str) -> None:
    """One that is cut off or too long is refused."""
    with pytest.raises(EngineProtocolError, match=words):
        await text_of(script, max_bytes=1 << 20 if script == "cut" else 1000)


async def test_text_that_stops() -> None:
    """One that stays away is given up."""
    with pytest.raises(EngineTimeoutError, match=r"silent for 0\.2 s"):
        await text_of("silent_midway")

"""The engine against a real HTTP server, in good and in bad days."""

from __future__ import annotations

import asyncio
import socket
import time
from pathlib import Path

import pytest

from gptoss_lab.engines.base import ChatDelta, ChatRequest, ContentDelta, Finished, ReasoningDelta, UsageDelta
from gptoss_lab.engines.chat import HttpChatEngine
from gptoss_lab.errors import (
    EngineAuthError,
    EngineError,
    EngineProtocolError,
    EngineTimeoutError,
    EngineUnreachableError,
)
from gptoss_lab.schemas.chat import ChatMessage
from gptoss_lab.schemas.config import ModelConfig
from tests.fakes.chat_server import MODEL, ChatServer

REQUEST = ChatRequest(
    (ChatMessage(role="developer", content="rules"), ChatMessage(role="user", content="ask")), seed=7
)
KEY = "sk-very-secret-key"


async def run(
    url: str, *, name: str = MODEL, first_s: float = 5, idle_s: float = 5
) -> tuple[list[ChatDelta], EngineError | None]:
    """Return what an engine streams and the error that ended it."""
    engine = HttpChatEngine(
        ModelConfig(
            url=url, name=name, first_byte_timeout_s=first_s, idle_timeout_s=idle_s, connect_timeout_s=1
        )
    )
    deltas: list[ChatDelta] = []
    try:
        async for delta in engine.stream(REQUEST):
            deltas.append(delta)  # noqa: PERF401 - what came before an error is kept
    except EngineError as error:
        return deltas, error
    finally:
        await engine.close()
    return deltas, None


def content(deltas: list[ChatDelta]) -> str:
    """Return the text of an answer."""
    return "".join(delta.text for delta in deltas if isinstance(delta, ContentDelta))


async def test_a_whole_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reasoning, content, usage and the reason arrive; the request is what the protocol asks for."""
    monkeypatch.setenv("GPTOSS_LAB_API_KEY", KEY)
    async with ChatServer("groupby") as server:
        deltas, error = await run(server.url, name="")
    assert error is None
    assert any(isinstance(delta, ReasoningDelta) for delta in deltas)
    assert 'groupby("city")' in content(deltas)
    assert Finished("stop") in deltas
    usage = next(delta.usage for delta in deltas if isinstance(delta, UsageDelta))
    assert (usage.prompt_tokens, usage.cached_tokens) == (812, 768)
    models, chat = server.requests
    assert models.path == "/v1/models"
    assert chat.headers["authorization"] == f"Bearer {KEY}"
    assert chat.body["model"] == MODEL
    assert chat.body["stream"] is True
    assert chat.body["seed"] == 7
    assert [message["role"] for message in chat.body["messages"]] == ["developer", "user"]


async def test_split_bytes() -> None:
    """Characters that are split between packets arrive whole."""
    async with ChatServer("split_utf8", delay_ms=0.01) as server:
        deltas, error = await run(server.url)
    assert error is None
    assert '"東京": 27.0' in content(deltas)
    assert "🌡" in content(deltas)


async def test_unix_socket(tmp_path: Path) -> None:
    """An engine on a unix socket is reached, and names no host."""
    async with ChatServer("groupby", socket=str(tmp_path / "engine.sock")) as server:
        deltas, error = await run(server.url)
    assert error is None
    assert "groupby" in content(deltas)


async def test_developer_role_falls_back() -> None:
    """A server that knows no developer role gets the instructions as system, at once the next time."""
    async with ChatServer("no_developer") as server:
        engine = HttpChatEngine(ModelConfig(url=server.url, name=MODEL))
        for _ in range(2):
            assert content([delta async for delta in engine.stream(REQUEST)])
        await engine.close()
    assert [request.body["messages"][0]["role"] for request in server.requests] == [
        "developer",
        "system",
        "system",
    ]


@pytest.mark.parametrize(
    ("script", "kind", "words"),
    [
        ("refuse401", EngineAuthError, "401"),
        ("error500", EngineError, "out of memory"),
        ("html", EngineProtocolError, "text/html"),
        ("redirect", EngineProtocolError, "redirect"),
        ("no_models", EngineError, "offers no model"),
    ],
)
async def test_refusals(
    script: str, kind: type[EngineError], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each refusal is told in its own words, with a hint and without the key, and is not retried."""
    monkeypatch.setenv("GPTOSS_LAB_API_KEY", KEY)
    async with ChatServer(script) as server:
        deltas, error = await run(server.url, name="" if script == "no_models" else MODEL)
    assert deltas == []
    assert type(error) is kind
    assert words in error.message
    assert error.hint
    assert KEY not in error.message
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ("cut", EngineProtocolError),
        ("cut_clean", EngineProtocolError),
        ("notjson", EngineProtocolError),
        ("error_event", EngineError),
        ("silent_midway", EngineTimeoutError),
    ],
)
async def test_faults_midway(script: str, kind: type[EngineError]) -> None:
    """What came before a fault is kept, then the fault is told; nothing is asked again."""
    async with ChatServer(script) as server:
        deltas, error = await run(server.url, idle_s=0.2)
    assert type(error) is kind
    assert any(isinstance(delta, ReasoningDelta) for delta in deltas)
    assert len(server.requests) == 1


async def test_silence() -> None:
    """A server that accepts and says nothing is given up after the time for the first byte."""
    async with ChatServer("silent") as server:
        began = time.monotonic()
        deltas, error = await run(server.url, first_s=0.2)
    assert isinstance(error, EngineTimeoutError)
    assert deltas == []
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("url", ["http://127.0.0.1:{port}/v1", "unix:///nowhere/engine.sock"])
async def test_nothing_there(url: str) -> None:
    """A closed port and a missing socket are unreachable."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    _, error = await run(url.format(port=port))
    assert isinstance(error, EngineUnreachableError)


async def test_wrong_path() -> None:
    """An address without /v1 answers 404, and the hint says so."""
    async with ChatServer("groupby") as server:
        _, error = await run(server.url.removesuffix("/v1"))
    assert error
    assert "404" in error.message
    assert "/v1" in error.hint


async def test_a_bad_key_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that no header may hold is an error of the key, and is not shown."""
    monkeypatch.setenv("GPTOSS_LAB_API_KEY", "schlüssel")
    async with ChatServer("groupby") as server:
        _, error = await run(server.url)
    assert isinstance(error, EngineAuthError)
    assert "schlüssel" not in error.message
    assert server.requests == []


async def test_leaving_stops_the_server() -> None:
    """Closing the iterator closes the connection, so that the model stops."""
    async with ChatServer("slow") as server:
        engine = HttpChatEngine(ModelConfig(url=server.url, name=MODEL))
        stream = engine.stream(REQUEST)
        await anext(stream)
        await stream.aclose()
        for _ in range(100):
            if server.aborted:
                break
            await asyncio.sleep(0.01)
        await engine.close()
    assert server.aborted == 1


async def test_cancel_is_quick() -> None:
    """A cancelled reader ends at once and leaves no connection."""
    async with ChatServer("silent") as server:
        task = asyncio.ensure_future(run(server.url))
        await asyncio.sleep(0.1)
        task.cancel()
        began = time.monotonic()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert time.monotonic() - began < 0.5


async def test_a_slow_reader_gets_longer_deltas() -> None:
    """What arrives together goes out together; what arrives alone goes out alone."""
    async with ChatServer("groupby", delay_ms=2) as server:
        single, _ = await run(server.url)
    async with ChatServer("groupby") as server:
        engine = HttpChatEngine(ModelConfig(url=server.url, name=MODEL))
        joined = []
        async for delta in engine.stream(REQUEST):
            joined.append(delta)
            await asyncio.sleep(0.02)
        await engine.close()
    assert content(single) == content(joined)
    assert len(joined) < len(single) / 2

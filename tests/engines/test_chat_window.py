"""What an engine learns of its server, and what it makes of a prompt that is too long."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gptoss_lab.engines.base import ChatDelta, ChatRequest, ContentDelta, KnowsServer
from gptoss_lab.engines.chat import HttpChatEngine
from gptoss_lab.errors import EngineAuthError, PromptTooLongError
from gptoss_lab.schemas.chat import ChatMessage
from gptoss_lab.schemas.config import ModelConfig
from tests.fakes.chat_families import Kind, ServerKind
from tests.fakes.chat_server import MODEL, ChatServer

REQUEST = ChatRequest((
    ChatMessage(role="developer", content="rules"),
    ChatMessage(role="user", content="ask"),
))
LONG = replace(REQUEST, messages=(ChatMessage(role="user", content="word " * 8000),), prompt_tokens=9000)


async def streamed(engine: HttpChatEngine, request: ChatRequest = REQUEST) -> list[ChatDelta]:
    """Return the whole answer."""
    return [delta async for delta in engine.stream(request)]


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("vllm", "max_completion_tokens"),
        ("llama_server", "max_tokens"),
        ("ollama", "max_tokens"),
        ("lm_studio", "max_tokens"),
    ],
)
async def test_the_window_is_learnt(kind: Kind, field: str) -> None:
    """Once the models were listed, the answer's room is that of the server's window."""
    async with ChatServer(kind=ServerKind(kind, window=4096)) as server:
        engine = HttpChatEngine(ModelConfig(url=server.url, name=MODEL))
        assert isinstance(engine, KnowsServer)
        windows = [engine.context_tokens]
        assert await engine.models() == [MODEL]
        windows.append(engine.context_tokens)
        assert windows == [None, 4096]
        assert engine.server == kind
        assert engine.caches_prefixes == (kind == "vllm")
        await streamed(engine, replace(REQUEST, effort="high"))
        await engine.close()
    body = server.requests[-1].body
    assert body[field] == 2048
    assert ("repetition_detection" in body) == (kind == "vllm")


async def test_nothing_is_asked_on_the_way() -> None:
    """What is known is kept: a request is one request."""
    async with ChatServer(kind=ServerKind("vllm")) as server:
        engine = HttpChatEngine(ModelConfig(url=server.url, name=MODEL))
        await engine.models()
        for _ in range(3):
            await streamed(engine, replace(REQUEST, cache_salt="salt"))
        await engine.close()
    assert [request.path.rpartition("/")[2] for request in server.requests] == ["models"] + [
        "completions"
    ] * 3
    assert server.requests[-1].body["cache_salt"] == "salt"


@pytest.mark.parametrize("kind", ["vllm", "llama_server", "ollama", "lm_studio"])
async def test_a_prompt_that_is_too_long(kind: Kind) -> None:
    """It is told with its numbers, as far as the server says them, and what to do."""
    async with ChatServer(kind=ServerKind(kind, window=8192)) as server:
        engine = HttpChatEngine(ModelConfig(url=server.url, name=MODEL))
        with pytest.raises(PromptTooLongError) as caught:
            await streamed(engine, LONG)
        await engine.close()
    if kind != "ollama":
        assert caught.value.context_tokens == 8192
        assert engine.context_tokens == 8192
    if kind in {"llama_server", "lm_studio"}:
        assert "10000 tokens" in caught.value.message
    assert caught.value.hint


async def test_an_answer_that_is_too_long_gets_less_room() -> None:
    """Where the prompt fits and the answer's room does not, the room is made smaller and asked again."""
    async with ChatServer(kind=ServerKind("vllm", window=2048)) as server:
        engine = HttpChatEngine(ModelConfig(url=server.url, name=MODEL))
        deltas = await streamed(engine, replace(REQUEST, effort="high"))
        await engine.close()
    assert any(isinstance(delta, ContentDelta) for delta in deltas)
    rooms = [request.body["max_completion_tokens"] for request in server.requests]
    assert rooms[0] == 16_384
    assert rooms[-1] <= 2048
    assert len(rooms) == 2


async def test_unknown_fields_are_left_out() -> None:
    """A server that refuses fields gets the request without them, at once the next time."""
    refused = ("reasoning_effort", "seed")
    async with ChatServer(kind=ServerKind(refuses=refused)) as server:
        engine = HttpChatEngine(ModelConfig(url=server.url, name=MODEL))
        for _ in range(2):
            assert await streamed(engine, replace(REQUEST, seed=1))
        await engine.close()
    assert not set(refused) & server.requests[-1].body.keys()
    assert not set(refused) & server.requests[-2].body.keys()


async def test_transformers_serve() -> None:
    """It takes few fields, and the effort as an argument of the template."""
    async with ChatServer(kind=ServerKind("transformers")) as server:
        engine = HttpChatEngine(ModelConfig(url=server.url, name=MODEL))
        assert await streamed(engine)
        await engine.close()
    assert engine.server == "transformers"
    assert server.requests[-1].body["chat_template_kwargs"] == {"reasoning_effort": "medium"}


async def test_a_key_from_a_file(tmp_path: Path) -> None:
    """The key of the file goes with each request; one that others can read is never sent."""
    path = tmp_path / "key"
    path.write_text("sk-of-the-file")
    path.chmod(0o600)
    async with ChatServer("error500") as server:
        engine = HttpChatEngine(ModelConfig(url=server.url, name=MODEL, api_key_file=str(path)))
        with pytest.raises(Exception, match="out of memory") as caught:
            await streamed(engine)
        assert "sk-of-the-file" not in str(caught.value)
        path.chmod(0o644)
        with pytest.raises(EngineAuthError):
            await streamed(engine)
        await engine.close()
    assert [request.headers["authorization"] for request in server.requests] == ["Bearer sk-of-the-file"]


async def test_the_key_of_a_hosted_engine() -> None:
    """An engine that we started is shown its own key, not that of the configuration."""
    async with ChatServer() as server:
        engine = HttpChatEngine(ModelConfig(url=server.url, name=MODEL), key="own")
        await streamed(engine)
        await engine.close()
    assert server.requests[-1].headers["authorization"] == "Bearer own"


async def test_metrics_of_a_server_without_any() -> None:
    """A server that measures nothing says nothing."""
    async with ChatServer() as server:
        engine = HttpChatEngine(ModelConfig(url=server.url, name=MODEL))
        assert (await engine.metrics()).running is None
        await engine.close()

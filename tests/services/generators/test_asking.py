"""Questions that are no task of a notebook."""

from __future__ import annotations

import pytest

from gptoss_lab.engines.chat import HttpChatEngine
from gptoss_lab.errors import EngineUnreachableError
from gptoss_lab.schemas.chat import ChatMessage
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.events import Event
from gptoss_lab.services.generators.answer import Answer
from gptoss_lab.services.generators.asking import Converses, WholeText
from gptoss_lab.services.generators.model import ModelGenerator
from tests.fakes.chat_server import MODEL, ChatServer
from tests.fakes.generation import ScriptedGenerator

MESSAGES = (ChatMessage(role="user", content="Which units?"),)


async def asked(script: str) -> tuple[WholeText, list[Event], ChatServer]:
    """Return the text of an answer, its events, and the server that gave it."""
    texts = [WholeText("python")]

    def listen() -> Answer:
        texts.append(WholeText("python"))
        return Answer(texts[-1])

    async with ChatServer(script) as server:
        config = ModelConfig(url=server.url, name=MODEL, idle_timeout_s=1)
        engine = HttpChatEngine(config)
        generator = ModelGenerator(engine, config)
        events = [event async for event in generator.waited()]
        events += [event async for event in generator.converse(MESSAGES, "medium", 7, listen)]
        await engine.close()
    return texts[-1], events, server


async def test_an_answer_is_one_text() -> None:
    """With its fences, and without what a server leaves of the format; no cell is opened."""
    text, events, server = await asked("groupby")
    assert "```python" in text.text
    assert not any(event.type.startswith("cell") for event in events)
    assert {"reasoning", "usage"} <= {event.type for event in events}
    body = server.requests[-1].body
    assert (body["messages"], body["reasoning_effort"], body["seed"]) == (
        [{"role": "user", "content": "Which units?"}],
        "medium",
        7,
    )
    assert "tools" not in body
    assert "response_format" not in body


async def test_a_model_that_only_thinks_is_asked_once_more() -> None:
    """At a lower effort, as for cells."""
    text, events, server = await asked("tired")
    assert text.text
    assert [request.body["reasoning_effort"] for request in server.requests if request.body] == [
        "medium",
        "low",
    ]
    assert any(event.type == "warning" for event in events)


async def test_a_server_that_is_away_is_an_error() -> None:
    """Before anything is laid out for it."""
    config = ModelConfig(url="http://127.0.0.1:9/v1")
    engine = HttpChatEngine(config)
    with pytest.raises(EngineUnreachableError):
        _ = [event async for event in ModelGenerator(engine, config).waited()]
    await engine.close()


def test_who_can_be_asked() -> None:
    """The generators over a model; those that play cells are none."""
    config = ModelConfig(url="http://127.0.0.1:9/v1")
    assert isinstance(ModelGenerator(HttpChatEngine(config), config), Converses)
    assert not isinstance(ScriptedGenerator(()), Converses)

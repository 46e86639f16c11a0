"""The question for a sketch, as a model server gets it."""

from __future__ import annotations

from gptoss_lab.engines.chat import HttpChatEngine
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.generation import CodeGenerationRequest, NotebookContext
from gptoss_lab.services.generators.model import ModelGenerator
from gptoss_lab.services.generators.sketch import MAX_TOKENS
from tests.fakes.chat_server import MODEL, ChatServer

REQUEST = CodeGenerationRequest(
    task="mean per group <|end|>", context=NotebookContext(cells=("import pandas as pd",))
)


async def test_a_model_is_asked_once_for_little() -> None:
    """At low effort, with a bounded answer; what others wrote holds no control token."""
    async with ChatServer("groupby") as server:
        config = ModelConfig(url=server.url, name=MODEL, sketch=True)
        engine = HttpChatEngine(config)
        generator = ModelGenerator(engine, config)
        assert generator.sketches
        answer = await generator.sketch(REQUEST, ["pandas", "pandas.DataFrame"])
        await engine.close()
    (sent,) = [request.body for request in server.requests if request.method == "POST"]
    assert "groupby" in answer.text
    assert answer.usage.completion_tokens > 0
    assert sent["max_completion_tokens"] <= MAX_TOKENS
    assert sent["reasoning_effort"] == "low"
    question = sent["messages"][-1]["content"]
    assert "import pandas as pd" in question
    assert "pandas.DataFrame" in question
    assert "<|end|>" not in question


def test_nobody_is_asked_unless_it_is_switched_on() -> None:
    """A sketch costs a request."""
    config = ModelConfig(url="http://127.0.0.1:9", name=MODEL)
    assert not ModelGenerator(HttpChatEngine(config), config).sketches

"""The model's reasoning is shown while it comes. It is stored nowhere."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator

import pytest

from gptoss_lab.drafts.notebook import to_notebook
from gptoss_lab.engines.chat import HttpChatEngine
from gptoss_lab.schemas.config import ExecutionConfig, ModelConfig
from gptoss_lab.schemas.events import EVENT, Event, Reasoning
from gptoss_lab.schemas.generation import CodeGenerationRequest, CodeGenerationResponse
from gptoss_lab.services.generation import GenerationService
from gptoss_lab.services.generators.model import ModelGenerator
from gptoss_lab.services.jobs import JobService
from gptoss_lab.services.lanes import generation_lane
from tests.fakes.chat_server import MODEL, ChatServer
from tests.fakes.generation import FakeCorpora, FakeExecutor

THOUGHT = "We need the mean by city"
OWNER = "ann"


async def test_reasoning_is_stored_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    """A reader at the time sees it; the job, its kept events, the notebook and the log do not hold it."""
    caplog.set_level(logging.DEBUG)
    async with ChatServer("assistantfinal") as server:
        config = ModelConfig(url=server.url, name=MODEL)
        engine = HttpChatEngine(config)
        generation = GenerationService(
            corpora=FakeCorpora(),
            executor=FakeExecutor(),
            generators={"model": ModelGenerator(engine, config)},
        )
        jobs = JobService(lanes=(generation_lane(generation.run, slots=1),), config=ExecutionConfig())
        job = jobs.submit(CodeGenerationRequest(task="t", verify=False), OWNER).job
        seen = await events(jobs.events(job, OWNER))
        again = await events(jobs.events(job, OWNER))
        response = jobs.get_as(CodeGenerationResponse, job, OWNER)
        await jobs.close()
        await engine.close()
    assert THOUGHT in thought(seen)
    assert [event.seq for event in again] == list(range(1, len(again) + 1))
    assert any(isinstance(event, Reasoning) for event in again)
    notebook = to_notebook(response, kernel="", review="pending")
    kept = [EVENT.dump_json(event).decode() for event in again]
    for text in (*kept, response.model_dump_json(), json.dumps(notebook), caplog.text):
        assert "mean by city" not in text
    assert "groupby" in json.dumps(notebook)


async def events(source: AsyncIterator[object]) -> list[Event]:
    """Return all events of a job."""
    seen: list[Event] = []
    async for batch in source:
        seen += batch if isinstance(batch, list | tuple) else [batch]  # type: ignore[list-item]
    return seen


def thought(seen: list[Event]) -> str:
    """Return the reasoning in events."""
    return "".join(event.text for event in seen if isinstance(event, Reasoning))

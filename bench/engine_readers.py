"""Two readers of the same answer: one asks the engine itself, the other our service beside it."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx

from gptoss_lab.prompts.layout import Layout, Pack
from tools.engine import missing

WINDOW_TOKENS = 8192
_APART_S = 0.1


@dataclass(slots=True)
class Reading:
    """One answer as its reader saw it. `marks` are when a character that is counted came, with how many."""

    began: float
    first: float = 0.0
    marks: list[tuple[float, int]] = field(default_factory=list)

    def saw(self, text: str, mark: str) -> None:
        """Note a piece of the answer."""
        now = time.perf_counter()
        self.first = self.first or now
        if mark in text:
            self.marks.append((now, text.count(mark)))

    @property
    def ttft_ms(self) -> float:
        """The time to the first piece."""
        return (self.first - self.began) * 1000

    @property
    def rate(self) -> float:
        """Marks per second from the question to the last: an engine may send a short answer at once."""
        return self.count / (self.marks[-1][0] - self.began)

    @property
    def count(self) -> int:
        """The marks that came."""
        return sum(count for _, count in self.marks)


class Reader(Protocol):
    """Asks once and reads `most` marks of the answer."""

    async def read(self, task: str, mark: str, most: int) -> Reading:
        """Return what it saw."""


class Direct:
    """Asks the engine as any client does: httpx, lines, JSON.

    Args:
        client: Talks to the engine.
        model: The model's name.
    """

    def __init__(self, client: httpx.AsyncClient, model: str) -> None:
        self._client = client
        self._model = model

    async def read(self, task: str, mark: str, most: int) -> Reading:
        """Return what it saw."""
        messages = Layout("python", "low", WINDOW_TOKENS).draft(task, Pack(), ()).messages
        body = {
            "model": self._model,
            "messages": [{"role": message.role, "content": message.content} for message in messages],
            "stream": True,
            "stream_options": {"include_usage": True},
            "reasoning_effort": "low",
            "max_completion_tokens": 2048,
            "temperature": 0,
        }
        reading = Reading(time.perf_counter())
        async with self._client.stream("POST", "/v1/chat/completions", json=body) as answer:
            answer.raise_for_status()
            async with aclosing(_events(answer)) as events:  # type: ignore[type-var]
                async for event in events:
                    for choice in event["choices"]:
                        delta = choice["delta"]
                        text = delta.get("content") or ""
                        if text or delta.get("reasoning"):
                            reading.saw(text, mark)
                    if reading.count >= most:
                        break
        return reading


class Ours:
    """Asks our service on a Jupyter Server.

    Args:
        client: Talks to the server, with its token.
    """

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def read(self, task: str, mark: str, most: int) -> Reading:
        """Return what it saw.

        Raises:
            RuntimeError: The generation failed.
        """
        body = {"task": task, "generator": "model", "verify": False, "max_repairs": 0, "effort": "low"}
        reading, job = Reading(time.perf_counter()), ""
        headers = {"Accept": "text/event-stream"}
        async with self._client.stream("POST", "/api/v1/code/generate", json=body, headers=headers) as answer:
            answer.raise_for_status()
            async with aclosing(_events(answer)) as events:  # type: ignore[type-var]
                async for event in events:
                    job = event["job"]
                    if event["type"] == "error":
                        raise RuntimeError(f"the generation failed: {event['problem']}")
                    if event["type"] in {"reasoning", "cell_open", "cell_delta"}:
                        reading.saw(event["text"] if event["type"] == "cell_delta" else "", mark)
                    if reading.count >= most:
                        break
        await self._client.delete(f"/api/v1/code/jobs/{job}")
        return reading


async def side_by_side(reader: Reader, task: str, mark: str, *, most: int, streams: int) -> list[Reading]:
    """Read so many answers at once, which begin one after the other as those of people do."""

    async def read(number: int) -> Reading:
        await asyncio.sleep(number * _APART_S)
        return await reader.read(task, mark, most)

    return list(await asyncio.gather(*map(read, range(streams))))


async def _events(answer: httpx.Response) -> AsyncIterator[Mapping[str, Any]]:
    async for line in answer.aiter_lines():
        if line.startswith("data: {"):
            yield json.loads(line.removeprefix("data: "))


def no_engine(bench: str) -> bool:
    """Say on standard error that a benchmark needs an engine that is not here."""
    reason = missing()
    if reason:
        print(f"{bench}: skipped on the real engine: {reason}", file=sys.stderr)
    return bool(reason)

"""Executions over HTTP, as the benchmarks ask for them and time them."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx

ADDRESS = "/api/v1/code/execute"
NDJSON = {"Accept": "application/x-ndjson"}


@dataclass(frozen=True, slots=True)
class Run:
    """One execution as its client saw it. `error` is the last thing that a cell or the run complained of."""

    status: str
    took_s: float
    error: str = ""
    text_bytes: int = 0
    warm: bool = False


async def events(client: httpx.AsyncClient, body: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
    """Yield the events of an execution as they arrive.

    Raises:
        RuntimeError: The server refused the request.
    """
    async with client.stream("POST", ADDRESS, json=body, headers=NDJSON) as response:
        if response.status_code != httpx.codes.OK:
            raise RuntimeError(f"{response.status_code}: {(await response.aread()).decode()[:500]}")
        async for line in response.aiter_lines():
            if line:
                yield json.loads(line)


async def execute(client: httpx.AsyncClient, body: dict[str, Any]) -> Run:
    """Run one request to its end.

    Raises:
        RuntimeError: The server refused it, or the stream ended without an end event.
    """
    began, error, text_bytes, warm = time.perf_counter(), "", 0, False
    async for event in events(client, body):
        kind = event["type"]
        if kind in {"stdout", "stderr"}:
            text_bytes += len(event["text"])
        elif kind == "start":
            warm = event["warm"]
        elif kind == "error":
            error = f"{event['ename']}: {event['evalue']}"
        elif kind == "end":
            problem = event["problem"] or {}
            took_s = time.perf_counter() - began
            return Run(event["status"], took_s, problem.get("detail", "") or error, text_bytes, warm)
    raise RuntimeError("The stream ended without an end event")

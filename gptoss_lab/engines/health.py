"""What the supervisor asks a hosted engine: is it well, does it still give a token.

With connection.py the only file that knows httpx to the engine.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar

import httpx

from gptoss_lab.engines.launch import Endpoint

Health = Literal["well", "dead", "silent", "absent"]
T = TypeVar("T")

_MAX_METRICS_CHARS = 4 << 20
_MAX_MESSAGE_CHARS = 300
# A kept connection may be closed by the engine in the very moment in which it is used again, and a healthy
# engine would be taken for a broken one.
_FRESH = httpx.Limits(max_keepalive_connections=0)
_CONNECT_S = 5.0


@dataclass(frozen=True, slots=True)
class TokenFault:
    """Why no token came, in words that follow "but".

    `status` is that of the answer, 0 for one that broke off; None where nothing came at all.
    """

    words: str
    status: int | None = None


class EngineProbe:
    """A client of one engine's socket.

    Args:
        endpoint: Where it answers.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._model = endpoint.model
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # never used, and quick to make
        self._client = httpx.AsyncClient(
            base_url="http://engine",
            transport=httpx.AsyncHTTPTransport(
                uds=str(endpoint.socket), verify=context, trust_env=False, limits=_FRESH
            ),
            headers={"Authorization": f"Bearer {endpoint.key}"} if endpoint.key else {},
            timeout=httpx.Timeout(None, connect=_CONNECT_S),
            trust_env=False,
        )

    async def health(self, timeout_s: float) -> Health:
        """Ask for its health: "absent" is not listening, "dead" says so itself."""
        try:
            response = await _bounded(self._client.get("/health"), timeout_s)
        except httpx.ConnectError:
            return "absent"
        except httpx.HTTPError:
            return "silent"
        if response is None:
            return "silent"
        return "well" if response.status_code == httpx.codes.OK else "dead"

    async def fault(self, timeout_s: float) -> TokenFault | None:
        """Ask for one token; return None when it came, else why not."""
        body: dict[str, Any] = {
            "model": self._model,
            "messages": [{"role": "user", "content": "Say yes."}],
            "max_completion_tokens": 1,
            "stream": False,
        }
        try:
            response = await _bounded(self._client.post("/v1/chat/completions", json=body), timeout_s)
        except httpx.HTTPError as error:
            return TokenFault(f"it broke off ({type(error).__name__})", 0)
        if response is None:
            return TokenFault(f"it gave no token in {timeout_s:g} s")
        if response.is_success:
            return None
        words = f"it answered {response.status_code}: {response.text[:_MAX_MESSAGE_CHARS]}"
        return TokenFault(words, response.status_code)

    async def post(self, path: str, timeout_s: float) -> bool:
        """Send a command without a body, and say whether it was taken."""
        try:
            response = await _bounded(self._client.post(path), timeout_s)
        except httpx.HTTPError:
            return False
        return response is not None and response.is_success

    async def metrics(self, timeout_s: float) -> str:
        """Return its metrics in Prometheus' text format; empty where it has none."""
        try:
            response = await _bounded(self._client.get("/metrics"), timeout_s)
        except httpx.HTTPError:
            return ""
        return response.text[:_MAX_METRICS_CHARS] if response is not None and response.is_success else ""

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()


@cache
def preload() -> None:
    """Have httpx import now what it would import with the first request; for a thread.

    It takes longer than an event loop should stand still.
    """
    asyncio.run(_ask_nobody())


async def _ask_nobody() -> None:
    probe = EngineProbe(Endpoint(Path("/nobody/listens/here"), ""))
    await probe.health(_CONNECT_S)
    await probe.close()


async def _bounded(work: Awaitable[T], timeout_s: float) -> T | None:
    """Await for at most so long, and return None after; a cancellation is never lost."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait({task}, timeout=timeout_s)
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
    return None if task.cancelled() else task.result()


def work_done(metrics: str) -> float | None:
    """Return how many tokens an engine says to have read and written; None where it does not say."""
    total = None
    for line in metrics.splitlines():
        if line.startswith("#") or "tokens" not in line.partition("{")[0]:
            continue
        try:
            total = (total or 0.0) + float(line.rpartition(" ")[2])
        except ValueError:
            continue
    return total

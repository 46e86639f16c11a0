"""Model servers on this machine, found by looking; offered, never taken."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Collection, Sequence
from typing import Any

import psutil

from gptoss_lab.engines.connection import Connection, Waits
from gptoss_lab.engines.families import NAMES, family_of, models_of
from gptoss_lab.errors import EngineError
from gptoss_lab.schemas.model import FoundServer

# vLLM and transformers serve, llama-server (its own and its gpt-oss preset's), LM Studio, Ollama.
PORTS = (8000, 8080, 8013, 1234, 11434)
HOSTS = ("127.0.0.1", "[::1]")
_WAITS = Waits(connect_s=0.5, first_byte_s=1.5, idle_s=0.5)
_ALTOGETHER_S = 3.0
_MAX_BYTES = 1 << 18
_MAX_MODELS = 50
_MAX_NAME_CHARS = 200
_NO_CHAT = re.compile(r"embed|rerank|whisper|\btts\b|bge-|clip", re.IGNORECASE)


async def find_servers(
    ports: Sequence[int] = PORTS, *, own: Collection[int] | None = None
) -> tuple[FoundServer, ...]:
    """Return the chat servers on the usual ports of the loopback addresses, in the order of the ports.

    Each is asked for its models, once, without a key, and is given a few seconds.

    Args:
        ports: Where to look.
        own: Ports that are never asked; those on which this process listens when not given.
    """
    skipped = await asyncio.to_thread(own_ports) if own is None else own
    wanted = [port for port in ports if port not in skipped]
    places = [(port, host) for port in wanted for host in HOSTS]
    asked = [asyncio.ensure_future(_look(f"http://{host}:{port}/v1")) for port, host in places]
    try:
        if asked:
            await asyncio.wait(asked, timeout=_ALTOGETHER_S)
    finally:
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
    found: dict[int, FoundServer] = {}
    for (port, _), task in zip(places, asked, strict=True):
        server = None if task.cancelled() else task.result()
        if server is not None:
            found.setdefault(port, server)
    return tuple(found.values())


def own_ports() -> frozenset[int]:
    """Return the TCP ports on which this process listens: the Jupyter server's own."""
    try:
        connections = psutil.Process(os.getpid()).net_connections(kind="tcp")
    except psutil.Error:
        return frozenset()
    return frozenset(row.laddr.port for row in connections if row.status == psutil.CONN_LISTEN)


async def _look(url: str) -> FoundServer | None:
    connection = Connection(url, _WAITS)
    try:
        async with connection.sent("GET", "/models") as answer:
            if not answer.is_success or answer.kind != "application/json":
                return None
            listing = json.loads(await answer.text(_MAX_BYTES))
            family = family_of(answer.headers, listing)
    except (EngineError, ValueError, RecursionError):
        return None  # most ports have nothing, or something else
    finally:
        await connection.close()
    names = _chat_models(listing)
    return FoundServer(name=NAMES[family], url=url, models=names) if names else None


def _chat_models(listing: Any) -> tuple[str, ...]:
    """Return the names of the models that may be chatted with."""
    names = [row.name for row in models_of(listing) or []]
    able = [name for name in names if name.isprintable() and 0 < len(name) <= _MAX_NAME_CHARS]
    return tuple(name for name in able if not _NO_CHAT.search(name))[:_MAX_MODELS]

"""Many readers that wait for events of a job that says nothing, on a real server: does it still answer?

python -m bench.idle_streams [--streams 10000]

The job waits for a model that never answers. As many streams are opened as are asked for and the limit on
open files allows; one more is refused. Requests are timed with and without the streams, which are the peer.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import socket
import sys
import time
from dataclasses import dataclass
from typing import Any

import httpx
import psutil

from bench.figure import Figure, percentile, report
from bench.server import Server, jupyter_server

BENCH = "idle_streams"
WANTED = 10_000
SPARE_FILES = 500
AT_ONCE = 64
REQUESTS = 100
ANSWER_MS = 100.0
WITHIN_S = 120.0


@dataclass(frozen=True, slots=True)
class Measured:
    """What was seen. Times are those of one request after the other, in milliseconds."""

    streams: int
    opened_in_s: float
    kib_per_stream: float
    alone_ms: tuple[float, ...]
    beside_ms: tuple[float, ...]
    refused: int
    retry_after: str
    after_leaving: int


def possible(wanted: int) -> int:
    """Return how many streams one process can have open here; the limit is raised as far as it may be."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    room = wanted if hard == resource.RLIM_INFINITY else hard - SPARE_FILES
    return max(1, min(wanted, room))


def measure(wanted: int) -> Measured:
    """Open the streams, ask beside them, be refused, and leave."""
    count = possible(wanted)
    with socket.socket() as model:
        model.bind(("127.0.0.1", 0))
        model.listen()  # it is connected to, and never answers
        config: dict[str, Any] = {
            "sandbox": {"runtime": "none"},
            "model": {
                "url": f"http://127.0.0.1:{model.getsockname()[1]}/v1",
                "name": "silent",
                "first_byte_timeout_s": 3600,
            },
            "access": {"reads_per_minute": 0, "readers": 0, "readers_in_all": count},
        }
        with jupyter_server(extension=True, config=config) as server:
            return asyncio.run(_measured(server, count))


async def _measured(server: Server, count: int) -> Measured:
    headers = {"Authorization": f"token {server.token}"}
    async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=60, trust_env=False) as client:
        task = {"task": "wait", "generator": "model", "verify": False}
        job = (await client.post("/api/v1/code/generate", json=task)).raise_for_status().json()["job"]
        path = f"/api/v1/code/jobs/{job}"
        process = psutil.Process(server.pid)
        alone, before = await _timed(client, path), process.memory_info().rss
        began = time.monotonic()
        streams = await _open(client, f"{path}/events", count)
        took_s, grown = time.monotonic() - began, process.memory_info().rss - before
        beside = await _timed(client, path)
        refusal = await client.get(f"{path}/events")
        for _, writer in streams:
            writer.close()
        return Measured(
            streams=count,
            opened_in_s=took_s,
            kib_per_stream=grown / count / 1024,
            alone_ms=alone,
            beside_ms=beside,
            refused=refusal.status_code,
            retry_after=refusal.headers.get("Retry-After", ""),
            after_leaving=await _let_in(client, f"{path}/events"),
        )


async def _timed(client: httpx.AsyncClient, path: str) -> tuple[float, ...]:
    found = []
    for _ in range(REQUESTS):
        began = time.perf_counter()
        (await client.get(path)).raise_for_status()
        found.append((time.perf_counter() - began) * 1000)
    return tuple(found)


async def _open(
    client: httpx.AsyncClient, path: str, count: int
) -> list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Open streams and wait until each has its first event."""
    room = asyncio.Semaphore(AT_ONCE)
    host, port = str(client.base_url.host), client.base_url.port
    asked = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {client.headers['Authorization']}\r\n\r\n"

    async def one() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        async with room:
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(asked.encode())
            head = await reader.readuntil(b"\r\n\r\n")
            if b" 200 " not in head.partition(b"\r\n")[0]:
                raise RuntimeError(f"a stream was refused: {head[:200]!r}")
            await reader.readuntil(b"\n\n")
            return reader, writer

    return list(await asyncio.gather(*(one() for _ in range(count))))


async def _let_in(client: httpx.AsyncClient, path: str) -> int:
    """Return how a reader is answered once the others have left."""
    until = time.monotonic() + WITHIN_S
    while True:
        async with client.stream("GET", path) as answer:
            if answer.status_code == httpx.codes.OK or time.monotonic() > until:
                return answer.status_code
        await asyncio.sleep(0.2)


def main() -> int:
    """Print the figures; return 1 where one is missed."""
    parser = argparse.ArgumentParser(description="Hold many idle streams of events open.")
    parser.add_argument("--streams", type=int, default=WANTED, help="how many, as far as files may be open")
    found = measure(parser.parse_args().streams)
    peer = "no stream"
    beside, alone = (percentile(times, 95) for times in (found.beside_ms, found.alone_ms))
    figures = [
        Figure(BENCH, "open streams", found.streams, "streams"),
        Figure(BENCH, "opening one", found.opened_in_s / found.streams * 1000, "ms"),
        Figure(BENCH, "memory of one", found.kib_per_stream, "KiB"),
        Figure(BENCH, "answer p95", beside, "ms", peer, alone, threshold=ANSWER_MS),
        Figure(
            BENCH, "one too many is refused", float(found.refused == 503), "", threshold=1.0, at_most=False
        ),
        Figure(
            BENCH,
            "a place is free again",
            float(found.after_leaving == 200),
            "",
            threshold=1.0,
            at_most=False,
        ),
    ]
    return report(figures)


if __name__ == "__main__":
    sys.exit(main())

"""Many who follow one job: how late each event reaches each of them, and what that costs the server.

    python -m bench.sse_readers [--readers 200]

A model server sends the time in each token, 300 a second; every reader follows the same job over HTTP, as the
tabs of a class that watches one generation would. The peer is one reader alone.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil

from bench.fast_model import MODEL
from bench.figure import Figure, percentile, report
from bench.server import Server, jupyter_server
from bench.stream_latency import model_server

BENCH = "sse_readers"
RATE, SECONDS = 300, 12.0
DELAY_MS = 50.0
PEER = "one reader alone"
_SENT = re.compile(rb"(\d{9,});")
_DELTA = b'"cell_delta"'
_CHUNK = 1 << 16


@dataclass(slots=True)
class Seen:
    """What all readers saw: how old each token was, and what the server took meanwhile.

    Only tokens count that were sent when all `readers` were there: those before are old for who comes late.
    """

    readers: int
    here: int = 0
    since_ns: int = 1 << 62
    ages_ms: list[float] = field(default_factory=list)
    cpu_percent: float = 0.0
    resident_mb: float = 0.0

    def come(self, now_ns: int) -> None:
        """Note that one more reader gets events."""
        self.here += 1
        if self.here == self.readers:
            self.since_ns = now_ns

    def note(self, sent_ns: Iterable[int], now_ns: int) -> None:
        """Note when tokens came that were sent at these times."""
        self.ages_ms.extend((now_ns - sent) / 1e6 for sent in sent_ns if sent >= self.since_ns)


async def follow(server: Server, job: str, seen: Seen) -> None:
    """Read the events of a job to their end, as bytes: a client that parses them would measure itself."""
    host, _, port = server.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=1 << 20)
    head = f"GET /api/v1/code/jobs/{job}/events HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n"
    writer.write(f"{head}Authorization: token {server.token}\r\nAccept: text/event-stream\r\n\r\n".encode())
    rest, ended, came = b"", False, False
    while piece := await reader.read(_CHUNK):
        now = time.monotonic_ns()
        if not came:
            came = True
            seen.come(now)
        whole, _, rest = (rest + piece).rpartition(b"\n")
        for line in whole.split(b"\n"):
            if _DELTA in line:
                seen.note(map(int, _SENT.findall(line)), now)
            ended = ended or line.startswith(b"event: done")
    writer.close()
    assert ended, "the stream broke off"


async def followed(server: Server, readers: int) -> Seen:
    """Have a job followed by so many."""
    body = {"task": "bench", "generator": "model", "verify": False, "max_repairs": 0}
    with server.client() as client:
        job = client.post("/api/v1/code/generate", json=body).json()["job"]
    process, seen = psutil.Process(server.pid), Seen(readers)
    begin, before = time.perf_counter(), sum(process.cpu_times()[:2])
    await asyncio.gather(*(follow(server, job, seen) for _ in range(readers)))
    took_s = time.perf_counter() - begin
    seen.cpu_percent = (sum(process.cpu_times()[:2]) - before) / took_s * 100
    seen.resident_mb = process.memory_info().rss / (1 << 20)
    return seen


@contextmanager
def running() -> Iterator[Server]:
    """Run a server on a model that sends 300 tokens a second."""
    with tempfile.TemporaryDirectory() as data, model_server(RATE, int(RATE * SECONDS)) as url:
        config = {
            "model": {"url": url, "name": MODEL},
            "sandbox": {"runtime": "none"},
            "access": {"readers": 0, "reads_per_minute": 0},
        }
        with jupyter_server(extension=True, config=config, env={"GPTOSS_LAB_DATA_DIR": data}) as server:
            yield server


def main() -> int:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=200)
    options = parser.parse_args()
    with running() as server:
        alone = asyncio.run(followed(server, 1))
        many = asyncio.run(followed(server, options.readers))
    told = f"{options.readers} readers of {RATE} tokens/s"
    return report([
        Figure(
            BENCH,
            f"{told}: age of a token, p95",
            percentile(many.ages_ms, 95),
            "ms",
            PEER,
            percentile(alone.ages_ms, 95),
            DELAY_MS,
        ),
        Figure(
            BENCH,
            f"{told}: age of a token, p50",
            percentile(many.ages_ms, 50),
            "ms",
            PEER,
            percentile(alone.ages_ms, 50),
        ),
        Figure(BENCH, f"{told}: processor", many.cpu_percent, "% of a core", PEER, alone.cpu_percent),
        Figure(BENCH, f"{told}: memory", many.resident_mb, "MiB", PEER, alone.resident_mb),
    ])


if __name__ == "__main__":
    raise SystemExit(main())

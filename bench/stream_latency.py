"""What our path adds to each streamed token, beside reading the model server directly.

    python -m bench.stream_latency

A model server in a process of its own sends the time in every token, so that each reader knows how
old a token is. Three readers: httpx on the model server itself (the peer), our engine and generator
in this process, and an SSE client of a running Jupyter Server with our extension.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import re
import secrets
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import httpx

from bench.fast_model import MODEL
from bench.figure import Figure, percentile, report
from gptoss_lab.engines.chat import HttpChatEngine
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.events import CellDelta
from gptoss_lab.schemas.generation import CodeGenerationRequest
from gptoss_lab.services.generators.base import Brief
from gptoss_lab.services.generators.model import ModelGenerator

BENCH = "stream_latency"
RATE = 300
MAX_ADDED_MS = 5.0
MIN_RATIO = 0.97
_SENT = re.compile(r"(\d{9,});")
_READY_S = 60.0
_STOP_S = 15.0

Reader = Callable[[str], AsyncIterator[str]]


@dataclass(frozen=True, slots=True)
class Run:
    """One stream as a reader saw it: the age of each token, and the rate over all."""

    ages_ms: list[float]
    tokens_per_s: float


async def direct(url: str) -> AsyncIterator[str]:
    """Read the model server as any client does: httpx, lines, JSON."""
    body = {"model": MODEL, "stream": True, "messages": [{"role": "user", "content": "x"}]}
    async with (
        httpx.AsyncClient(timeout=None) as client,  # noqa: S113 - the bench has its own limit
        client.stream("POST", f"{url}/chat/completions", json=body) as response,
    ):
        async for line in response.aiter_lines():
            if line.startswith("data: {"):
                yield json.loads(line[6:])["choices"][0]["delta"].get("content") or ""


async def generator(url: str) -> AsyncIterator[str]:
    """Read our own events, in this process."""
    config = ModelConfig(url=url, name=MODEL)
    engine = HttpChatEngine(config)
    brief = Brief(CodeGenerationRequest(task="bench"))
    async for event in ModelGenerator(engine, config).draft(brief):
        if isinstance(event, CellDelta):
            yield event.text
    await engine.close()


async def measured(pieces: AsyncIterator[str]) -> Run:
    """Read a whole stream and note how old each token was."""
    ages: list[float] = []
    first = last = 0
    async for piece in pieces:
        now = time.monotonic_ns()
        for sent in map(int, _SENT.findall(piece)):
            ages.append((now - sent) / 1e6)
            first, last = first or sent, now
    return Run(ages, len(ages) / ((last - first) / 1e9))


@contextmanager
def model_server(rate: float, tokens: int) -> Iterator[str]:
    """Run the fast model server in a process of its own."""
    command = [sys.executable, "-m", "bench.fast_model", "--rate", str(rate), "--tokens", str(tokens)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


@contextmanager
def jupyter_server(model_url: str) -> Iterator[Reader]:
    """Run a Jupyter Server with our extension on the model server, and give its reader."""
    token, port = secrets.token_hex(16), _free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = [
            *(sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root"),
            *(f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--ServerApp.root_dir={folder}"),
            "--ServerApp.jpserver_extensions={'gptoss_lab': True}",
            f"--GptossLabApp.model={{'url': '{model_url}', 'name': '{MODEL}'}}",
            "--GptossLabApp.sandbox={'runtime': 'none'}",
        ]
        env = {**os.environ, "JUPYTER_TOKEN": token, "GPTOSS_LAB_DATA_DIR": folder, "JUPYTER_NO_CONFIG": "1"}
        log = Path(folder, "server.log")
        with (
            log.open("w", encoding="utf-8") as sink,
            subprocess.Popen(command, stdout=sink, stderr=sink, env=env) as process,
        ):
            client = httpx.Client(
                base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"token {token}"}
            )
            try:
                _await_ready(client, process, log)
                yield lambda _: through(str(client.base_url), token)
            finally:
                client.close()
                process.terminate()
                _end(process)


async def through(base: str, token: str) -> AsyncIterator[str]:
    """Generate over HTTP and read the cells' deltas from the event stream.

    The stream is read to its end, so that no check of the cells runs beside the next measurement.

    Raises:
        SystemExit: The server refused the request, or the generation failed.
    """
    headers = {"Authorization": f"token {token}", "Accept": "text/event-stream"}
    body = {"task": "bench", "generator": "model", "verify": False, "max_repairs": 0}
    async with (
        httpx.AsyncClient(base_url=base, headers=headers, timeout=None) as client,  # noqa: S113 - as above
        client.stream("POST", "/api/v1/code/generate", json=body) as response,
    ):
        if response.status_code != httpx.codes.OK:
            raise SystemExit(f"generate answered {response.status_code}: {(await response.aread())[:500]!r}")
        async for line in response.aiter_lines():
            if not line.startswith("data: {"):
                continue
            event = json.loads(line[6:])
            if event["type"] == "cell_delta":
                yield event["text"]
            elif event["type"] == "error":
                raise SystemExit(f"the generation failed: {event['problem']}")


def _await_ready(client: httpx.Client, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _READY_S
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            if client.get("/api/v1/health").is_success:
                return
        time.sleep(0.1)
    raise SystemExit(f"Jupyter Server did not start:\n{log.read_text(encoding='utf-8')[-3000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _read(reader: Reader, url: str) -> Run:
    return asyncio.run(measured(reader(url)))


def latency(name: str, url: str, reader: Reader) -> list[Figure]:
    """Compare the age of tokens at a steady rate with that of the direct reader."""
    peer, ours = _read(direct, url), _read(reader, url)
    usual = statistics.median(peer.ages_ms)
    peer_added = percentile(peer.ages_ms, 95) - usual
    return [
        Figure(
            BENCH,
            f"{name}: added latency per token at {RATE} tokens/s, {label}",
            percentile(ours.ages_ms, percent) - usual,
            "ms",
            "direct httpx, p95 over its own median",
            peer_added,
            MAX_ADDED_MS if percent == 95 else None,
        )
        for label, percent in (("p50", 50), ("p95", 95), ("p99", 99))
    ]


def throughput(name: str, url: str, reader: Reader, rounds: int) -> Figure:
    """Compare the rate at full speed with that of the direct reader, in turns."""
    pairs = [(_read(direct, url).tokens_per_s, _read(reader, url).tokens_per_s) for _ in range(rounds)]
    peer, ours = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratio = statistics.median(own / other for other, own in pairs)
    return Figure(
        BENCH,
        f"{name}: throughput at full speed over direct reading ({ours:.0f} tokens/s)",
        ratio,
        "ratio",
        "direct httpx, tokens/s",
        peer,
        MIN_RATIO,
        at_most=False,
    )


def figures(seconds: float, rounds: int, only: str | None) -> Iterator[Figure]:
    """Measure each reader at the steady rate, then at full speed."""
    for rate, tokens in ((RATE, int(RATE * seconds)), (0, 60_000)):
        with model_server(rate, tokens) as url, contextlib.ExitStack() as stack:
            readers: dict[str, Reader] = {"engine": generator} if only != "server" else {}
            if only != "engine" and find_spec("gptoss_lab.extension"):
                readers["server"] = stack.enter_context(jupyter_server(url))
            for name, reader in readers.items():
                if rate:
                    yield from latency(name, url, reader)
                else:
                    yield throughput(name, url, reader, rounds)


def main() -> int:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="length of each steady stream")
    parser.add_argument("--reader", choices=("engine", "server"), help="measure one reader only")
    parser.add_argument("--rounds", type=int, default=3, help="pairs of streams at full speed")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the servers end with the bench
    return report(list(figures(options.seconds, options.rounds, options.reader)))


if __name__ == "__main__":
    sys.exit(main())

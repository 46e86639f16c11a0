"""What our service costs beside the engine itself: time to the first token, and tokens per second.

    python -m bench.engine_stream

The same prompts go to the engine directly (the peer) and through a Jupyter Server with our extension,
in turns, one, four and eight at a time, which begin 100 ms apart: on a server that streams 300 tokens
per second, and on a real vLLM with the tiny model. The last figure is how soon the
engine is idle after a cancel.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import statistics
import sys
import time
from collections.abc import Iterator, Sequence

import httpx

from bench.engine_readers import WINDOW_TOKENS, Direct, Ours, Reader, Reading, no_engine, side_by_side
from bench.fast_model import MODEL as FAST_MODEL
from bench.figure import Figure, percentile, report
from bench.server import Server, jupyter_server
from bench.stream_latency import RATE, model_server
from tests.tiny.build import shared_folder, tiny_model
from tests.tiny.engine import MODEL, RealEngine, real_engine, setting_of
from tests.tiny.lessons import REGRESSION
from tools.engine import engine_python

BENCH = "engine_stream"
MAX_ADDED_MS = 10.0
MIN_RATIO = 0.97
MAX_IDLE_S = 1.0
STREAMS = (1, 4, 8)
_ON_ITS_WAY_S = 0.5


def main() -> int:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="turns per number of streams")
    parser.add_argument("--only", choices=("fast", "vllm"), help="measure on one engine only")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the engine ends with the bench
    figures: list[Figure] = []
    if options.only != "vllm":
        figures += on_fast_model(options.rounds)
    if options.only != "fast" and not no_engine(BENCH):
        figures += on_vllm(options.rounds)
    return report(figures)


def on_fast_model(rounds: int) -> list[Figure]:
    """Measure on the server that only streams."""
    with model_server(RATE, 3 * RATE) as url, jupyter_server(extension=True, config=_config(url)) as server:
        direct = httpx.AsyncClient(base_url=url.removesuffix("/v1"), timeout=120, trust_env=False)
        return asyncio.run(
            compare(f"{RATE} tokens/s", direct, FAST_MODEL, server, rounds=rounds, task="bench", mark=";")
        )


def on_vllm(rounds: int) -> list[Figure]:
    """Measure on vLLM."""
    setting = setting_of(engine_python(), tiny_model(shared_folder()))
    with (
        real_engine(setting) as engine,
        jupyter_server(extension=True, config=_config(engine.url)) as server,
    ):
        transport = httpx.AsyncHTTPTransport(uds=str(engine.socket))
        direct = httpx.AsyncClient(transport=transport, base_url="http://engine", timeout=120)
        figures = asyncio.run(
            compare("vLLM", direct, MODEL, server, rounds=rounds, task=REGRESSION.task, mark="e")
        )
        return [*figures, cancelled(engine, server)]


def _config(url: str) -> dict[str, object]:
    return {
        "model": {"url": url, "temperature": 0, "context_tokens": WINDOW_TOKENS, "effort": "low"},
        "sandbox": {"runtime": "none"},
        "execution": {"max_jobs": max(STREAMS)},
    }


async def compare(  # noqa: PLR0913 - what is measured, and how
    name: str, direct: httpx.AsyncClient, model: str, server: Server, *, rounds: int, task: str, mark: str
) -> list[Figure]:
    """Read in turns and compare; the first turn only warms up."""
    headers = {"Authorization": f"token {server.token}"}
    limits = httpx.Limits(max_connections=None)
    figures: list[Figure] = []
    async with (
        direct,
        httpx.AsyncClient(
            base_url=server.url, headers=headers, timeout=120, trust_env=False, limits=limits
        ) as client,
    ):
        readers: tuple[Reader, Reader] = (Direct(direct, model), Ours(client))
        most = 3 * RATE
        for streams in STREAMS:
            turns: list[tuple[list[Reading], list[Reading]]] = []
            for turn in range(rounds + 1):
                pair = [
                    await side_by_side(reader, task, mark, most=most, streams=streams) for reader in readers
                ]
                turns += [(pair[0], pair[1])] if turn else []
            figures += _figures(f"{name}, {streams} at once", turns)
    return figures


def _figures(name: str, turns: Sequence[tuple[list[Reading], list[Reading]]]) -> Iterator[Figure]:
    peer, ours = ([reading.ttft_ms for pair in turns for reading in pair[side]] for side in (0, 1))
    for label, percent, threshold in (("p50", 50, None), ("p95", 95, MAX_ADDED_MS)):
        alone = percentile(peer, percent)
        added = percentile(ours, percent) - alone
        yield Figure(
            BENCH,
            f"{name}: added time to first token, {label}",
            added,
            "ms",
            "the engine directly",
            alone,
            threshold,
        )
    rates = [tuple(sum(reading.rate for reading in pair[side]) for side in (0, 1)) for pair in turns]
    yield Figure(
        BENCH,
        f"{name}: speed of the stream over direct reading",
        statistics.median(own / other for other, own in rates),
        "ratio",
        "the engine directly, letters e or tokens per second",
        statistics.median(other for other, _ in rates),
        MIN_RATIO,
        at_most=False,
    )


def cancelled(engine: RealEngine, server: Server, rounds: int = 5) -> Figure:
    """Measure how long the engine works on after the cancel of an answer that it has just begun.

    The engine is held until then: the tiny model's answers would end before.
    """
    took = []
    with server.client() as client:
        for _ in range(rounds):
            body = {"task": REGRESSION.task, "generator": "model", "verify": False}
            with engine.held():
                job = client.post("/api/v1/code/generate", json=body).raise_for_status().json()["job"]
                time.sleep(_ON_ITS_WAY_S)
                client.delete(f"/api/v1/code/jobs/{job}")
            began = time.perf_counter()
            while not engine.is_idle():
                time.sleep(0.02)
            took.append(time.perf_counter() - began)
    return Figure(BENCH, "vLLM: from a cancel to an idle engine, worst", max(took), "s", threshold=MAX_IDLE_S)


if __name__ == "__main__":
    sys.exit(main())

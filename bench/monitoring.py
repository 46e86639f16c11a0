"""What it costs to watch: a scrape after many jobs, counting while a model streams, and a look at health.

    python -m bench.monitoring [--jobs 10000]

The scrape is that of a server that has seen many models, templates and errors; its peer is one that has seen
nothing. Counting is measured as processor time per token through engine, generator and job, with and
without the watcher, in turns. Health is asked over HTTP beside a handler of Jupyter's own on the same server.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

from prometheus_client import generate_latest

from bench.fast_model import MODEL
from bench.figure import Figure, percentile, report
from bench.server import jupyter_server
from bench.stream_latency import model_server
from gptoss_lab.engines.chat import HttpChatEngine
from gptoss_lab.schemas.config import ExecutionConfig, ModelConfig
from gptoss_lab.schemas.events import Done, Event, Failed, Generator, Stage
from gptoss_lab.schemas.execution import SandboxStatus
from gptoss_lab.schemas.generation import CodeGenerationRequest, Problem
from gptoss_lab.services.generators.base import Brief
from gptoss_lab.services.generators.model import ModelGenerator
from gptoss_lab.services.jobs import JobService, Watcher
from gptoss_lab.services.lanes import generation_lane
from gptoss_lab.services.metrics.service import MetricsService
from gptoss_lab.services.quality.keeper import QualityKeeper

BENCH = "monitoring"
SCRAPE_MS, MOST_COST = 20.0, 0.01
SCRAPES, ROUNDS, TOKENS = 40, 7, 20_000
MODELS, TEMPLATES, CODES = 40, 5, 20
ROUTES = [f"/api/v1/route{number}" for number in range(40)]
ASKED = CodeGenerationRequest(task="bench")
NO_SANDBOX = SandboxStatus(available=False)
HEALTH_S = 3.0


def lived(jobs: int, folder: Path) -> MetricsService:
    """Return the metrics of a server that has seen many jobs of all kinds."""
    quality = QualityKeeper(folder, 90)
    metrics = MetricsService(quality)

    async def run(request: CodeGenerationRequest) -> AsyncIterator[Event]:
        number = next(numbers)
        del request
        model, templates = f"model-{number % MODELS}", f"t{number % TEMPLATES}"
        yield Stage(stage="collect")
        yield Generator(generator="model", model=model, templates=templates, sandbox=NO_SANDBOX)
        yield Stage(stage="stream")
        if number % 3:
            yield Done(state="done", cells=0)
            return
        code = f"code{number % CODES}"
        yield Failed(problem=Problem(title="x", status=500, code=code))

    numbers: Iterator[int] = iter(range(jobs))

    async def live() -> None:
        config = ExecutionConfig(max_jobs=1, max_jobs_kept=10)
        lane = generation_lane(run, slots=8)
        service = JobService(lanes=(lane,), config=config, watchers=(metrics.jobs,), most_waiting=0)
        for _ in range(jobs):
            await service.finished(service.submit(ASKED, "me").job, "me")
        for route in ROUTES:
            for status in (200, 404, 500):
                metrics.answered(route, "GET", status, 0.01)
        await service.close()
        await quality.close()

    asyncio.run(live())
    return metrics


def scrape_ms(text: Callable[[], bytes]) -> tuple[float, float, int]:
    """Return the time of a scrape and its processor time, both p95, and its lines."""
    taken, spent, told = [], [], b""
    for _ in range(SCRAPES):
        begin, before = time.perf_counter(), time.thread_time()
        told = text()
        spent.append((time.thread_time() - before) * 1000)
        taken.append((time.perf_counter() - begin) * 1000)
    return percentile(taken, 95), percentile(spent, 95), told.count(b"\n")


async def token_us(url: str, watchers: tuple[Watcher, ...]) -> float:
    """Return the processor time of this process for each token of a stream at full speed."""
    config = ModelConfig(url=url, name=MODEL)
    engine = HttpChatEngine(config)

    async def run(request: CodeGenerationRequest) -> AsyncIterator[Event]:
        yield Stage(stage="prompt")
        async for event in ModelGenerator(engine, config).draft(Brief(request)):
            yield event
        yield Done(state="done", cells=1)

    lane = generation_lane(run, slots=1)
    service = JobService(lanes=(lane,), config=ExecutionConfig(), watchers=watchers)
    begin = time.process_time()
    await service.finished(service.submit(ASKED, "me").job, "me")
    spent_us = (time.process_time() - begin) * 1e6
    await service.close()
    await engine.close()
    return spent_us / TOKENS


def counting(folder: Path) -> Figure:
    """Compare streams with and without the watcher, in turns."""
    plain, watched = [], []

    async def one(url: str) -> float:
        quality = QualityKeeper(folder, 90)
        spent = await token_us(url, (MetricsService(quality).jobs,))
        await quality.close()
        return spent

    with model_server(0, TOKENS) as url:
        for _ in range(ROUNDS):
            plain.append(asyncio.run(token_us(url, ())))
            watched.append(asyncio.run(one(url)))
    bare, ours = min(plain), min(watched)
    return Figure(
        BENCH,
        f"counting while a model streams, over processor time per token (least of {ROUNDS}; {ours:.1f} us)",
        ours / bare - 1,
        "share",
        "the same without it, us per token",
        bare,
        MOST_COST,
    )


def per_second(ask: Callable[[], int]) -> float:
    """Return how often something can be asked in a second, one question after the other."""
    begin, count = time.perf_counter(), 0
    while time.perf_counter() - begin < HEALTH_S:
        assert ask() == 200, "the server refused"
        count += 1
    return count / (time.perf_counter() - begin)


def health() -> list[Figure]:
    """Compare a look at health with Jupyter's own smallest answers, on one server."""
    config = {
        "sandbox": {"runtime": "none"},
        "model": {"engine": "none"},
        "access": {"reads_per_minute": 0},
    }
    with tempfile.TemporaryDirectory() as data:
        env = {"GPTOSS_LAB_DATA_DIR": data}
        with jupyter_server(extension=True, config=config, env=env) as server, server.client() as client:
            rates: dict[str, list[float]] = {}
            for _ in range(2):
                for path in ("/api", "/api/status", "/api/v1/health", "/api/v1/monitor", "/api/v1/metrics"):
                    rate = per_second(lambda path=path: client.get(path).status_code)  # type: ignore[misc]
                    rates.setdefault(path, []).append(rate)
    peer = statistics.median(rates["/api"])
    return [
        Figure(BENCH, f"GET {path}", statistics.median(found), "requests/s", "GET /api of Jupyter", peer)
        for path, found in rates.items()
        if path != "/api"
    ]


def main() -> int:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=10_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(f"Running {options.jobs} jobs", file=sys.stderr)
        metrics = lived(options.jobs, Path(folder))
        registry = metrics._instruments.registry  # noqa: SLF001 - the peer writes the same
        full, spent, lines = scrape_ms(metrics.text)
        empty, _, _ = scrape_ms(MetricsService().text)
        _, library, _ = scrape_ms(lambda: generate_latest(registry))
        told = f"after {options.jobs} jobs ({lines} lines)"
        figures = [
            Figure(BENCH, f"scrape p95 {told}", full, "ms", "before any job", empty, SCRAPE_MS),
            Figure(
                BENCH, f"processor time of a scrape p95 {told}", spent, "ms", "prometheus-client", library
            ),
            counting(Path(folder)),
        ]
    return report([*figures, *health()])


if __name__ == "__main__":
    raise SystemExit(main())

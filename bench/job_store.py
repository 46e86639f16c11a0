"""Jobs on the disk: a list of many, what they cost a server's start, and what keeping one costs.

python -m bench.job_store [--jobs 100000]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path

from bench.figure import Figure, percentile, report
from gptoss_lab.schemas.config import ExecutionConfig
from gptoss_lab.schemas.generation import CodeGenerationRequest, JobSummary
from gptoss_lab.services.job_archive import JobArchive
from gptoss_lab.services.job_store.keeper import JobKeeper
from gptoss_lab.services.job_store.records import JobRecord, StoredEvent
from gptoss_lab.services.job_store.store import JobStore
from gptoss_lab.services.jobs import JobService

BENCH = "job_store"
PEER = "an empty store"
LIST_MS, START_MS = 20.0, 200.0
OWNERS = 10
EVENTS = 4
LISTS = 200
AT = "2026-01-01T00:00:00.000+00:00"


def filled(folder: Path, count: int) -> None:
    """Fill a store with jobs of several people."""
    store = JobStore(folder)
    sent = CodeGenerationRequest(task="mean of one column grouped by another").model_dump_json()
    for first in range(0, count, 1000):
        jobs, events = [], []
        for number in range(first, min(first + 1000, count)):
            name = f"{number:032x}"
            summary = JobSummary(job=name, state="done", task="mean", language="python", created_at=AT)
            jobs.append(
                JobRecord(
                    name,
                    f"p{number % OWNERS}",
                    "generate",
                    AT,
                    AT,
                    sent,
                    "",
                    summary.model_dump_json(),
                    "",
                    "",
                )
            )
            data = json.dumps({"type": "warning", "message": "x" * 200})
            events += [StoredEvent(name, seq, data, 200) for seq in range(1, EVENTS + 1)]
        store.write(jobs, events, ())
    store.close()


async def measured(folder: Path) -> tuple[float, list[float]]:
    """Return the seconds until the first page of a server that was just started, and those of more pages."""
    config = ExecutionConfig(max_job_age_days=36_500)
    keeper = JobKeeper(folder, config)
    archive = JobArchive(JobService(lanes=(), config=config, watchers=(keeper,)), keeper, config)
    begin = time.perf_counter()
    await archive.list("p0")
    first_s = time.perf_counter() - begin
    taken, before = [], ""
    for number in range(LISTS):
        begin = time.perf_counter()
        page = await archive.list(f"p{number % OWNERS}", before=before if number % 2 else "")
        taken.append(time.perf_counter() - begin)
        before = page.next
    await archive.close()
    return first_s, taken


def main() -> int:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as empty, tempfile.TemporaryDirectory() as full:
        filled(Path(empty), 0)
        print(f"Filling a store with {options.jobs} jobs", file=sys.stderr)
        filled(Path(full), options.jobs)
        nothing_s, nothing = asyncio.run(measured(Path(empty)))
        first_s, taken = asyncio.run(measured(Path(full)))
    figures = [
        Figure(
            BENCH,
            f"list p95, {options.jobs} jobs",
            percentile(taken, 95) * 1000,
            "ms",
            PEER,
            percentile(nothing, 95) * 1000,
            LIST_MS,
        ),
        Figure(
            BENCH,
            f"first list after a start, {options.jobs} jobs, more than without",
            (first_s - nothing_s) * 1000,
            "ms",
            PEER,
            nothing_s * 1000,
            START_MS,
        ),
    ]
    return report(figures)


if __name__ == "__main__":
    raise SystemExit(main())

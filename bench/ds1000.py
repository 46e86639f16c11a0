"""Reference solutions of DS-1000 through `/code/execute` of a real server, each in a sandbox of its own.

    python -m bench.ds1000 [--tasks FILE] [--limit N] [--concurrency N] [--timeout S]

Every row must end with a definite status. A solution that was written for older libraries may fail;
the reasons are printed on standard error, the most frequent first.

Source: https://github.com/xlang-ai/DS-1000 (the harness of a row defines `test_execution`)
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx

from bench.execute_client import Run, execute
from bench.figure import Figure, percentile, report
from bench.kernels import subjects
from bench.server import Server, jupyter_server

BENCH = "ds1000"
TASKS = Path(__file__).resolve().parents[2] / "shared" / "data" / "tasks-dev.jsonl.gz"
DEFINITE = {"ok", "error", "timeout", "oom", "died", "output_limit"}
OK_SHARE = 0.88
SLACK_S = 120.0
CALL = """

_solution = {solution!r}
test_execution(_solution)
if "test_string" in globals():
    test_string(_solution)
print("passed")
"""


def read_tasks(path: Path, limit: int) -> list[dict[str, Any]]:
    """Return the rows that have a harness."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    found = [row for row in rows if row.get("harness") and row["set"] == "ds1000"]
    return found[:limit] if limit else found


def program(row: dict[str, Any]) -> str:
    """Return the cell that runs a row's reference solution against its harness."""
    return str(row["harness"]) + CALL.format(solution=row["reference"])


async def run_all(
    server: Server, rows: Sequence[dict[str, Any]], concurrency: int, timeout_s: float
) -> list[Run]:
    """Run the rows, some at a time; a row whose stream breaks has the status "none"."""
    slots = asyncio.Semaphore(concurrency)

    async def one(client: httpx.AsyncClient, row: dict[str, Any]) -> Run:
        body = {"code": program(row), "timeout_s": timeout_s, "check": False}
        async with slots:
            try:
                run = await asyncio.wait_for(execute(client, body), timeout_s + SLACK_S)
            except (httpx.HTTPError, RuntimeError, asyncio.TimeoutError) as error:
                run = Run("none", timeout_s, f"{type(error).__name__}: {error}")
        if run.status != "ok":
            print(
                f"{row['id']} {row['library']}: {run.status} {run.error[:150]}", file=sys.stderr, flush=True
            )
        return run

    headers = {"Authorization": f"token {server.token}"}
    timeout = httpx.Timeout(timeout_s + SLACK_S)
    limits = httpx.Limits(max_connections=concurrency)
    async with httpx.AsyncClient(
        base_url=server.url, headers=headers, timeout=timeout, limits=limits, trust_env=False
    ) as client:
        return list(await asyncio.gather(*(one(client, row) for row in rows)))


def figures(runtime: str, rows: Sequence[dict[str, Any]], runs: Sequence[Run], took_s: float) -> list[Figure]:
    """Return the figures of one pass."""
    ok = [run for run in runs if run.status == "ok"]
    indefinite = sum(run.status not in DEFINITE for run in runs)
    taken = [run.took_s for run in runs]
    by_library = Counter(row["library"] for row in rows)
    passed = Counter(row["library"] for row, run in zip(rows, runs, strict=True) if run.status == "ok")
    found = [
        Figure(BENCH, f"rows, {runtime}", len(rows), "rows"),
        Figure(BENCH, f"rows without a definite status, {runtime}", indefinite, "rows", threshold=0),
        Figure(
            BENCH,
            f"reference solutions that pass, {runtime}",
            len(ok) / len(runs),
            "share",
            threshold=OK_SHARE,
            at_most=False,
        ),
        Figure(BENCH, f"wall time, {runtime}", took_s, "s"),
        Figure(BENCH, f"one row, {runtime}, p50", percentile(taken, 50), "s"),
        Figure(BENCH, f"one row, {runtime}, p95", percentile(taken, 95), "s"),
    ]
    found += [
        Figure(BENCH, f"pass, {library}, {runtime}", passed[library] / count, "share")
        for library, count in sorted(by_library.items())
    ]
    return found


def python_runtimes() -> list[str]:
    """Return the runtimes that can run Python now, the preferred one first."""
    return [one.runtime for one in asyncio.run(subjects()) if one.language == "python"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=Path, default=TASKS)
    parser.add_argument("--limit", type=int, default=0, help="only the first rows")
    parser.add_argument("--concurrency", type=int, default=2)
    parser.add_argument("--timeout", type=float, default=60.0, help="seconds for one row")
    parser.add_argument("--runtime", choices=("docker", "bubblewrap"), default=None)
    options = parser.parse_args(arguments)
    if not options.tasks.is_file():
        print(f"No tasks at {options.tasks}; name the file with --tasks.", file=sys.stderr)
        return 2
    runtimes = [options.runtime] if options.runtime else python_runtimes()[:1]
    if not runtimes:
        print("No sandbox can run here; `jupyter gptoss doctor` says why.", file=sys.stderr)
        return 2
    rows = read_tasks(options.tasks, options.limit)
    sandbox = {"runtime": runtimes[0], "max_sandboxes": options.concurrency + 1}
    config = {"sandbox": sandbox, "execution": {"max_jobs": options.concurrency}}
    with jupyter_server(extension=True, config=config) as server:
        began = time.perf_counter()
        runs = asyncio.run(run_all(server, rows, options.concurrency, options.timeout))
        took_s = time.perf_counter() - began
    return report(figures(runtimes[0], rows, runs, took_s))


if __name__ == "__main__":
    raise SystemExit(main())

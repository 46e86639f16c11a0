"""Measures the API check on tasks of DS-1000's form: `python -m bench.api_check --tasks FILE`.

False alarms are counted on the reference solutions that pass today's libraries, what is caught on those that
fail by an API that has gone, and on seeded mistakes in those that pass, each proved by a run to be one.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.api_mutants import KINDS, Mutant, mutants
from bench.api_peers import ask_peers
from bench.api_place import (
    Program,
    check_all,
    is_api_error,
    is_found,
    packages_of,
    run_all,
    variables_of,
)
from bench.api_tasks import Task, task_of
from bench.ds1000 import read_tasks
from bench.figure import Figure, percentile, report
from bench.sandbox_output import LagMeter
from gptoss_lab.sandbox.catalog import make_runtimes
from gptoss_lab.schemas.config import SandboxConfig
from gptoss_lab.services.execution import ExecutionService

BENCH = "api_check"
DATA_VARIABLE = "GPTOSS_BENCH_DATA"
FALSE_ALARMS = 0.005
DRIFT_CAUGHT = 0.70
MISTAKES_CAUGHT = 0.90
LEAST_MISTAKES = 1000
LAG_MS = 50.0
SEED = 7


@dataclass(slots=True)
class Sample:
    """Programs by name: those that are right, and those that a run proved wrong."""

    right: dict[str, Program]
    drift: dict[str, Program]
    wrong: dict[str, Program]
    kinds: dict[str, str]
    texts: dict[str, str]

    @property
    def programs(self) -> dict[str, Program]:
        """Return all of them."""
        return {**self.right, **self.drift, **self.wrong}


async def sample(service: ExecutionService, tasks: Sequence[Task], options: argparse.Namespace) -> Sample:
    """Run references and mutants; keep what the runs prove."""
    first = await run_all(service, tasks, {task.id: [task.solution] for task in tasks}, options.timeout)
    found = Sample({}, {}, {}, {}, {})
    passing: list[Task] = []
    for task in tasks:
        run, known = first[task.id]["runs"][0], variables_of(first[task.id])
        if run["status"] == "ok":
            passing.append(task)
            found.right[task.id] = Program(task.cells(), known)
        elif is_api_error(run):
            found.drift[task.id] = Program(task.cells(), known)
        else:
            print(f"{task.id}: fails otherwise: {run['message'][:100]}", file=sys.stderr)
        found.texts[task.id] = task.whole()
    made: dict[str, list[Mutant]] = {
        task.id: list(mutants(task, options.seed, options.mutants)) for task in passing
    }
    second = await run_all(
        service,
        passing,
        {name: [one.solution for one in some] for name, some in made.items()},
        options.timeout,
    )
    for task in passing:
        for number, mutant in enumerate(made[task.id]):
            name = f"{task.id}-{number}"
            if is_api_error(second[task.id]["runs"][number]):
                found.wrong[name] = Program(task.cells(mutant.solution), found.right[task.id].variables)
                found.kinds[name] = mutant.kind
                found.texts[name] = task.whole(mutant.solution)
    return found


def figures(
    what: str, sampled: Sample, named: set[str], *, judged: bool, peers: Mapping[str, set[str]]
) -> list[Figure]:
    """Return the figures of one way to check; `named` are the programs that were complained of."""
    groups: dict[str, Sequence[str]] = {
        "false alarms": list(sampled.right),
        "drift caught": list(sampled.drift),
        "mistakes caught": list(sampled.wrong),
    }
    by_kind: dict[str, list[str]] = defaultdict(list)
    for name, kind in sampled.kinds.items():
        by_kind[kind].append(name)
    groups.update({f"{kind} caught": by_kind[kind] for kind in KINDS if by_kind[kind]})
    limits = {"false alarms": FALSE_ALARMS, "drift caught": DRIFT_CAUGHT, "mistakes caught": MISTAKES_CAUGHT}
    rows: list[Figure] = []
    for group, names in groups.items():
        rows += [
            Figure(
                BENCH,
                f"{group} of {len(names)}, {what}",
                len(named & set(names)) / max(1, len(names)),
                "share",
                peer=peer,
                peer_value=len(told & set(names)) / max(1, len(names)),
                threshold=limits.get(group) if judged else None,
                at_most=group == "false alarms",
            )
            for peer, told in peers.items()
        ]
    return rows


async def measure(
    service: ExecutionService, tasks: Sequence[Task], options: argparse.Namespace
) -> list[Figure]:
    """Run, check, and let the type checkers look at the same files."""
    sampled = await sample(service, tasks, options)
    programs = sampled.programs
    bare = {name: Program(program.cells) for name, program in programs.items()}
    async with LagMeter() as meter:
        with_types = await check_all(service, programs)
        without = await check_all(service, bare)
    packages = await packages_of(service)
    told = ask_peers(sampled.texts, packages) if packages is not None else []
    peers = {one.checker: set(one.named) for one in told} or {"": set()}
    found = [Figure(BENCH, f"programs, {one.checker}", one.took_s, "s") for one in told]
    for what, answers, judged in (("live types", with_types, True), ("source alone", without, False)):
        named = {name for name, program in programs.items() if is_found(answers[name], program)}
        _tell(what, sampled, named, answers)
        found += figures(what, sampled, named, judged=judged, peers=peers)
    taken_ms = [answer["took_s"] * 1000 for answer in with_types.values()]
    mistakes = Counter(sampled.kinds.values())
    print(f"mistakes by kind: {dict(mistakes)}", file=sys.stderr)
    return [
        *found,
        Figure(BENCH, "reference solutions that pass", len(sampled.right), "programs"),
        Figure(
            BENCH,
            "mistakes proved by a run",
            len(sampled.wrong),
            "programs",
            threshold=LEAST_MISTAKES,
            at_most=False,
        ),
        Figure(BENCH, "one notebook, p50", percentile(taken_ms, 50), "ms"),
        Figure(BENCH, "one notebook, p95", percentile(taken_ms, 95), "ms"),
        Figure(BENCH, "one notebook, maximum", max(taken_ms), "ms"),
        Figure(BENCH, "event-loop lag p99", percentile(meter.lags_ms, 99), "ms", threshold=LAG_MS),
    ]


def _tell(what: str, sampled: Sample, named: set[str], answers: Mapping[str, Any]) -> None:
    for name in sorted(named & set(sampled.right)):
        print(f"{what}: false alarm on {name}: {answers[name]['findings'][:1]}", file=sys.stderr)
    for name in sorted(set(sampled.drift) - named):
        print(f"{what}: drift missed in {name}", file=sys.stderr)


async def run(tasks: Sequence[Task], options: argparse.Namespace) -> list[Figure]:
    """Measure in the sandbox that the product would take."""
    config = SandboxConfig.model_validate({"runtime": options.runtime} if options.runtime else {})
    service = ExecutionService(config=config, runtimes=make_runtimes(config))
    try:
        return await measure(service, tasks, options)
    finally:
        await service.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    folder = os.environ.get(DATA_VARIABLE, "")
    parser.add_argument("--tasks", type=Path, default=Path(folder, "tasks-dev.jsonl.gz") if folder else None)
    parser.add_argument("--limit", type=int, default=0, help="only the first rows")
    parser.add_argument("--mutants", type=int, default=1, help="mistakes of each kind in each program")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--timeout", type=int, default=60, help="seconds for one program")
    parser.add_argument("--runtime", choices=("docker", "bubblewrap"), default=None)
    options = parser.parse_args(arguments)
    if options.tasks is None or not options.tasks.is_file():
        print(f"No tasks: name the file with --tasks, or its folder in {DATA_VARIABLE}.", file=sys.stderr)
        return 1
    tasks = [task for row in read_tasks(options.tasks, options.limit) if (task := task_of(row))]
    return report(asyncio.run(run(tasks, options)))


if __name__ == "__main__":
    raise SystemExit(main())

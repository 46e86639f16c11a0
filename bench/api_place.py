"""The sandbox that programs are run and checked in, and what they answered there."""

from __future__ import annotations

import ast
import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.api_runner import SCRIPT
from bench.api_tasks import Task
from gptoss_lab.checks.api import agent_script, api_payload
from gptoss_lab.checks.cells import Cell
from gptoss_lab.schemas.generation import NotebookColumn, NotebookVariable
from gptoss_lab.services.execution import ExecutionService

BATCH = 40
CHECKED_AT_ONCE = 150
BATCH_WITHIN_S = 3000.0
WARM = ("numpy", "pandas", "scipy.stats", "scipy.optimize", "sklearn", "matplotlib.pyplot", "seaborn")
# Programs that import the same are checked in one process: the product starts one for each notebook.
_DOOR = """
import contextlib, os, time, warnings
warnings.simplefilter("ignore")
main, libraries = (sys.modules["gptoss_lab.checks.agent." + name] for name in ("main", "library"))
answers = {}
for tops, programs in json.load(sys.stdin).items():
    read, write = os.pipe()
    if not os.fork():
        with contextlib.redirect_stdout(sys.stderr):
            library, told = libraries.Library(), {}
            for top in filter(None, tops.split(",")):
                library.load(top)
            library.candidates
            for name, payload in programs.items():
                library.complete, began = True, time.perf_counter()
                found = main.check(payload, library)
                told[name] = {"findings": found["findings"][:1], "modules": found["modules"]}
                told[name].update(took_s=time.perf_counter() - began)
        with os.fdopen(write, "wb") as pipe:
            pipe.write(json.dumps(told).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        answers.update(json.loads(pipe.read()))
    os.wait()
json.dump(answers, sys.stdout)
"""
_IMPORTS = re.compile(r"^\s*(?:from|import)\s+(\w+)", re.MULTILINE)
_ARGUMENTS = re.compile(r"argument|takes |multiple values|parameter")


@dataclass(frozen=True, slots=True)
class Program:
    """Cells to check, and what the live kernel holds before the last of them."""

    cells: tuple[str, ...]
    variables: tuple[NotebookVariable, ...] = ()


async def run_all(
    service: ExecutionService, tasks: Sequence[Task], solutions: Mapping[str, Sequence[str]], timeout_s: int
) -> dict[str, Any]:
    """Run solutions of tasks against their harness; return per task its runs and its variables."""
    answers: dict[str, Any] = {}
    chosen = [task for task in tasks if solutions.get(task.id)]
    for start in range(0, len(chosen), BATCH):
        rows = [
            {
                "id": task.id,
                "harness": task.harness,
                "prefix": task.prefix,
                "variables": True,
                "variants": list(solutions[task.id]),
            }
            for task in chosen[start : start + BATCH]
        ]
        payload = json.dumps({"timeout_s": timeout_s, "warm": WARM, "rows": rows})
        answers.update(json.loads(await service.inspect("python", SCRIPT, payload, timeout_s=BATCH_WITHIN_S)))
    return answers


async def check_all(service: ExecutionService, programs: Mapping[str, Program]) -> dict[str, Any]:
    """Check programs, some at a time; return the agent's answers."""
    names = sorted(programs, key=lambda name: (_tops(programs[name]), name))
    answers: dict[str, Any] = {}
    for start in range(0, len(names), CHECKED_AT_ONCE):
        groups: dict[str, dict[str, Any]] = defaultdict(dict)
        for name in names[start : start + CHECKED_AT_ONCE]:
            groups[_tops(programs[name])][name] = json.loads(_payload(programs[name]))
        payload = json.dumps(groups)
        answer = await service.inspect("python", agent_script(_DOOR), payload, timeout_s=BATCH_WITHIN_S)
        answers.update(json.loads(answer))
    return answers


def _tops(program: Program) -> str:
    return ",".join(sorted(set(_IMPORTS.findall("\n".join(program.cells)))))


def _payload(program: Program) -> str:
    first = len(program.cells) - 1 if program.variables else 0
    cells = [Cell(str(number), cell) for number, cell in enumerate(program.cells) if number >= first]
    return api_payload(cells, program.cells[:first], program.variables)


def variables_of(answer: Mapping[str, Any]) -> tuple[NotebookVariable, ...]:
    """Return what the kernel held before the solution, as the page tells it."""
    return tuple(
        NotebookVariable(
            name=name,
            type=told["type"],
            columns=tuple(
                NotebookColumn(name=column[:200], type=kind) for column, kind in told["columns"][:200]
            ),
        )
        for name, told in answer["variables"].items()
    )


def is_api_error(run: Mapping[str, Any]) -> bool:
    """Say whether a run failed by a name or call that the libraries do not have.

    The rule: AttributeError, ImportError, or a TypeError that speaks of arguments.
    """
    kinds = set(run.get("error", "").split(","))
    if kinds & {"AttributeError", "ImportError"}:
        return True
    return "TypeError" in kinds and bool(_ARGUMENTS.search(run["message"]))


def is_found(answer: Mapping[str, Any], program: Program) -> bool:
    """Say whether a check reports an error: the API check, or the package check by what it told."""
    if answer["findings"]:
        return True
    missing = {name for name, found in answer["modules"].items() if not found}
    return any(_imports_one(cell, missing) for cell in program.cells)


def _imports_one(cell: str, missing: set[str]) -> bool:
    names = _IMPORTS.findall(cell)
    return bool(missing & set(names)) and bool(ast.parse(cell))


async def packages_of(service: ExecutionService) -> Path | None:
    """Return the folder of the sandbox's packages on this machine."""
    roots = [path for path, kind in await service.library_roots() if kind == "sandbox"]
    return roots[0] if roots else None

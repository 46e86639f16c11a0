"""Every check and test that this machine can run; what it cannot run is listed with the reason.

Run by `make test`. `GPTOSS_REQUIRE=docker,bubblewrap,chromium,vllm,debian` turns a skip of that kind
into a failure. Tests with real engines, sandboxes and browsers depend on what else the machine does: those
that fail are run once more, alone, and the summary names each that only the second run passed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TextIO

from tools.debian import unobtainable
from tools.engine import missing
from tools.steps import Outcome, Step, once_more, run, summarise

REQUIRED = frozenset(filter(None, os.environ.get("GPTOSS_REQUIRE", "").split(",")))
AT_ONCE = 2
PRINTING = threading.Lock()


def real(name: str, marked: str) -> Step:
    """Return a step of pytest on the real thing, with a memory of its own for what failed."""
    memory = ("-o", f"cache_dir=.pytest_cache/{name}")
    command = ("python", "-m", "pytest", "-q", "-m", marked, *memory)
    return Step(name, command, again=("--last-failed", "--last-failed-no-failures", "none"))


UNIT = "not docker and not bubblewrap and not vllm and not debian"
DEBIAN = "debian and not docker and not bubblewrap and not vllm"
SANDBOXES = "(docker or bubblewrap) and not vllm"

# The steps of one group run two at a time. Those of sandboxes count what a machine has, so that no two
# tests of that kind run at once; what starts no sandbox is no concern of theirs, and runs beside them.
GROUPS: Sequence[Sequence[Step]] = (
    (Step("ruff", ("ruff", "check", "."), quick=True),),
    (Step("format", ("ruff", "format", "--check", "."), quick=True),),
    (Step("imports", ("lint-imports",), quick=True),),
    (Step("wire", ("python", "tools/wire_schema.py", "--check"), quick=True),),
    (
        Step("jest", ("jlpm", "test"), quick=True),
        Step("lint", ("jlpm", "lint"), quick=True),
        Step("docs", ("python", "-m", "tools.docs"), quick=True),
        Step("mypy", ("mypy",), quick=True),
    ),
    (Step("unit", ("python", "-m", "pytest", "-q", "-n", "logical", "-m", UNIT), quick=True),),
    (
        Step(
            "environment",
            ("jupyter-gptoss", "sandbox", "build", "python", "--runtime", "bubblewrap"),
            "bubblewrap",
        ),
    ),
    (Step("image", ("jupyter-gptoss", "sandbox", "build", "python", "--runtime", "docker"), "docker"),),
    (Step("image-r", ("jupyter-gptoss", "sandbox", "build", "r", "--runtime", "docker"), "docker"),),
    (Step("engine", ("python", "-m", "tools.engine"), "vllm"),),
    (Step("debian", ("python", "-m", "tools.debian"), "debian"),),
    (
        real("sandboxes", SANDBOXES),
        real("engines", "vllm"),
        real("documents", DEBIAN),
        Step("wheel", ("python", "-m", "tools.wheel")),
        Step("binder", ("python", "-m", "tools.binder")),
        Step("sbom", ("python", "-m", "tools.sbom")),
        Step("deploy", ("python", "-m", "tools.deploy")),
        Step("api", ("python", "-m", "tools.api")),
    ),
    (Step("ui", ("python", "-m", "tools.ui"), "chromium", again=("--last-failed",)),),
)


def main() -> int:
    """Run the steps; return the exit status."""
    parser = argparse.ArgumentParser(description="Check and test the checkout.")
    parser.add_argument("--quick", action="store_true", help="static checks and unit tests only")
    parser.add_argument("--only", default="", help="run this step alone")
    options = parser.parse_args()
    outcomes: list[Outcome] = []
    for group in GROUPS:
        steps = [step for step in group if step.quick or not options.quick]
        if options.only:
            steps = [step for step in group if step.name == options.only]
        outcomes += [once_more(outcome) for outcome in run_group(steps)]
    return summarise(outcomes)


def run_group(steps: Sequence[Step]) -> list[Outcome]:
    """Run steps side by side; what each prints comes whole, when it has ended."""
    if len(steps) == 1:
        return [run_step(steps[0], sys.stdout)]

    def told(step: Step) -> Outcome:
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as printed:
            outcome = run_step(step, printed)
            printed.seek(0)
            with PRINTING:
                shutil.copyfileobj(printed, sys.stdout)
                sys.stdout.flush()
            return outcome

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(told, steps))


def run_step(step: Step, printed: TextIO) -> Outcome:
    """Run one step where the machine can."""
    reason = REASONS[step.needs]() if step.needs else ""
    if reason:
        return Outcome(step, "failed" if step.needs in REQUIRED else "skipped", reason=reason)
    print(f"\n=== {step.name}: {' '.join(step.command)}", file=printed, flush=True)
    begin = time.monotonic()
    status, failures = run(step.command, printed)
    return Outcome(step, status, time.monotonic() - begin, failures=failures)


@cache
def docker_reason() -> str:
    """Say why Docker cannot be used; empty when it can."""
    from tests.conftest import docker_reason as reason  # noqa: PLC0415 - needs the test packages

    return reason()


@cache
def bubblewrap_reason() -> str:
    """Say why bubblewrap cannot be used; empty when it can."""
    from tests.conftest import bubblewrap_reason as reason  # noqa: PLC0415 - needs the test packages

    return reason()


@cache
def vllm_reason() -> str:
    """Say why no engine is made; empty when it is there or was asked for: it is a large download."""
    return "" if "vllm" in REQUIRED else missing()


@cache
def chromium_reason() -> str:
    """Say why no browser test can run; empty when they can."""
    found = os.environ.get("CHROMIUM_PATH") or shutil.which("chromium") or shutil.which("google-chrome")
    return "" if found else "no Chromium here; apt install chromium, or set CHROMIUM_PATH"


REASONS: Mapping[str, Callable[[], str]] = {
    "docker": docker_reason,
    "bubblewrap": bubblewrap_reason,
    "chromium": chromium_reason,
    "vllm": vllm_reason,
    "debian": unobtainable,
}

if __name__ == "__main__":
    raise SystemExit(main())

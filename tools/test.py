"""Every check and test that this machine can run; what it cannot run is listed with the reason.

Run by `make test`. `GPTOSS_REQUIRE=docker,bubblewrap,chromium,vllm` turns a skip of that kind
into a failure.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tools.engine import missing

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
DATA = Path(os.environ.get("GPTOSS_LAB_TEST_DATA_DIR", ROOT / ".local" / "test-data"))
REQUIRED = frozenset(filter(None, os.environ.get("GPTOSS_REQUIRE", "").split(",")))


@dataclass(frozen=True)
class Step:
    """One command. `needs` names what the machine must have; `quick` steps run with --quick."""

    name: str
    command: Sequence[str]
    needs: str = ""
    quick: bool = False
    cwd: Path = ROOT


KINDS = ("docker", "bubblewrap", "vllm")
UNIT = " and ".join(f"not {kind}" for kind in KINDS)

STEPS = (
    Step("ruff", ("ruff", "check", "."), quick=True),
    Step("format", ("ruff", "format", "--check", "."), quick=True),
    Step("mypy", ("mypy",), quick=True),
    Step("imports", ("lint-imports",), quick=True),
    Step("wire", ("python", "tools/wire_schema.py", "--check"), quick=True),
    Step("lint", ("jlpm", "lint"), quick=True),
    Step("jest", ("jlpm", "test"), quick=True),
    Step("unit", ("python", "-m", "pytest", "-q", "-n", "logical", "-m", UNIT), quick=True),
    Step(
        "environment",
        ("jupyter-gptoss", "sandbox", "build", "python", "--runtime", "bubblewrap"),
        "bubblewrap",
    ),
    Step("image", ("jupyter-gptoss", "sandbox", "build", "python", "--runtime", "docker"), "docker"),
    Step("image-r", ("jupyter-gptoss", "sandbox", "build", "r", "--runtime", "docker"), "docker"),
    Step("engine", ("python", "-m", "tools.engine"), "vllm"),
    # Those of sandboxes and engines measure, and count what the machine has: one at a time.
    Step("pytest", ("python", "-m", "pytest", "-q", "-m", " or ".join(KINDS))),
    Step("wheel", ("python", "-m", "tools.wheel")),
    Step("ui", ("python", "-m", "tools.ui"), "chromium"),
)


def main() -> int:
    """Run the steps; return the exit status."""
    parser = argparse.ArgumentParser(description="Check and test the checkout.")
    parser.add_argument("--quick", action="store_true", help="static checks and unit tests only")
    parser.add_argument("--only", default="", help="run this step alone")
    options = parser.parse_args()
    steps = [step for step in STEPS if step.quick or not options.quick]
    if options.only:
        steps = [step for step in STEPS if step.name == options.only]
    return summarise([run_step(step) for step in steps])


@dataclass(frozen=True)
class Outcome:
    """How a step ended; `reason` is why it was skipped or failed before it ran."""

    step: Step
    status: str
    duration_s: float = 0.0
    reason: str = ""


def run_step(step: Step) -> Outcome:
    """Run one step where the machine can."""
    reason = REASONS[step.needs]() if step.needs else ""
    if reason:
        return Outcome(step, "failed" if step.needs in REQUIRED else "skipped", reason=reason)
    print(f"\n=== {step.name}: {' '.join(step.command)}", flush=True)
    begin = time.monotonic()
    done = subprocess.run(
        [shutil.which(step.command[0], path=environment()["PATH"]) or step.command[0], *step.command[1:]],
        cwd=step.cwd,
        env=environment(),
        check=False,
    )
    return Outcome(step, "failed" if done.returncode else "passed", time.monotonic() - begin)


def summarise(outcomes: Sequence[Outcome]) -> int:
    """Print a line per step; return 1 where one failed."""
    print("\n=== summary")
    for outcome in outcomes:
        why = f"  ({outcome.reason})" if outcome.reason else ""
        print(f"{outcome.status:8} {outcome.step.name:12} {outcome.duration_s:6.1f} s{why}")
    count = {status: sum(o.status == status for o in outcomes) for status in ("passed", "failed", "skipped")}
    print(f"steps: {count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped")
    return 1 if count["failed"] else 0


@cache
def environment() -> Mapping[str, str]:
    """Return the environment of a step: the checkout's programs first, test data in one place."""
    DATA.mkdir(parents=True, exist_ok=True)
    return {
        **os.environ,
        "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "GPTOSS_LAB_DATA_DIR": str(DATA),
        "GPTOSS_LAB_TEST_DATA_DIR": str(DATA),
    }


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
}

if __name__ == "__main__":
    raise SystemExit(main())

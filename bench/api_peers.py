"""Type checkers over the same programs, as files: ty and basedpyright."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

VERSIONS = {"ty": "0.0.105", "basedpyright": "1.40.2"}
# What they say of names and calls; a type that does not fit is another trade.
TY = {
    "unresolved-attribute",
    "missing-attribute",
    "unresolved-import",
    "unknown-argument",
    "too-many-positional-arguments",
    "missing-argument",
    "no-matching-overload",
    "call-non-callable",
}
PYRIGHT = {"reportAttributeAccessIssue", "reportCallIssue", "reportMissingImports"}
_TY_LINE = re.compile(r"^(?P<file>[^:\n]+\.py):\d+:\d+: error\[(?P<rule>[\w-]+)\]", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Told:
    """The programs that a checker complains of, and the seconds that it took for all."""

    checker: str
    named: frozenset[str]
    took_s: float


def ask_peers(programs: Mapping[str, str], packages: Path) -> list[Told]:
    """Run each checker that is installed over the programs; `packages` is the sandbox's folder of them."""
    found: list[Told] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for program, source in programs.items():
            (folder / f"{program}.py").write_text(source, encoding="utf-8")
        for checker, run in (("ty", _ty), ("basedpyright", _pyright)):
            command = _command(checker)
            if not command:
                print(
                    f"{checker} is not installed; `pip install {checker}=={VERSIONS[checker]}`",
                    file=sys.stderr,
                )
                continue
            began = time.perf_counter()
            named = run(command, folder, packages)
            found.append(Told(checker, frozenset(named), time.perf_counter() - began))
    return found


def _command(name: str) -> str:
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.is_file() else shutil.which(name) or ""


def _ty(command: str, folder: Path, packages: Path) -> set[str]:
    words = [command, "check", "--output-format", "concise", "--extra-search-path", str(packages), "."]
    run = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    if run.returncode not in {0, 1}:
        raise RuntimeError(f"ty failed: {run.stderr[-500:]}")
    return {Path(m["file"]).stem for m in _TY_LINE.finditer(run.stdout) if m["rule"] in TY}


def _pyright(command: str, folder: Path, packages: Path) -> set[str]:
    config = {"extraPaths": [str(packages)], "typeCheckingMode": "standard", "include": ["."]}
    (folder / "pyrightconfig.json").write_text(json.dumps(config))
    run = subprocess.run([command, "--outputjson"], cwd=folder, capture_output=True, text=True, check=False)
    told = json.loads(run.stdout)["generalDiagnostics"]
    return {
        Path(entry["file"]).stem
        for entry in told
        if entry["severity"] == "error" and entry.get("rule") in PYRIGHT
    }

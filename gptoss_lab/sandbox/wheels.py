"""Ask for wheels, and read what the fetching program says of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from packaging.utils import canonicalize_name

from gptoss_lab.errors import GptossError, PackageRefusedError, SandboxError, StorageError
from gptoss_lab.sandbox.lock import Lock
from gptoss_lab.sandbox.wheel_fetch import RESULT

MAX_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class WheelOrder:
    """What to fetch. With `exact` the packages are pins that are taken as they are, if they can be had.

    Args:
        packages: Names or pins.
        installed: What is there and keeps its version.
        exact: Do not follow dependencies; leave out what is not to be had.
        max_bytes: How much may be fetched.
    """

    packages: tuple[str, ...]
    installed: Mapping[str, str]
    exact: bool = False
    max_bytes: int = MAX_BYTES

    def command(self, python: str, pip: Sequence[str], folder: str) -> list[str]:
        """Return the command that fetches into `folder`."""
        asked = {
            "pip": list(pip),
            "folder": folder,
            "packages": list(self.packages),
            "constraints": [f"{name}=={version}" for name, version in self.installed.items()],
            "max_bytes": self.max_bytes,
            "exact": self.exact,
        }
        return [python, "-I", "-c", fetch_source(), json.dumps(asked)]


@dataclass(frozen=True, slots=True)
class Wheels:
    """What was fetched: a lock of it, and the pins that could not be had."""

    lock: Lock
    missing: tuple[str, ...]


@cache
def fetch_source() -> str:
    """Return the program that fetches."""
    return (Path(__file__).parent / "wheel_fetch.py").read_text(encoding="utf-8")


def read_wheels(line: str, packages: Sequence[str]) -> Wheels:
    """Read the last line of the program.

    Raises:
        PackageRefusedError: A package is unknown, does not fit, or is too large.
        StorageError: The disk is full.
        SandboxError: The index did not answer, or pip failed otherwise.
    """
    if not line.startswith(RESULT):
        raise SandboxError(f"Fetching the packages ended early: {line[-500:]}")
    result = json.loads(line.removeprefix(RESULT))
    if "problem" in result:
        error = _problem(result["problem"], result["words"], result["package"], packages)
        raise error
    rows = sorted(result["wheels"], key=lambda row: str(row["name"]).lower())
    text = "".join(f"{row['name']}=={row['version']} --hash=sha256:{row['sha256']}\n" for row in rows)
    return Wheels(Lock(text), tuple(result["missing"]))


def refuse_denied(lock: Lock, denied: frozenset[str]) -> None:
    """Refuse a lock that holds what may not be added, asked for or not.

    Raises:
        PackageRefusedError: It does.
    """
    for name, _ in lock.pins:
        if canonicalize_name(name) in denied:
            raise PackageRefusedError(
                f"The administrator does not allow the package {name}, which would be added",
                package=name,
                hint="Ask the administrator, or do without it.",
            )


def _problem(kind: str, words: str, package: str, packages: Sequence[str]) -> GptossError:
    listed = ", ".join(packages)
    if kind == "unknown":
        return PackageRefusedError(
            f"The index has no package {package or listed} that fits this Python and is built already",
            package=package,
        )
    if kind == "conflict":
        return PackageRefusedError(
            f"{listed} cannot be added to what the environment holds:\n{words}",
            hint="Ask for another version; what is installed keeps its own.",
        )
    if kind == "too_large":
        return PackageRefusedError(
            f"{listed} and what they need are over {MAX_BYTES >> 20} MB",
            hint="Add fewer packages, or a smaller one.",
        )
    if kind == "full":
        return StorageError(f"The disk is full: could not fetch {listed}.\n{words}")
    if kind == "network":
        return SandboxError(
            f"The package index does not answer: could not fetch {listed}.\n{words}",
            hint="Check the network, and pip's index and proxy settings; then try again.",
        )
    return SandboxError(f"Could not fetch {listed}.\n{words}", hint="Correct what pip says; then try again.")

"""The locks: exact versions and hashes of what a sandbox's environment is installed from."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "locks"
PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Lock:
    """Requirements in pip's format, each an exact version with the hashes of its files.

    Source: https://pip.pypa.io/en/stable/topics/secure-installs/#hash-checking-mode
    """

    text: str

    @property
    def sha256(self) -> str:
        """The hash of the text, by which an environment is named and labelled."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def pins(self) -> list[tuple[str, str]]:
        """The names and versions, one entry per marker where they differ by it."""
        return [(found[1], found[2]) for found in PIN.finditer(self.text)]


@cache
def python_lock() -> Lock:
    """Return the lock of the Python environment that is part of this version of ours."""
    return Lock((FOLDER / "python.txt").read_text(encoding="ascii"))

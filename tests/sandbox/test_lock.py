"""The lock that is part of the package."""

from __future__ import annotations

import re

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from gptoss_lab.sandbox.lock import Lock, python_lock
from gptoss_lab.sandbox.packages import PYTHON_PACKAGES

MACHINES = ("x86_64", "aarch64")
PYTHONS = ("3.10", "3.11", "3.12", "3.13")
HASHES = r"(?P<hashes>(?: +--hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)"
LINE = re.compile(r"^(?P<requirement>[^\s#][^\\\n]*?)\s*\\\n" + HASHES, re.MULTILINE)


def versions(python: str, machine: str) -> dict[str, str]:
    """Return what the lock installs there."""
    facts = {
        "implementation_name": "cpython",
        "platform_machine": machine,
        "platform_python_implementation": "CPython",
        "python_full_version": f"{python}.1",
        "python_version": python,
        "sys_platform": "linux",
    }
    found: dict[str, str] = {}
    for line in LINE.finditer(python_lock().text):
        requirement = Requirement(line["requirement"])
        if requirement.marker is None or requirement.marker.evaluate(facts):
            assert requirement.name not in found, "one version of each"
            found[canonicalize_name(requirement.name)] = str(requirement.specifier).removeprefix("==")
    return found


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("python", PYTHONS)
def test_holds_what_every_sandbox_needs(python: str, machine: str) -> None:
    """For each Python and machine there is one exact version of every package that we list."""
    found = versions(python, machine)
    for text in PYTHON_PACKAGES:
        asked = Requirement(text)
        assert asked.specifier.contains(found[asked.name])


def test_every_entry_has_hashes() -> None:
    """No line of the lock is without, or pip would refuse it all."""
    lock = python_lock()
    assert len(LINE.findall(lock.text)) == len(lock.pins) > 40


def test_a_changed_byte_changes_the_name() -> None:
    """The hash is of the text as it stands."""
    assert Lock("a==1\n").sha256 != Lock("a==1").sha256
    assert Lock("a==1 --hash=sha256:00\nb==2 ; x\n# c==3\n").pins == [("a", "1"), ("b", "2")]

"""What the fetching program says, as an error that a person can act on."""

from __future__ import annotations

import json

import pytest

from gptoss_lab.errors import GptossError, PackageRefusedError, SandboxError, StorageError
from gptoss_lab.sandbox.lock import Lock
from gptoss_lab.sandbox.wheel_fetch import RESULT
from gptoss_lab.sandbox.wheels import WheelOrder, read_wheels, refuse_denied


def line(**result: object) -> str:
    """Return the program's last line."""
    return RESULT + json.dumps(result)


def test_wheels_become_a_lock() -> None:
    """In the order of their names, each with its hash."""
    rows = [
        {"name": "b", "version": "2", "sha256": "22"},
        {"name": "A", "version": "1", "sha256": "11"},
    ]
    wheels = read_wheels(line(wheels=rows, missing=["c==3"]), ["b"])
    assert wheels.lock.text == "A==1 --hash=sha256:11\nb==2 --hash=sha256:22\n"
    assert wheels.missing == ("c==3",)


@pytest.mark.parametrize(
    ("kind", "error", "words"),
    [
        ("unknown", PackageRefusedError, "no package polarz"),
        ("conflict", PackageRefusedError, "cannot be added"),
        ("too_large", PackageRefusedError, "over 1024 MB"),
        ("full", StorageError, "disk is full"),
        ("network", SandboxError, "index does not answer"),
        ("failed", SandboxError, "Could not fetch"),
    ],
)
def test_every_problem_has_its_error(kind: str, error: type[GptossError], words: str) -> None:
    """With the package where one is to blame, and what to do."""
    with pytest.raises(error, match=words) as caught:
        read_wheels(line(problem=kind, words="pip said so", package="polarz"), ["polarz"])
    assert caught.value.hint
    if isinstance(caught.value, PackageRefusedError):
        assert caught.value.package == ("polarz" if kind == "unknown" else "")


def test_a_program_that_ended_early_is_told() -> None:
    """Its last words are in the message."""
    with pytest.raises(SandboxError, match="ended early: Killed"):
        read_wheels("Killed", ["polars"])


def test_the_order_travels_as_one_argument() -> None:
    """What is installed is pinned; no shell reads any of it."""
    command = WheelOrder(("a; rm -rf /",), {"numpy": "2.0"}).command("python3", ["pip"], "/x")
    asked = json.loads(command[-1])
    assert command[:3] == ["python3", "-I", "-c"]
    assert asked["packages"] == ["a; rm -rf /"]
    assert asked["constraints"] == ["numpy==2.0"]


def test_a_name_is_denied_however_it_is_written() -> None:
    """Names are compared as the index compares them."""
    with pytest.raises(PackageRefusedError, match="Bad_Thing"):
        refuse_denied(Lock("Bad_Thing==1 --hash=sha256:00\n"), frozenset({"bad-thing"}))
    refuse_denied(Lock("good==1 --hash=sha256:00\n"), frozenset({"bad-thing"}))

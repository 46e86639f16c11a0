"""The fetching program, run as a build runs it, on an index that is a folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gptoss_lab.sandbox.wheel_fetch import RESULT, failure_of
from gptoss_lab.sandbox.wheels import WheelOrder
from tests.fakes.wheels import only_these_wheels, write_wheel

PIP = [sys.executable, "-m", "pip"]


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two small packages, one of which needs the other."""
    write_wheel(tmp_path / "index", "Big.Thing", "1.0", requires=["small"])
    write_wheel(tmp_path / "index", "small", "0.5")
    only_these_wheels(tmp_path / "index", monkeypatch)
    return tmp_path / "index"


def fetch(folder: Path, order: WheelOrder) -> dict[str, Any]:
    """Run the program; return its result."""
    command = order.command(sys.executable, PIP, str(folder))
    run = subprocess.run(command, capture_output=True, text=True, check=True, timeout=100)
    last = run.stdout.splitlines()[-1]
    assert last.startswith(RESULT)
    result: dict[str, Any] = json.loads(last.removeprefix(RESULT))
    return result


@pytest.mark.usefixtures("index")
def test_fetches_what_is_asked_and_what_that_needs(tmp_path: Path) -> None:
    """Names and versions are those of the metadata."""
    result = fetch(tmp_path / "out", WheelOrder(("big-thing",), {}))
    assert [(row["name"], row["version"]) for row in result["wheels"]] == [
        ("Big.Thing", "1.0"),
        ("small", "0.5"),
    ]
    assert all(len(row["sha256"]) == 64 for row in result["wheels"])


@pytest.mark.usefixtures("index")
def test_exact_pins_are_taken_as_they_are(tmp_path: Path) -> None:
    """Dependencies are not followed, and what is not to be had is named and left out."""
    pins = ("lost==3.0", "big-thing==1.0", "small==9.9")
    result = fetch(tmp_path / "out", WheelOrder(pins, {}, exact=True))
    assert [row["name"] for row in result["wheels"]] == ["Big.Thing"]
    assert sorted(result["missing"]) == ["lost==3.0", "small==9.9"]


@pytest.mark.usefixtures("index")
def test_a_missing_package_is_named_without_colour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that was started with FORCE_COLOR reads pip's words all the same."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    result = fetch(tmp_path / "out", WheelOrder(("nosuch",), {}))
    assert (result["problem"], result["package"]) == ("unknown", "nosuch")


def test_too_much_is_not_fetched(tmp_path: Path, index: Path) -> None:
    """The sum of the files counts."""
    (index / "pad").write_bytes(b"")
    result = fetch(tmp_path / "out", WheelOrder(("big-thing",), {}, max_bytes=100))
    assert result["problem"] == "too_large"


@pytest.mark.usefixtures("index")
def test_an_index_that_is_down_is_not_an_unknown_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing listens at the address: that is said, not that there is no such package."""
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_RETRIES", "1")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    result = fetch(tmp_path / "out", WheelOrder(("big-thing", "other"), {}))
    assert result["problem"] == "network"


@pytest.mark.parametrize(
    ("words", "kind", "package"),
    [
        ("ERROR: No matching distribution found for polarz>=1 (from x)", "unknown", "polarz>=1"),
        ("ERROR: No matching distribution found for polarz", "unknown", "polarz"),
        ("ERROR: ResolutionImpossible: for help visit", "conflict", ""),
        ("OSError: [Errno 28] No space left on device", "full", ""),
        ("WARNING: Retrying (Retry(total=4\nERROR: No matching distribution found for a", "network", ""),
        ("ERROR: anything else", "failed", ""),
    ],
)
def test_pips_words_are_understood(words: str, kind: str, package: str) -> None:
    """The first sign of a deeper cause wins over what follows from it."""
    failure = failure_of(words.splitlines())
    assert (failure.kind, failure.package) == (kind, package)
    assert failure.words


def test_needs_nothing_but_the_standard_library() -> None:
    """It runs in a builder that has nothing else."""
    program = Path(__file__).parents[2] / "gptoss_lab" / "sandbox" / "wheel_fetch.py"
    words = [sys.executable, "-I", "-S", str(program), json.dumps({"folder": os.devnull, "packages": []})]
    run = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert "ModuleNotFoundError" not in run.stderr

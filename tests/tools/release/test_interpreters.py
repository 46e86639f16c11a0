"""The Pythons of a machine."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tools.release import interpreters


def test_this_python_is_found() -> None:
    """The one that runs the tests goes first."""
    assert interpreters.find(f"{sys.version_info[0]}.{sys.version_info[1]}") == Path(sys.executable)


def test_a_python_that_is_nowhere_is_not_found() -> None:
    """No version is guessed from a name."""
    assert interpreters.find("3.99") is None


def test_pyenv_s_newest_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """3.98.13 goes before 3.98.9, and the one that does not run is passed over."""
    for patch, body in (("9", "echo 3.98"), ("13", "echo 3.98"), ("14", "exit 127")):
        program = tmp_path / "versions" / f"3.98.{patch}" / "bin" / "python"
        program.parent.mkdir(parents=True)
        program.write_text(f"#!/bin/sh\n{body}\n")
        program.chmod(0o700)
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    found = interpreters.find("3.98")
    assert found is not None
    assert "3.98.13" in str(found)

"""The tuner's environment of the tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from gptoss_lab.engines.tuning.environment import TUNING
from tools import tuner


def test_a_named_python_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is made then."""
    monkeypatch.setenv(tuner.VARIABLE, "/some/python")
    assert tuner.tuner_python() == Path("/some/python")


def test_what_decides_is_what_a_person_gets() -> None:
    """The libraries that tune have the versions of `jupyter gptoss tune install`; all are pinned."""
    assert {package for package in TUNING if not package.startswith("accelerate")} <= set(tuner.PACKAGES)
    assert all("==" in package for package in tuner.PACKAGES)

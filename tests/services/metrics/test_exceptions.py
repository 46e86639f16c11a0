"""What cells raise."""

from __future__ import annotations

import pytest

from gptoss_lab.schemas.execution import CellVerification, RunStatus
from gptoss_lab.services.metrics.exceptions import exception_of


@pytest.mark.parametrize(
    ("status", "error", "name"),
    [
        ("ok", "", ""),
        ("skipped", "", ""),
        ("canceled", "", ""),
        ("error", "KeyError: 'ada'", "KeyError"),
        ("error", "numpy.linalg.LinAlgError: Singular matrix", "LinAlgError"),
        ("error", "PatientAdaError: secret", "other"),
        ("error", "", "other"),
        ("timeout", "", "timeout"),
        ("oom", "", "oom"),
    ],
)
def test_only_names_that_everyone_has_are_told(status: RunStatus, error: str, name: str) -> None:
    """A name that code has made up may say something of its data."""
    assert exception_of(CellVerification(status=status, error=error)) == name

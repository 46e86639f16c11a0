"""Diagnoses."""

from __future__ import annotations

import pytest

from gptoss_lab.schemas.diagnosis import Check, CheckStatus, Diagnosis


@pytest.mark.parametrize(("status", "ok"), [("ok", True), ("warn", True), ("fail", False)])
def test_only_a_failure_is_not_ok(status: CheckStatus, ok: bool) -> None:
    """A warning leaves the product usable."""
    checks = (Check(name="a", status="ok", detail=""), Check(name="b", status=status, detail=""))
    assert Diagnosis(checks=checks).ok is ok

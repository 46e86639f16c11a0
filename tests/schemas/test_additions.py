"""Additions on the wire."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from gptoss_lab.schemas.additions import MAX_PACKAGES, NeedsRequest


def test_packages_are_bounded_and_may_be_left_out() -> None:
    """None means all that are offered."""
    assert NeedsRequest().packages == ()
    with pytest.raises(ValidationError):
        NeedsRequest(packages=("x",) * (MAX_PACKAGES + 1))

"""What the Monitor tab is told."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from gptoss_lab.schemas.monitor import GpuUse, Quality, Spread


def test_nothing_has_no_medians() -> None:
    """Where nothing was generated there is no time to show, which is not the same as no time at all."""
    assert Quality().first_text_s is None
    assert Quality().generations == 0


@pytest.mark.parametrize("figure", ["generations", "cells", "repair_rounds", "first_text_s"])
def test_no_figure_is_below_nothing(figure: str) -> None:
    """Counts and times are refused below zero."""
    with pytest.raises(ValidationError, match=figure):
        Quality.model_validate({figure: -1})


def test_a_share_is_at_most_all() -> None:
    """A GPU is no busier than all of it."""
    with pytest.raises(ValidationError, match="used_percent"):
        GpuUse(name="GPU 0", used_percent=101)


def test_a_time_is_a_number() -> None:
    """What is neither more nor less than another time cannot be drawn."""
    with pytest.raises(ValidationError, match="p95_s"):
        Spread(name="draft", count=1, p50_s=1.0, p95_s=float("nan"))

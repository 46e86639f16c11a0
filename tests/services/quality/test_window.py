"""Windows and their steps."""

from __future__ import annotations

import pytest

from gptoss_lab.services.quality.window import MAX_HOURS, MAX_STEPS, iso, window

NOW = 1_767_225_600.0 + 12_345.6  # some time after 2026-01-01


@pytest.mark.parametrize("hours", [1, 6, 7, 23, 24, 25, 97, 168, 720, MAX_HOURS])
def test_a_window_holds_what_was_asked_for(hours: int) -> None:
    """Its steps lie on their grid and end with the one that holds now; there are not too many."""
    found = window(hours, NOW)
    starts = list(found.starts())
    assert len(starts) == found.count <= MAX_STEPS + 1
    assert all(start % found.step_s == 0 for start in starts)
    assert starts[0] <= NOW - hours * 3600 < starts[0] + found.step_s
    assert starts[-1] <= NOW < starts[-1] + found.step_s


def test_times_are_utc() -> None:
    """As the wire carries them."""
    assert iso(0) == "1970-01-01T00:00:00+00:00"

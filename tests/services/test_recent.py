"""The answers of the last minutes."""

from __future__ import annotations

import pytest

from gptoss_lab.services.recent import WINDOW_S, RecentAnswers


def test_what_is_old_falls_away() -> None:
    """Faults of an hour ago say nothing of now; streams count, but have no time."""
    now = [0.0]
    recent = RecentAnswers(lambda: now[0])
    assert (recent.told().count, recent.told().error_rate, recent.told().p95_s) == (0, 0.0, None)
    for status, seconds in ((500, 0.1), (404, 0.1), (200, 0.2), (200, None)):
        recent.note(status, seconds)
    told = recent.told()
    assert (told.count, told.error_rate) == (4, 0.25)
    assert told.p95_s == pytest.approx(0.2, rel=0.1)
    now[0] = WINDOW_S + 1
    recent.note(200, 0.01)
    assert (recent.told().count, recent.told().error_rate) == (1, 0.0)

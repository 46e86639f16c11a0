"""A window of time that ends now, and the equal steps that it is shown in."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone

HOUR_S = 3600
MAX_HOURS = 24 * 90
MAX_STEPS = 96
STEPS_S = (60, 300, 900, 1800, HOUR_S, 2 * HOUR_S, 4 * HOUR_S, 6 * HOUR_S, 12 * HOUR_S, 24 * HOUR_S)


@dataclass(frozen=True, slots=True)
class Window:
    """Steps that lie on the grid of their length in UTC; the last one holds now.

    Attributes:
        since: The beginning of the first step, in seconds since the epoch.
        step_s: Their length.
        count: How many there are.
    """

    since: float
    step_s: int
    count: int

    def starts(self) -> Iterator[float]:
        """Yield the beginning of each step, oldest first."""
        return (self.since + number * self.step_s for number in range(self.count))


def window(hours: int, now: float) -> Window:
    """Return the window that holds so many hours up to now, and the beginning of its first step besides."""
    wanted_s = hours * HOUR_S
    step_s = next((step for step in STEPS_S if wanted_s / step <= MAX_STEPS), STEPS_S[-1])
    first, last = math.floor((now - wanted_s) / step_s), math.floor(now / step_s)
    return Window(first * step_s, step_s, last - first + 1)


def iso(seconds: float) -> str:
    """Return a time as the wire carries it."""
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="seconds")

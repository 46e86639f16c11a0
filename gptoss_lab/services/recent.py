"""How the last minutes' requests went, from memory."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from gptoss_lab.schemas.monitor import RecentAnswers as Answers
from gptoss_lab.services.quality.facts import at_rank, size_of

WINDOW_S = 300.0
SLOT_S = 10.0
SERVER_ERROR = 500


class _Slot:
    __slots__ = ("at_s", "count", "errors", "sizes")

    def __init__(self, at_s: float) -> None:
        self.at_s = at_s
        self.count = 0
        self.errors = 0
        self.sizes: dict[int, int] = {}


class RecentAnswers:
    """Counts answers in slots of some seconds, so that what is old falls away.

    Args:
        clock: Seconds that only go forward.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._slots: deque[_Slot] = deque()

    def note(self, status: int, seconds: float | None) -> None:
        """Count an answer; `seconds` is None for a stream, whose length says nothing of the server."""
        slot = self._slot()
        slot.count += 1
        slot.errors += status >= SERVER_ERROR
        if seconds is not None:
            size = size_of(seconds)
            slot.sizes[size] = slot.sizes.get(size, 0) + 1

    def told(self) -> Answers:
        """Return them as the wire carries it."""
        return Answers(
            window_s=WINDOW_S, count=self.count(), error_rate=self.error_rate(), p95_s=self.p95_s()
        )

    def count(self) -> int:
        """Return how many there were."""
        return sum(slot.count for slot in self._recent())

    def error_rate(self) -> float:
        """Return the share of them that were our fault; 0 where there was none."""
        count = self.count()
        return sum(slot.errors for slot in self._slots) / count if count else 0.0

    def p95_s(self) -> float | None:
        """Return the time that 19 of 20 stayed within; None where there was none."""
        sizes: dict[int, int] = {}
        for slot in self._recent():
            for size, count in slot.sizes.items():
                sizes[size] = sizes.get(size, 0) + count
        return at_rank(sizes.items(), 95) if sizes else None

    def _slot(self) -> _Slot:
        now = self._clock()
        if not self._slots or now - self._slots[-1].at_s >= SLOT_S:
            self._slots.append(_Slot(now))
            self._recent()
        return self._slots[-1]

    def _recent(self) -> deque[_Slot]:
        oldest = self._clock() - WINDOW_S
        while self._slots and self._slots[0].at_s < oldest:
            self._slots.popleft()
        return self._slots

"""How many connections wait for events, in all and of each person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from gptoss_lab.errors import LimitReachedError, TooManyReadersError

RETRY_AFTER_S = 10.0


class Readers:
    """Gives out places. All methods belong to one event loop.

    Args:
        most: How many one person may have; 0 for any number.
        most_in_all: How many there are; likewise.
    """

    def __init__(self, most: int = 0, most_in_all: int = 0) -> None:
        self._most = most
        self._most_in_all = most_in_all
        self._taken: Counter[str] = Counter()

    @property
    def count(self) -> int:
        """How many places are taken."""
        return self._taken.total()

    def enter(self, owner: str) -> Callable[[], None]:
        """Take a place, and return what gives it back; that may be called more than once.

        Raises:
            LimitReachedError: The person has as many as one may have.
            TooManyReadersError: All places are taken.
        """
        if self._most and self._taken[owner] >= self._most:
            raise LimitReachedError(
                f"You follow {self._most} streams of events already",
                hint="Close a tab or stop a program that follows jobs; the jobs go on.",
                retry_after_s=RETRY_AFTER_S,
            )
        if self._most_in_all and self.count >= self._most_in_all:
            raise TooManyReadersError(
                f"{self._most_in_all} streams of events are open, as many as may be",
                retry_after_s=RETRY_AFTER_S,
            )
        self._taken[owner] += 1
        return self._once(owner)

    def _once(self, owner: str) -> Callable[[], None]:
        here = [owner]

        def leave() -> None:
            if here:
                here.clear()
                self._taken[owner] -= 1
                if not self._taken[owner]:
                    del self._taken[owner]

        return leave

"""The highest value of something that changes quickly, as long as a block lasts."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

PERIOD_S = 0.02


@dataclass
class Gauge:
    """`peak` is the highest value so far."""

    peak: float = 0
    stop: threading.Event = field(default_factory=threading.Event)


@contextlib.contextmanager
def gauge(measure: Callable[[], float | None]) -> Iterator[Gauge]:
    """Measure in a thread, so that a loop that stalls does not hide what happens meanwhile."""
    made = Gauge()

    def follow() -> None:
        while not made.stop.wait(PERIOD_S):
            with contextlib.suppress(OSError):  # what is measured may have ended
                made.peak = max(made.peak, measure() or 0)

    thread = threading.Thread(target=follow)
    thread.start()
    try:
        yield made
    finally:
        made.stop.set()
        thread.join()

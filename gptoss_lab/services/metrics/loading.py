"""How long each phase of a model's start takes."""

from __future__ import annotations

import time
from collections.abc import Callable

from prometheus_client import Histogram

from gptoss_lab.schemas.model import LOADING, EnginePhase


class LoadingTimes:
    """Is told each phase of the hosted model, and measures those of its starts.

    Args:
        seconds: Where they are counted.
        clock: Seconds that only go forward.
    """

    def __init__(self, seconds: Histogram, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._phase: EnginePhase = "stopped"
        self._since_s = 0.0

    def enter(self, phase: EnginePhase) -> None:
        """Note the phase; the same again changes nothing, and one that a start failed in has no time."""
        if phase == self._phase:
            return
        now_s = self._clock()
        if self._phase in LOADING and (phase in LOADING or phase == "ready"):
            self._seconds.labels(self._phase).observe(now_s - self._since_s)
        self._phase, self._since_s = phase, now_s

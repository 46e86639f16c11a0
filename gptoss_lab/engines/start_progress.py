"""How far a start has come, and how long it will still take."""

from __future__ import annotations

from collections.abc import Mapping

from gptoss_lab.schemas.model import LOADING, EnginePhase, EngineProgress

_PHASES = LOADING[LOADING.index("starting") :]
_ALMOST = 0.98


class StartProgress:
    """Follows one start by the phases of the one before.

    A phase counts for as much of the whole as it took the last time, and for no more than that,
    however long it takes now; what it says of itself goes before what the clock says. Engines differ
    in the order of the phases, and a second model makes them come twice: only the last one is last.

    Args:
        known_s: The seconds of each phase of the last start; empty where there was none.
        now_s: The time at which the start began.
    """

    def __init__(self, known_s: Mapping[EnginePhase, float], now_s: float) -> None:
        self._known_s = known_s
        self._total_s = sum(known_s.get(phase, 0.0) for phase in _PHASES)
        self._began_s = now_s
        self._phase_s = now_s
        self._fraction: float | None = None
        self._best = 0.0
        self.phase: EnginePhase = "starting"
        self.message = ""
        self.durations_s: dict[EnginePhase, float] = {}

    def enter(self, phase: EnginePhase, now_s: float) -> bool:
        """Note that a phase began, and say whether it is another one."""
        if phase not in _PHASES or phase in {"starting", self.phase} or self.phase == _PHASES[-1]:
            return False
        self._close(now_s)
        self.phase = phase
        self._fraction = None
        self.message = ""
        return True

    def advance(self, fraction: float | None, message: str) -> None:
        """Note what the engine says of the phase it is in."""
        if fraction is not None:
            self._fraction = min(max(fraction, 0.0), 1.0)
        if message:
            self.message = message

    def finish(self, now_s: float) -> None:
        """Note that the last phase ended."""
        self._close(now_s)

    def at(self, now_s: float) -> EngineProgress:
        """Return how far it is; it never goes back."""
        elapsed_s = max(now_s - self._began_s, 0.0)
        if self._total_s <= 0:
            return EngineProgress(elapsed_s=elapsed_s, message=self.message)
        before_s = sum(self._known_s.get(phase, 0.0) for phase in self.durations_s if phase != self.phase)
        here_s = self._known_s.get(self.phase, 0.0)
        by_clock = (now_s - self._phase_s) / here_s if here_s > 0 else 0.0
        part = self._fraction if self._fraction is not None else min(by_clock, _ALMOST)
        self._best = min(max(self._best, (before_s + here_s * part) / self._total_s), 1.0)
        return EngineProgress(
            percent=round(100 * self._best, 1),
            remaining_s=round(self._total_s * (1 - self._best), 1),
            elapsed_s=elapsed_s,
            message=self.message,
        )

    def _close(self, now_s: float) -> None:
        spent_s = max(now_s - self._phase_s, 0.0)
        self.durations_s[self.phase] = self.durations_s.get(self.phase, 0.0) + spent_s
        self._phase_s = now_s

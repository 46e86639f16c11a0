"""The phases of a model in a person's words."""

from __future__ import annotations

from gptoss_lab.schemas.model import EnginePhase, EngineProgress

_WORDS: dict[EnginePhase, str] = {
    "unconfigured": "not set up",
    "stopped": "not started",
    "resolving": "looking at the hardware and for the weights",
    "downloading": "downloading the weights",
    "starting": "starting the engine",
    "loading_weights": "loading weights",
    "compiling": "compiling",
    "allocating_kv": "allocating the cache",
    "capturing_graphs": "capturing graphs",
    "warming": "warming up",
    "ready": "ready",
    "busy": "answering",
    "sleeping": "asleep",
    "draining": "finishing what it answers",
    "restarting": "restarting after a fault",
    "failed": "failed",
}
_MINUTE_S = 90.0


def phase_words(phase: EnginePhase) -> str:
    """Return a phase as a person would say it."""
    return _WORDS[phase]


def progress_words(phase: EnginePhase, progress: EngineProgress | None) -> str:
    """Return how far a start has come: "loading weights 43 %, about 20 s"."""
    words = phase_words(phase)
    if progress is None:
        return words
    if progress.total_bytes:
        words += f" {progress.done_bytes / 1e9:.1f} of {progress.total_bytes / 1e9:.1f} GB"
    elif progress.percent is not None:
        words += f" {progress.percent:.0f} %"
    left = remaining_words(progress)
    return f"{words}, {left}" if left else words


def remaining_words(progress: EngineProgress) -> str:
    """Return the time that is left, "about 20 s"; empty where it is not known."""
    return f"about {_duration(progress.remaining_s)}" if progress.remaining_s else ""


def _duration(seconds: float) -> str:
    return f"{max(1, round(seconds))} s" if seconds < _MINUTE_S else f"{round(seconds / 60)} min"

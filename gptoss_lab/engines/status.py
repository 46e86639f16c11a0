"""What is known of a hosted engine, and how long its supervisor waits for what."""

from __future__ import annotations

from dataclasses import dataclass, field

from gptoss_lab.schemas.model import EngineFailure, EngineMemory, EnginePhase, EngineProgress


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """A hosted engine now.

    Attributes:
        progress: How far a start has come; None when it is not loading.
        failure: Why it is not there; after a crash also while it is started again.
        restarts: How often it was started again since the person started it.
        ready_at: When it became ready, ISO 8601; empty before.
    """

    phase: EnginePhase = "stopped"
    progress: EngineProgress | None = None
    failure: EngineFailure | None = None
    memory: EngineMemory = field(default_factory=EngineMemory)
    version: str = ""
    restarts: int = 0
    ready_at: str = ""


@dataclass(frozen=True, slots=True)
class Patience:
    """The times of a supervisor. The defaults are for people; tests are in more of a hurry.

    Attributes:
        poll_s: Between two looks at an engine that loads.
        watch_s: Between two looks at one that serves.
        health_s: How long it may take to answer for its health.
        silent_looks: How many such looks in a row it may leave unanswered.
        probe_s: How long a suspected one has to give a single token.
        leave_s: How long one that said it is dead has to end by itself.
        backoff_s: Before each restart in a row; there are as many restarts as entries.
        settled_s: After serving for so long, the next crash is the first in a row again.
    """

    poll_s: float = 0.3
    watch_s: float = 5.0
    health_s: float = 10.0
    silent_looks: int = 3
    probe_s: float = 30.0
    leave_s: float = 5.0
    backoff_s: tuple[float, ...] = (2.0, 8.0, 30.0)
    settled_s: float = 300.0

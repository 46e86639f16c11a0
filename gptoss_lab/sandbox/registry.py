"""The sandboxes of this process: every one that runs, and the last ones that have ended.

Provisioners enter what they start, whoever asked for it: a notebook, an execution of ours, or the
warm pool. Who looks here calls nobody: the figures are those of the last sample.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Protocol

from gptoss_lab.sandbox.activity import Activity
from gptoss_lab.sandbox.relay import Relay
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.execution import Limits, RuntimeName
from gptoss_lab.schemas.sandboxes import SandboxPhase, SandboxPurpose, SandboxState, SandboxUsage

ENDED_KEPT = 20
ENDED_KEPT_S = 900.0
START_WITHIN_S = 120.0


class Control(Protocol):
    """The running kernel behind a record."""

    async def signal(self, signum: int) -> None:
        """Deliver a signal."""

    async def stop(self, reason: str) -> None:
        """End it now; whoever uses it is told the reason."""


@dataclass(eq=False)
class SandboxRecord:
    """One sandbox. `last_error` says why it, or the one before it in its place, ended unasked.

    `control` steers it from outside; None before it runs.
    """

    id: str
    language: Language
    kernel: str
    purpose: SandboxPurpose
    runtime: RuntimeName
    limits: Limits
    relay: Relay
    owner: str = ""
    profile: str = ""
    isolation: str = ""
    image: str = ""
    data: tuple[str, ...] = ()
    notebook: str = ""
    last_error: str = ""
    control: Control | None = None
    usage: SandboxUsage = field(default_factory=SandboxUsage)
    started_at: str = field(default_factory=lambda: datetime.now(timezone.utc).isoformat(timespec="seconds"))
    started: float = field(default_factory=time.monotonic)
    ended: float | None = None

    @property
    def activity(self) -> Activity:
        """How it is used."""
        return self.relay.activity

    @property
    def phase(self) -> SandboxPhase:
        """What it does now."""
        if self.ended is not None:
            return "ended"
        if self.activity.busy:
            return "busy"
        return "idle" if self.activity.answered else "starting"

    @property
    def age_s(self) -> float:
        """How long it has lived."""
        return (time.monotonic() if self.ended is None else self.ended) - self.started

    def state(self) -> SandboxState:
        """Return it as the interface shows it."""
        activity, ended = self.activity, self.ended is not None
        counted = {
            "bytes_in": self.relay.bytes_in,
            "bytes_out": self.relay.bytes_out,
            "executions": activity.executions,
        }
        return SandboxState(
            id=self.id,
            language=self.language,
            kernel=self.kernel,
            profile=self.profile,
            purpose=self.purpose,
            phase=self.phase,
            runtime=self.runtime,
            isolation=self.isolation,
            image=self.image,
            notebook=self.notebook,
            started_at=self.started_at,
            uptime_s=self.age_s,
            idle_s=0.0 if ended else activity.idle_s,
            expires_in_s=None if ended else self.expires_in_s(),
            limits=self.limits,
            usage=self.usage.model_copy(update=counted),
            data=self.data,
            last_error=self.last_error,
        )

    @property
    def idle_limit_s(self) -> float:
        """How long it may be idle. One that has not answered yet is not idle: it starts."""
        return self.limits.idle_s if self.activity.answered else max(self.limits.idle_s, START_WITHIN_S)

    def expires_in_s(self) -> float:
        """Return when it is ended if nobody uses it from now on."""
        left_s = self.limits.ttl_s - self.age_s
        if not self.activity.busy:
            left_s = min(left_s, self.idle_limit_s - self.activity.idle_s)
        return max(0.0, left_s)


class Registry:
    """The records by id. A sandbox that is started again takes its predecessor's place."""

    def __init__(self) -> None:
        self._running: dict[str, SandboxRecord] = {}
        self._ended: deque[SandboxRecord] = deque(maxlen=ENDED_KEPT)

    def enter(self, record: SandboxRecord) -> None:
        """Add one that was started; what was said of the end of the one before it is kept."""
        for before in self:
            if before.id == record.id:
                record.last_error = record.last_error or before.last_error
                record.notebook = record.notebook or before.notebook
        self.forget(record)
        self._running[record.id] = record

    def leave(self, record: SandboxRecord) -> None:
        """Take one out. One that ended unasked can still be looked up for a while. Idempotent."""
        if record.ended is None:
            record.ended = time.monotonic()
        if self._running.get(record.id) is record:
            del self._running[record.id]
            if record.last_error and record.purpose != "warm":  # of a warm one nobody had anything
                self._ended.append(record)

    def get(self, sandbox: str) -> SandboxRecord | None:
        """Return the record of that id."""
        return next((record for record in self if record.id == sandbox), None)

    def __iter__(self) -> Iterator[SandboxRecord]:
        """Go through the records, the newest first."""
        lately = time.monotonic() - ENDED_KEPT_S
        kept = [record for record in self._ended if record.ended is not None and record.ended > lately]
        found = [*self._running.values(), *kept]
        return iter(sorted(found, key=lambda record: record.started, reverse=True))

    def forget(self, record: SandboxRecord) -> None:
        """Take out whatever has the record's id."""
        self._running.pop(record.id, None)
        kept = [other for other in self._ended if other.id != record.id]
        self._ended = deque(kept, maxlen=ENDED_KEPT)


REGISTRY = Registry()
"""The one of this process."""

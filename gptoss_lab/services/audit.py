"""What is written down for an audit: who did what, and how it ended; never what was said.

The schemas of the events are in `gptoss_lab/audit`.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from gptoss_lab.schemas.runs import JobEvent
from gptoss_lab.services.job import Job
from gptoss_lab.services.lanes import KINDS

REQUEST = "urn:gptoss-lab:audit:request"
JOB = "urn:gptoss-lab:audit:job"
_DENIED = frozenset({401, 403})
_LIMITED = frozenset({"limit_reached", "too_busy", "too_many_readers", "quota"})
_REFUSED, _FAILED = 400, 500

Outcome = Literal["done", "denied", "limited", "refused", "failed"]


class Emitter(Protocol):
    """What of a `jupyter_events.EventLogger` is used here."""

    def emit(self, *, schema_id: str, data: dict[str, Any]) -> Any:
        """Hand an event to the handlers."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was answered, as its handler knows it.

    Attributes:
        user: Who asked; empty for who is not logged in.
        action: What the table of routes calls it.
        operation: The verb and the route.
        resource: What the authorizer was asked about.
        status: The status of the answer.
        code: The code of its problem; empty where there was none.
        names: The names in the address, by kind, and the job that was started.
        subject: The name in the address; empty where there is none.
        body: What was sent; None where it was not read to its end.
        received_bytes: How much of it came.
        duration_s: How long the answer took.
    """

    user: str
    action: str
    operation: str
    resource: str
    status: int
    code: str
    names: Mapping[str, str]
    subject: str
    body: bytes | None
    received_bytes: int
    duration_s: float

    @property
    def outcome(self) -> Outcome:
        """How it ended."""
        if self.status < _REFUSED:
            return "done"
        if self.code in _LIMITED:
            return "limited"
        if self.status in _DENIED:
            return "denied"
        return "refused" if self.status < _FAILED else "failed"


class Audit:
    """Emits events. It is a watcher of jobs, too.

    Args:
        emitter: Where they go.
        key: What names of persons are hashed with; empty names them.
    """

    def __init__(self, emitter: Emitter, key: bytes = b"") -> None:
        self._emitter = emitter
        self._key = key

    def request(self, asked: Asked) -> None:
        """Tell of a request: of one that reads only where it was denied or limited."""
        outcome = asked.outcome
        if asked.action == "read" and outcome not in {"denied", "limited"}:
            return
        # A name that a client made up could be anything; one of a request that was done is one of ours.
        names = asked.names if outcome == "done" else {}
        self._emitter.emit(
            schema_id=REQUEST,
            data={
                "user": self._user(asked.user),
                "action": asked.action,
                "operation": asked.operation,
                "resource": asked.resource,
                "outcome": outcome,
                "status": asked.status,
                "code": asked.code,
                "job": names.get("job", ""),
                "sandbox": names.get("sandbox", ""),
                "subject_sha256": _sha256(asked.subject.encode()),
                "request_bytes": asked.received_bytes,
                "request_sha256": _sha256(asked.body or b""),
                "duration_ms": round(asked.duration_s * 1000, 3),
            },
        )

    def begin(self, job: Job) -> None:
        """Take note of a job that begins: the request has told of it."""

    def note(self, job: Job, event: JobEvent) -> None:
        """Tell of the end of a job."""
        if not job.ended:
            return
        response = job.transcript.response()
        cells = getattr(response, "cells", ())
        error = getattr(event, "error", None) or getattr(response, "error", None)
        code = "\n".join(cell.source for cell in cells if getattr(cell, "kind", "") == "code")
        self._emitter.emit(
            schema_id=JOB,
            data={
                "user": self._user(job.owner),
                "job": job.name,
                "kind": KINDS[type(job.request)],
                "outcome": response.state,
                "code": getattr(error, "code", "") if response.state == "error" else "",
                "events": job.transcript.last_seq,
                "cells": len(cells),
                "code_bytes": len(code.encode("utf-8", "replace")),
                "code_sha256": _sha256(code.encode("utf-8", "replace")),
            },
        )

    def _user(self, name: str) -> str:
        if not self._key or not name:
            return name
        digest = hmac.new(self._key, name.encode("utf-8", "surrogatepass"), hashlib.sha256)
        return f"hmac-sha256:{digest.hexdigest()}"


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest() if data else ""

"""What this task works on, for the log: the request, the job and its stage. Known to all that it starts."""

from __future__ import annotations

import hashlib
from contextvars import ContextVar

REQUEST: ContextVar[str] = ContextVar("gptoss_lab_request", default="")
"""The id of the request that began it; empty for the server's own work."""

JOB: ContextVar[str] = ContextVar("gptoss_lab_job", default="")
"""The job; empty outside of one."""

STAGE: ContextVar[str] = ContextVar("gptoss_lab_stage", default="")
"""The job's stage; empty where it has none."""

ASKER: ContextVar[str] = ContextVar("gptoss_lab_asker", default="")
"""Who sent the request; empty for the server's own work."""

MARK_CHARS = 12


def mark_of(owner: str) -> str:
    """Return a word that stands for a person in a log: the same for the same name, and not the name."""
    digest = hashlib.sha256(owner.encode("utf-8", "surrogatepass")).hexdigest()
    return digest[:MARK_CHARS] if owner else ""

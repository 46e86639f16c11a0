"""For whom the server works: set once where a job begins, known to all that it starts."""

from __future__ import annotations

from contextvars import ContextVar

OWNER: ContextVar[str] = ContextVar("gptoss_lab_owner", default="")
"""Whose sandboxes are those that this task starts; empty for the server's own work."""

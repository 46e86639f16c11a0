"""For whom the server works: set once where a job begins, known to all that it starts."""

from __future__ import annotations

from contextvars import ContextVar

OWNER_HEADER = "X-Gptoss-Owner"
"""Where a server of ours tells another for whom it asks."""
OWNER_KEY_HEADER = "X-Gptoss-Owner-Key"
"""The secret that makes the other believe it."""

OWNER: ContextVar[str] = ContextVar("gptoss_lab_owner", default="")
"""Whose sandboxes are those that this task starts; empty for the server's own work."""

"""Limits on a process that reads what others wrote; it ends with its parent."""

from __future__ import annotations

import math
import os
import resource
import threading

_GRACE_S = 5


def confine(*, memory_bytes: int, seconds: float) -> None:
    """Limit this process, and end it when its parent closes its standard input.

    Args:
        memory_bytes: How much it may address; 0 sets no limit.
        seconds: How long it may compute; 0 sets no limit.
    """
    threading.Thread(target=_end_with_parent, daemon=True).start()
    limits = [(resource.RLIMIT_CORE, 0)]
    if memory_bytes:
        limits.append((resource.RLIMIT_AS, memory_bytes))
    if seconds:
        limits.append((resource.RLIMIT_CPU, math.ceil(seconds) + _GRACE_S))
    for kind, value in limits:
        _, hard = resource.getrlimit(kind)
        allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (allowed, hard))


def _end_with_parent() -> None:
    while os.read(0, 4096):
        pass
    os._exit(1)

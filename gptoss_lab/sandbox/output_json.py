"""JSON from a sandbox: plain data with clean texts, within bounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gptoss_lab.sandbox.output_text import clean_text

MAX_DEPTH = 8
MAX_SHOWN_DEPTH = 32
MAX_SHOWN_VALUES = 20_000


def clean_value(value: object, depth: int = MAX_DEPTH) -> Any:
    """Return plain data with clean texts; None for what is nested deeper than `depth`."""
    if isinstance(value, str):
        return clean_text(value)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if depth > 0 and isinstance(value, Mapping):
        return {clean_text(str(key)): clean_value(inner, depth - 1) for key, inner in value.items()}
    if depth > 0 and isinstance(value, list):
        return [clean_value(inner, depth - 1) for inner in value]
    return None


def clean_tree(value: object) -> Any:
    """Return data that a page shows as a tree, None when it is none or too much."""
    if not isinstance(value, (Mapping, list)) or _count(value) > MAX_SHOWN_VALUES:
        return None
    return clean_value(value, MAX_SHOWN_DEPTH)


def _count(value: object) -> int:
    """Count values without recursion, no further than needed."""
    waiting = [value]
    count = 0
    while waiting and count <= MAX_SHOWN_VALUES:
        count += 1
        one = waiting.pop()
        if isinstance(one, Mapping):
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
    return count + len(waiting)

"""Read JSON out of what a model writes: with words around it, cut off, or not quite JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

MAX_CHARS = 200_000
_MAX_FAILURES = 400
_MAX_DEPTH = 12
_DECODER = json.JSONDecoder(strict=False)
_BAD_ESCAPE = re.compile(r'\\(?!["\\/bfnrtu])|\\u(?![0-9a-fA-F]{4})')
_ESCAPED_PAIR = re.compile(r"\\\\")
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_PAIR = "\0"


class UnreadableAnswerError(ValueError):
    """An answer is not what was asked for; the text says why, for the model."""


def read_object(text: str, keys: Sequence[str]) -> dict[str, Any]:
    """Return the last object of an answer that has one of the keys.

    Raises:
        UnreadableAnswerError: There is none.
    """
    text = text[-MAX_CHARS:]
    for reading in (text, _mended(text)):
        for value in reversed(_decoded(reading)):
            for found in _dicts(value):
                if any(key in found for key in keys):
                    return found
    raise UnreadableAnswerError(f"it holds no complete JSON object with {' or '.join(map(repr, keys))}")


def loose_objects(text: str) -> list[dict[str, Any]]:
    """Return every object of an answer, inner ones of one that was cut off too."""
    text = text[-MAX_CHARS:]
    readings = [
        [found for value in _decoded(reading) for found in _dicts(value)] for reading in (text, _mended(text))
    ]
    return max(readings, key=len)


def entries_of(found: dict[str, Any], key: str) -> list[Any]:
    """Return the list under a key; a lone entry is a list of one."""
    value = found.get(key)
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def text_of(value: object, most: int = 600) -> str:
    """Return what a model gave for a text, bounded; numbers are taken as they are printed."""
    if isinstance(value, str):
        return value.strip()[:most]
    if isinstance(value, bool) or value is None:
        return ""
    return str(value)[:most] if isinstance(value, int | float) else ""


def names_of(value: object, most: int = 400) -> tuple[str, ...]:
    """Return what a model gave for a list of names; one name alone is such a list."""
    entries = value if isinstance(value, list) else [value]
    return tuple(name for entry in entries[:most] if (name := text_of(entry, 80)))


def _mended(text: str) -> str:
    """Double lone backslashes, which mathematics has many of, and drop commas before a bracket."""
    kept = _ESCAPED_PAIR.sub(_PAIR, text.replace(_PAIR, ""))
    return _TRAILING_COMMA.sub(r"\1", _BAD_ESCAPE.sub(r"\\\\", kept).replace(_PAIR, r"\\"))


def _decoded(text: str) -> list[Any]:
    values: list[Any] = []
    at = failures = 0
    while failures < _MAX_FAILURES:
        starts = [place for place in (text.find("{", at), text.find("[", at)) if place >= 0]
        if not starts:
            break
        at = min(starts)
        try:
            value, at = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            failures += 1
            at += 1
        else:
            values.append(value)
    return values


def _dicts(value: object, depth: int = 0) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _dicts(inner, depth + 1) if depth < _MAX_DEPTH else ()
    elif isinstance(value, list):
        for inner in value:
            yield from _dicts(inner, depth + 1) if depth < _MAX_DEPTH else ()

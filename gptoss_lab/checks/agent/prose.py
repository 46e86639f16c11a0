"""What a function gives by the "Returns" section of its documentation.

Source: https://numpydoc.readthedocs.io/en/latest/format.html#returns
"""

from __future__ import annotations

import inspect
import re
from functools import cache
from typing import Any

from gptoss_lab.checks.agent.library import resolve
from gptoss_lab.checks.agent.values import Instance, Row, Value

_ARRAY = re.compile(r"^(?:np\.|numpy\.)?ndarray(?:,? of\b|,? (?:with )?shape\b|,? \(|,|$)")
_FRAME = re.compile(r"^(?:pandas\.|pd\.)?(DataFrame|Series)$")
_SELF = re.compile(r"^self\b|^(?:object|estimator|instance)\b.*\bself\b", re.IGNORECASE)
_ENTRY = re.compile(r"^(?:(?P<name>[\w, ]+) : )?(?P<type>\S.*)$")


def documented(target: Any, owner: type | None) -> Value:
    """Return what the "Returns" section of a function's documentation promises (numpydoc)."""
    texts = _returns(getattr(target, "__doc__", None) or "")
    values = [_of_text(text, owner) for text in texts]
    return Row(tuple(values), is_plain=False) if len(values) > 1 else values[0] if values else None


def _of_text(text: str, owner: type | None) -> Value:
    if " or " in text or "{" in text or "optional" in text:
        return None
    if owner is not None and _SELF.match(text):
        return Instance((owner,))
    frame = _FRAME.match(text)
    found = resolve(f"pandas.{frame[1]}") if frame else None
    if inspect.isclass(found):
        return Instance((found,))
    array, scalar = resolve("numpy.ndarray"), resolve("numpy.generic")
    if _ARRAY.match(text) and inspect.isclass(array) and inspect.isclass(scalar):
        return Instance((array, scalar))
    return None


@cache
def _returns(doc: str) -> tuple[str, ...]:
    lines = inspect.cleandoc(doc).splitlines()
    heads = [number for number, line in enumerate(lines) if line.strip() == "Returns"]
    if not heads or not set(lines[heads[0] + 1 :][:1]) or set("".join(lines[heads[0] + 1 :][:1])) != {"-"}:
        return ()
    found: list[str] = []
    for number, line in enumerate(lines[heads[0] + 2 :], start=heads[0] + 2):
        if set("".join(lines[number + 1 : number + 2])) == {"-"}:
            break
        entry = _ENTRY.match(line) if line[:1].strip() else None
        if entry:
            names = entry["name"] or ""
            text = f"self {entry['type']}" if names == "self" else entry["type"]
            found += [text] * (names.count(",") + 1)
    return tuple(found)

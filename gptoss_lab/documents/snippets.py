"""The few words of a passage that show why it was found."""

from __future__ import annotations

import re

from gptoss_lab.documents.concepts import concepts
from gptoss_lab.documents.tokens import stem

MAX_CHARS = 240
_FENCE = re.compile(r"^\s*(?:```|~~~)[\w{}.-]*\s*$", re.MULTILINE)
_RULE = re.compile(r"^\|(?:\s*-+\s*\|)+\s*$", re.MULTILINE)
_WORD = re.compile(r"\w+")


def snippet(text: str, query: str, *, title: str = "") -> str:
    """Return at most 240 characters of a passage, from where most words of the query stand.

    Args:
        text: The passage, in Markdown.
        query: What was searched for.
        title: The passage's title, which is not said twice.
    """
    plain = " ".join(_RULE.sub("", _FENCE.sub("", text)).replace("`", "").split())
    plain = plain.removeprefix(title).lstrip(" #:")
    if len(plain) <= MAX_CHARS:
        return plain
    at = _best_start(plain, {form for concept in concepts(query) for form in concept.forms})
    cut = plain[at : at + MAX_CHARS].rsplit(" ", 1)[0]
    return f"{'… ' if at else ''}{cut} …" if at + len(cut) < len(plain) else f"… {cut}"


def _best_start(text: str, wanted: set[str]) -> int:
    found = [match.start() for match in _WORD.finditer(text) if stem(match.group().lower()) in wanted]
    counts = [(sum(start <= other < start + MAX_CHARS for other in found), -start) for start in found]
    if not counts:
        return 0
    start = -max(counts)[1]
    sentence = max(text.rfind(". ", 0, start) + 2, text.rfind("; ", 0, start) + 2, 0)
    if start < MAX_CHARS // 2:
        return 0
    return sentence if sentence > 1 and start - sentence < MAX_CHARS // 2 else start

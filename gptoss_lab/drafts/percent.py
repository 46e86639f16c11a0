"""What to make of an answer that holds no fence."""

from __future__ import annotations

import re

from gptoss_lab.drafts.cells import Draft
from gptoss_lab.drafts.syntax import is_program, parses
from gptoss_lab.schemas.base import Language

_MARKER = re.compile(r"(?m)^#[ \t]*%%(?P<title>[^\n]*)(?:\n|\Z)")
_MARKDOWN = re.compile(r"\[(?:markdown|md)\]")
_COMMENT = re.compile(r"(?m)^#[ \t]?")


def without_fences(text: str, language: Language) -> list[Draft]:
    """Read an answer as percent format, else as one program; empty where it is neither.

    Source: https://jupytext.readthedocs.io/en/latest/formats-scripts.html#the-percent-format
    """
    if _MARKER.search(text):
        return _percent(text, language)
    if language == "python" and is_program(text):
        return [Draft("code", language, text)]
    return []


def _percent(text: str, language: Language) -> list[Draft]:
    drafts = []
    before = _MARKER.split(text, maxsplit=1)[0].strip()
    if before:
        is_code = language == "python" and parses(before) and is_program(before)
        drafts.append(Draft("code" if is_code else "markdown", language, before))
    markers = list(_MARKER.finditer(text))
    ends = [marker.start() for marker in markers[1:]] + [len(text)]
    for marker, end in zip(markers, ends, strict=True):
        body = text[marker.end() : end].strip("\n").rstrip()
        if _MARKDOWN.search(marker["title"]):
            drafts.append(Draft("markdown", language, _COMMENT.sub("", body).strip()))
        else:
            drafts.append(Draft("code", language, body))
    return [draft for draft in drafts if draft.source.strip()]

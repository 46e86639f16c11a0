"""`# [doc:ID]` marks: read them, then take them out."""

from __future__ import annotations

import re

from gptoss_lab.drafts.literals import Span, spans
from gptoss_lab.schemas.base import Language

_MARK = re.compile(r"[ \t]*\[\s*(?P<ids>doc:[^\[\]\n]{1,400})\]")
_ID = re.compile(r"\s*(?:doc:)?\s*([^\s,;\[\]]+)")
_GONE = "\0"  # no source text holds one
_GONE_LINE = re.compile(r"(?m)^[ \t]*\0[ \t]*(?:\n|\Z)")
_GONE_TAIL = re.compile(r"[ \t]*\0")


def take_marks(source: str, language: Language | None) -> tuple[str, tuple[str, ...]]:
    """Return the text without its marks, and the ids that were cited, each once, in order.

    In code only comments are looked at, so that a string which holds a mark stays as it is.

    Args:
        source: A whole cell.
        language: The language of a code cell; None for Markdown.
    """
    if "[" not in source:
        return source, ()
    ids: dict[str, None] = {}
    if language is None:
        return _strip(source, ids).strip(), tuple(ids)
    kept = "".join(_marked(span, ids) for span in spans(source.replace(_GONE, ""), language))
    return _GONE_TAIL.sub("", _GONE_LINE.sub("", kept)).strip("\n").rstrip(), tuple(ids)


def _marked(span: Span, ids: dict[str, None]) -> str:
    if span.kind != "comment" or not _MARK.search(span.text):
        return span.text
    text = _strip(span.text, ids).rstrip()
    return text if text.strip("# \t:;,") else _GONE


def _strip(text: str, ids: dict[str, None]) -> str:
    for match in _MARK.finditer(text):
        ids.update(dict.fromkeys(_ID.findall(match["ids"])))
    return _MARK.sub("", text)

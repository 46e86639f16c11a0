"""Put a generated source text right: prompts of a console, typographic characters."""

from __future__ import annotations

import re

from gptoss_lab.drafts.literals import spans
from gptoss_lab.schemas.base import Language

_PUNCTUATION = {
    **dict.fromkeys(range(0x2010, 0x2016), "-"),
    0x2212: "-",
    **dict.fromkeys((0x2018, 0x2019, 0x201A, 0x201B), "'"),
    **dict.fromkeys((0x201C, 0x201D, 0x201E, 0x201F), '"'),
    **dict.fromkeys((0x00A0, 0x202F, 0x2007), " "),
    **dict.fromkeys((0x200B, 0x2060, 0xFEFF), None),
}
_PROMPTS: dict[Language, re.Pattern[str]] = {
    "python": re.compile(r"[ \t]*(?:>>>|In \[\d+\]:)(?: |$)"),
    "r": re.compile(r"> ?"),
}
_LINES: dict[Language, re.Pattern[str]] = {
    "python": re.compile(r"[ \t]*(?:>>>|\.\.\.|In \[\d+\]:| {3,}\.\.\.:)(?: |$)(?P<code>.*)"),
    "r": re.compile(r"[>+] ?(?P<code>.*)"),
}


def tidy(source: str, language: Language) -> str:
    """Remove console prompts and their results, and put typographic characters right."""
    return ascii_punctuation(without_prompts(source, language), language).strip("\n").rstrip()


def without_prompts(source: str, language: Language) -> str:
    """Keep what was typed of a console session; other text is returned as it is.

    A session is told by a prompt at the start of its first line.
    """
    lines = source.split("\n")
    first = next((line for line in lines if line.strip()), "")
    if not _PROMPTS[language].match(first):
        return source
    typed = (_LINES[language].fullmatch(line) for line in lines)
    return "\n".join(match["code"] for match in typed if match)


def ascii_punctuation(source: str, language: Language) -> str:
    """Replace typographic hyphens, quotes and spaces outside of string literals."""
    if source.isascii():
        return source
    return "".join(
        span.text if span.kind == "string" else span.text.translate(_PUNCTUATION)
        for span in spans(source, language)
    )

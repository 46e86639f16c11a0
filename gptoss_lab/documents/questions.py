"""What a task says in words, without the code, tables and tracebacks that stand between them."""

from __future__ import annotations

import re

from gptoss_lab.documents.imports import ALIASES

_FENCE = re.compile(r"^(`{3,}|~{3,}).*?(^\1|\Z)", re.DOTALL | re.MULTILINE)
_TAGGED = re.compile(r"<code>.*?(?:</code>|\Z)", re.DOTALL | re.IGNORECASE)
_CODE_LINE = re.compile(
    r"""\s*(?:>>>|\.\.\.\s|In\s\[\d|import\s|from\s[\w.]+\simport|@\w|
    (?:def|class|for|while|if|elif|else|try|except|with)\b.*:\s*$|(?:return|print)\b\s*[\w(]|
    [\w.\[\]'",\s]*[\w\])]\s*[-+*/|&%]?=(?!=)\s*\S|  # an assignment
    [\w.]+\(.*\)?\s*$|                       # a call alone
    [\])}]+[,;]?\s*$)""",
    re.VERBOSE,
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_IMPORT = re.compile(r"^\s*(?:>>>\s*)?(?:import|from)\s+([A-Za-z_]\w*)", re.MULTILINE)
_R_LIBRARY = re.compile(r"\b(?:library|require)\(\s*[\"']?([A-Za-z][\w.]*)|\b([A-Za-z][\w.]*):::?\w")
_USED = re.compile(r"(?<![\w.])([A-Za-z_]\w*)\s*\.\s*[A-Za-z_]")
_LEAST_WORDS = 0.5


def prose(task: str) -> str:
    """Return the sentences and comments of a task; the task itself where it holds nothing else.

    A data scientist pastes tables, code and errors below the question; their words are not what is asked.
    """
    text = _TAGGED.sub("\n", _FENCE.sub("\n", task))
    kept = [line for line in map(_said, text.splitlines()) if line]
    return "\n".join(kept) or task


def _said(line: str) -> str:
    """Return what a line says in words; empty for code, a row of a table or nothing."""
    bare = line.strip()
    if bare.startswith("#"):
        return bare.lstrip("#! ")
    if not bare or _CODE_LINE.match(line):
        return ""
    parts = bare.split()
    return bare if len(parts) == 1 or len(_WORD.findall(bare)) >= _LEAST_WORDS * len(parts) else ""


def libraries(text: str) -> frozenset[str]:
    """Return the packages that a text imports, attaches, or uses by their usual short name."""
    found = set(_IMPORT.findall(text))
    found |= {one or two for one, two in _R_LIBRARY.findall(text)}
    found |= {ALIASES[name].split(".", maxsplit=1)[0] for name in _USED.findall(text) if name in ALIASES}
    return frozenset(found)

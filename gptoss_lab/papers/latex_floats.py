"""Parts of LaTeX environments: where they end, their captions, the tables inside."""

from __future__ import annotations

import re

from gptoss_lab.papers.latex_macros import group

TABULARS = frozenset([
    "tabular",
    "tabularx",
    "tabulary",
    "longtable",
    "tblr",
    "NiceTabular",
    "supertabular",
    "xltabular",
])
_OPTIONS = re.compile(r"\s*(?:\[[^\]]*\]\s*)*")
_ARGUMENT = re.compile(r"\s*(?=\{)")
_CAPTION = re.compile(r"\\caption\*?\s*(?:\[[^\]]*\])?\s*(?=\{)|\\captionof\s*\{[a-z]+\}\s*(?=\{)")
_LABEL = re.compile(r"\\label\s*\{([^{}]*)\}")


def matching(text: str, name: str, at: int) -> tuple[int, int]:
    """Return where the body of an environment ends, and the place after it."""
    pattern = re.compile(rf"\\(begin|end)\s*\{{{re.escape(name)}\}}")
    depth = 1
    for match in pattern.finditer(text, at):
        depth += 1 if match[1] == "begin" else -1
        if depth == 0:
            return match.start(), match.end()
    return len(text), len(text)


def tabular(body: str) -> list[tuple[str, str]]:
    """Return the tables in a body: the name of each environment, and what it holds."""
    found: list[tuple[str, str]] = []
    at = 0
    pattern = re.compile(rf"\\begin\s*\{{((?:{'|'.join(sorted(TABULARS))})\*?)\}}")
    while (match := pattern.search(body, at)) is not None:
        end, at = matching(body, match[1], match.end())
        found.append((match[1], body[match.end() : end]))
    return found


def is_wide(name: str) -> bool:
    """Say whether an environment is given a width before its columns."""
    return name in {"tabularx", "tabulary", "tabular*", "xltabular"}


def passed(body: str, *, twice: bool = False) -> int:
    """Return the place after the options and the arguments that an environment begins with."""
    at = 0
    for _ in range(2 if twice else 1):
        options = _OPTIONS.match(body, at)
        at = options.end() if options else at
        start = _ARGUMENT.match(body, at)
        end = group(body, start.end()) if start else -1
        at = end if end > 0 else at
    return at


def caption(body: str) -> str:
    """Return the source of the first caption; empty where there is none."""
    match = _CAPTION.search(body)
    end = group(body, match.end()) if match else -1
    return body[match.end() + 1 : end - 1] if match and end > 0 else ""


def without_caption(body: str) -> str:
    """Return a body without its caption and labels."""
    match = _CAPTION.search(body)
    end = group(body, match.end()) if match else -1
    return _LABEL.sub("", body[: match.start()] + body[end:] if match and end > 0 else body)


def anchor(body: str) -> str:
    """Return the first label of a body."""
    match = _LABEL.search(body)
    return match[1].strip() if match else ""

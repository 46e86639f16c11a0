"""The equations of an environment of LaTeX, each with the number that it prints."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gptoss_lab.papers.latex_text import split_at

SINGLE = frozenset({"equation", "displaymath", "multline", "math", "dmath", "empheq"})
ROWS = frozenset({"align", "gather", "eqnarray", "flalign", "alignat", "IEEEeqnarray"})

_ROW = re.compile(r"\\\\\*?\s*(?:\[[^\]]*\])?")
_LABEL = re.compile(r"\\label\s*\{([^{}]*)\}")
_TAG = re.compile(r"\\tag\*?\s*\{([^{}]*)\}")
_UNNUMBERED = re.compile(r"\\(?:nonumber|notag|IEEEnonumber)(?![A-Za-z])")


@dataclass(frozen=True, slots=True)
class Equation:
    """One numbered equation; `numbered` says that it takes the next number, `tag` that it has its own."""

    latex: str
    numbered: bool = False
    tag: str = ""
    anchor: str = ""


def equations(name: str, body: str) -> Iterator[Equation]:
    """Yield the equations of an environment: one for each number, or one where it has none."""
    starred = name.endswith("*") or name in {"displaymath", "math"}
    if name.rstrip("*") not in ROWS:
        yield _one(body, numbered=not starred and not _UNNUMBERED.search(body))
        return
    # A line break before the end begins a row that is empty, and is numbered all the same.
    rows = list(split_at(body, _ROW))
    waiting: list[str] = []
    for at, row in enumerate(rows):
        waiting.append(row)
        numbered = (not starred and not _UNNUMBERED.search(row)) or _TAG.search(row) is not None
        if numbered or at == len(rows) - 1:
            yield _one("\\\\\n".join(waiting), numbered=numbered)
            waiting = []


def _one(latex: str, *, numbered: bool) -> Equation:
    tag = _TAG.search(latex)
    label = _LABEL.search(latex)
    plain = _LABEL.sub("", _TAG.sub("", _UNNUMBERED.sub("", latex)))
    bare = "\n".join(line.strip() for line in plain.strip().splitlines() if line.strip())
    return Equation(
        bare,
        numbered=numbered and tag is None,
        tag=tag[1] if tag else "",
        anchor=label[1].strip() if label else "",
    )

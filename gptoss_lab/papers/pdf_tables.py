"""Tables of a PDF as grids: columns are where no line of the table has a word."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gptoss_lab.papers.draft import even
from gptoss_lab.papers.pdf_prose import Joiner
from gptoss_lab.papers.text_lines import Cell, TextLine

_SAME_ROW = 0.55
_GAP_PT = 4.5
_FEW_ROWS = 4
_FEW_GAP_PT = 7.0
_CROSSED = 0.12
_NUMBER = re.compile(r"^[-+\u2212]?[\d.,]+")
_MAX_WIDTH = 4000


def grid(lines: Sequence[TextLine], joiner: Joiner) -> tuple[tuple[str, ...], ...]:
    """Return the rows of a table from its lines."""
    rows = _rows(lines)
    edges = _edges(rows)
    cut = [_cut(row, edges) for row in rows]
    return even(_wrapped(cut, joiner))


def _rows(lines: Sequence[TextLine]) -> list[list[Cell]]:
    """Put the words of each baseline together; what is raised or lowered stays in its row."""
    rows: list[tuple[float, list[Cell]]] = []
    for line in sorted(lines, key=lambda one: (-one.y, one.x)):
        if rows and rows[-1][0] - line.y < _SAME_ROW * line.size:
            rows[-1][1].extend(line.words)
        else:
            rows.append((line.y, list(line.words)))
    return [sorted(words, key=lambda word: word.x) for _, words in rows]


def _edges(rows: Sequence[Sequence[Cell]]) -> list[float]:
    """Return the middles of the gaps that run through nearly all rows."""
    words = [word for row in rows for word in row]
    if not words:
        return []
    left = min(word.x for word in words)
    width = min(int(max(word.right for word in words) - left) + 2, _MAX_WIDTH)
    crossed = [0] * width
    for row in rows:
        covered = {
            at
            for word in row
            for at in range(max(int(word.x - left), 0), min(int(word.right - left) + 1, width))
        }
        for at in covered:
            crossed[at] += 1
    most = int(len(rows) * _CROSSED)
    least = _GAP_PT if len(rows) >= _FEW_ROWS else _FEW_GAP_PT
    edges: list[float] = []
    start = None
    for at, count in enumerate(crossed):
        if count <= most:
            start = at if start is None else start
            continue
        if start is not None and at - start >= least and start > 0:
            edges.append(left + (start + at) / 2)
        start = None
    return edges


def _cut(row: Sequence[Cell], edges: Sequence[float]) -> list[str]:
    cells = [""] * (len(edges) + 1)
    at = 0
    before: Cell | None = None
    for word in row:
        # A word goes on in the column of the word before it where no gap lies between them.
        apart = before is None or word.x - before.right > _GAP_PT
        column = sum(edge < (word.x + word.right) / 2 for edge in edges)
        at = column if apart or column < at or _starts(before, word, edges) else at
        cells[at] = f"{cells[at]} {word.text}".strip()
        before = word
    return cells


def _starts(before: Cell | None, word: Cell, edges: Sequence[float]) -> bool:
    """Say whether an edge lies in the gap between two words."""
    return before is not None and any(before.right <= edge <= word.x for edge in edges)


def _wrapped(rows: Sequence[list[str]], joiner: Joiner) -> list[list[str]]:
    """Put the second line of a cell that was broken to its first."""
    out: list[list[str]] = []
    for row in rows:
        filled = [at for at, cell in enumerate(row) if cell]
        continues = (
            len(out) > 1
            and len(filled) == 1
            and filled[0] > 0
            and out[-1][filled[0]] != ""
            and not _NUMBER.match(row[filled[0]])
        )
        if continues:
            out[-1][filled[0]] = joiner.join([out[-1][filled[0]], row[filled[0]]])
        else:
            out.append(list(row))
    return out

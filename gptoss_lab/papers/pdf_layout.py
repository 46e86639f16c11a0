"""How the pages of a PDF are laid out: margins, the size of its text, what repeats at the edges."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gptoss_lab.papers.pdf_lines import PageLines
from gptoss_lab.papers.text_lines import TextLine

_BOLD = re.compile(r"bold|black|heavy|demi|medi(?!a)|-bd|cmbx|cmb10|sfbx|\bbx\d", re.IGNORECASE)
_STAMP = re.compile(r"^arXiv:\d{4}\.\d{4,5}(?:v\d+)?\b")
_DIGITS = re.compile(r"\d+|\b[ivxl]+\b")
_LONG = 30
_SHARE = 0.12
_SHARE_OF_ALL = 0.04
_COLUMN = 0.4
_APART = 1.5
_REPEATED = 0.3
_MIN_PAGES = 3
_EDGE_LINES = 2
_NEAR_PT = 3.0
_DEFAULT_PT = 10.0
_INDENT = 2.2
_MATH = 0.5


def is_bold(line: TextLine) -> bool:
    """Say whether most of a line is in a bold font."""
    return _BOLD.search(line.font) is not None


@dataclass(frozen=True, slots=True)
class Layout:
    """Of one page.

    Attributes:
        body: The size of most text of the paper, in points.
        lefts: Where its columns and indented passages begin.
        rights: Where each of them ends.
    """

    body: float
    lefts: tuple[float, ...]
    rights: tuple[float, ...]

    def column(self, line: TextLine) -> tuple[float, float]:
        """Return the left and right margins around a line."""
        found = (self.lefts[0], self.rights[0])
        for left, right in zip(self.lefts, self.rights, strict=True):
            if left <= line.x + _NEAR_PT:
                found = (left, right)
        return found

    def is_flush(self, line: TextLine) -> bool:
        """Say whether a line begins at a margin, or as far in as a paragraph does."""
        left, _ = self.column(line)
        return line.x <= left + _INDENT * self.body

    def is_prose(self, line: TextLine) -> bool:
        """Say whether a line is one of a paragraph: at the margin, not mathematics, and not short."""
        left, right = self.column(line)
        full = line.right - left >= 0.6 * (right - left)
        return self.is_flush(line) and full and not line.mono and line.math < _MATH and len(line.cells) <= 1


def layouts(pages: Sequence[PageLines]) -> list[Layout]:
    """Return the layout of each page; a page with little text has that of all."""
    lines = [line for page in pages for line in page.lines if not line.turned]
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.size * 2) / 2] += len(line.text)
    body = max(sizes, key=lambda size: sizes[size], default=_DEFAULT_PT) or _DEFAULT_PT
    whole = _margins(lines, body, least=_SHARE_OF_ALL) or {72.0: 540.0}
    out: list[Layout] = []
    for page in pages:
        own = _margins(page.lines, body) or {}
        # What begins where no other page's text does is a table, or a list.
        margins = {left: max(right, _near(whole, left)) for left, right in own.items() if _near(whole, left)}
        margins = margins or whole
        out.append(Layout(body, tuple(margins), tuple(margins.values())))
    return out


def _near(margins: Mapping[float, float], left: float) -> float:
    return next((right for one, right in margins.items() if abs(one - left) <= _NEAR_PT), 0.0)


def _margins(lines: Iterable[TextLine], body: float, *, least: float = _SHARE) -> dict[float, float] | None:
    """Return where columns begin, by how much text begins there, and where most of their lines end."""
    long = [line for line in lines if len(line.text) >= _LONG and not line.mono and not line.turned]
    width = max((line.right for line in long), default=0.0) - min((line.x for line in long), default=0.0)
    weights: Counter[int] = Counter()
    for line in long:
        if abs(line.size - body) < 0.2 * body and line.right - line.x >= _COLUMN * width:
            weights[round(line.x)] += len(line.text)
    total = sum(weights.values())
    lefts: list[float] = []
    for x in sorted(x for x, weight in weights.items() if weight >= least * total):
        if not lefts or x - lefts[-1] > _APART * body:
            lefts.append(float(x))
    margins: dict[float, float] = {}
    for at, left in enumerate(lefts):
        following = lefts[at + 1] if at + 1 < len(lefts) else float("inf")
        ends: Counter[int] = Counter()
        for line in long:
            if left - _NEAR_PT <= line.x < following - _NEAR_PT:
                ends[round(line.right)] += 1
        margins[left] = float(max(ends, key=lambda end: (ends[end], end), default=int(left)))
    return margins or None


def without_furniture(pages: Sequence[PageLines]) -> list[list[TextLine]]:
    """Return the lines of each page without running heads, page numbers and stamps in the margin."""
    edges = [_edge(page) for page in pages]
    shapes: Counter[str] = Counter()
    for edge in edges:
        shapes.update({_shape(line) for line in edge})
    least = max(_MIN_PAGES, _REPEATED * len(pages))
    common = {shape for shape, count in shapes.items() if count >= least}
    out: list[list[TextLine]] = []
    for page, edge in zip(pages, edges, strict=True):
        dropped = {id(line) for line in edge if _shape(line) in common or line.text.strip().isdigit()}
        out.append([
            line for line in page.lines if id(line) not in dropped and not _STAMP.match(line.text.strip())
        ])
    return out


def _edge(page: PageLines) -> list[TextLine]:
    lines = sorted((line for line in page.lines if not line.turned), key=lambda line: -line.y)
    heights = sorted({round(line.y) for line in lines}, reverse=True)
    outer = {*heights[:_EDGE_LINES], *heights[-_EDGE_LINES:]}
    return [line for line in lines if round(line.y) in outer]


def _shape(line: TextLine) -> str:
    return _DIGITS.sub("#", line.text.strip())

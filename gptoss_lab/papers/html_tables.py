"""Tables and algorithms of the HTML of a paper."""

from __future__ import annotations

from selectolax.lexbor import LexborNode

from gptoss_lab.papers.draft import even
from gptoss_lab.papers.html_text import every, listing, run
from gptoss_lab.papers.latex_text import cell

_MAX_CELLS = 40_000
_MAX_SPAN = 60
_STEP = 2


def grid(node: LexborNode) -> tuple[tuple[str, ...], ...]:
    """Return the rows of a table; a cell that spans several stands in the first of them."""
    rows: list[list[str]] = []
    below: dict[int, int] = {}
    count = 0
    for line in every(node, "tr, .ltx_tr"):
        row: list[str] = []
        for item in every(line, "td, th, .ltx_td, .ltx_th"):
            _fill(row, below)
            columns, height = _span(item, "colspan"), _span(item, "rowspan")
            for at in range(len(row), len(row) + columns):
                if height > 1:
                    below[at] = height - 1
            text = run(item)
            row += [cell(text) if "$" in text else text, *[""] * (columns - 1)]
        _fill(row, below)
        count += len(row)
        if count > _MAX_CELLS:
            break
        rows.append(row)
    return even(rows)


def _fill(row: list[str], below: dict[int, int]) -> None:
    """Leave room for the cells of rows above that reach down."""
    while below.get(len(row), 0) > 0:
        below[len(row)] -= 1
        row.append("")


def _span(item: LexborNode, name: str) -> int:
    stated = item.attributes.get(name) or "1"
    return min(max(int(stated), 1), _MAX_SPAN) if stated.isdigit() else 1


def steps(node: LexborNode) -> str:
    """Return the lines of an algorithm."""
    lines = node.css(".ltx_listingline")
    if lines:
        return "\n".join(text for line in lines if (text := _step(line)))
    items = node.css("li")
    if items:
        return "\n".join(f"{at}. {run(item)}" for at, item in enumerate(items, start=1))
    listed = node.css_first("pre")
    return listing(listed) if listed is not None else run(node)


def _step(line: LexborNode) -> str:
    """Return one line; spaces that only indent are kept."""
    for number in line.css(".ltx_tag_listingline"):
        number.decompose()
    raw = line.text(deep=True)
    text = run(line)
    blanks = len(raw) - len(raw.lstrip(" \u00a0\u2003\t"))
    return f"{' ' * (blanks // _STEP * _STEP)}{text}" if text else ""

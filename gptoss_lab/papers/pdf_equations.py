"""Displayed mathematics of a PDF: which lines it is, and the number that each equation prints."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gptoss_lab.papers.pdf_layout import Layout
from gptoss_lab.papers.text_lines import TextLine

_NUMBER = re.compile(r"\(\s*((?:[A-Z]\.?)?\d+(?:\.\d+)*[a-z]?)\s*\)$")
_MUCH = 0.3
_SOME = 0.12
_SHORT = 14
_INDENT = 1.4
_INLINE = 0.95
_EDGE_PT = 6.0
_NEAR = 3


@dataclass(frozen=True, slots=True)
class Display:
    """One equation; `label` is its number in parentheses, empty where it prints none."""

    text: str
    label: str


def kinds(lines: Sequence[TextLine], layout: Layout) -> list[bool]:
    """Say of each line whether it is part of displayed mathematics."""
    prose = [layout.is_prose(line) for line in lines]
    found = [
        not prose[at] and _is_core(line, layout) and not _is_inline(lines, prose, at)
        for at, line in enumerate(lines)
    ]
    for step in (1, -1):
        order = range(len(lines)) if step == 1 else range(len(lines) - 1, -1, -1)
        for at in order:
            before = at - step
            if found[at] or prose[at] or not 0 <= before < len(lines) or not found[before]:
                continue
            found[at] = _is_piece(lines[at], lines[before], layout) and not _is_inline(lines, prose, at)
    return found


def displays(lines: Sequence[TextLine], layout: Layout) -> Iterator[Display]:
    """Yield the equations of a run of lines: each ends with its number."""
    waiting: list[str] = []
    for line in lines:
        label = number(line, layout)
        text = line.text[: line.text.rindex("(")].rstrip() if label else line.text
        waiting.append(text)
        if label:
            yield Display(" ".join(part for part in waiting if part), f"({label})")
            waiting = []
    if any(waiting):
        yield Display(" ".join(part for part in waiting if part), "")


def number(line: TextLine, layout: Layout) -> str:
    """Return the number that a line ends with at the right margin; empty where there is none."""
    match = _NUMBER.search(line.text)
    if match is None or line.mono:
        return ""
    left, right = layout.column(line)
    last = line.cells[-1] if line.cells else None
    apart = last is not None and _NUMBER.fullmatch(last.text) is not None and len(line.cells) > 1
    alone = _NUMBER.fullmatch(line.text) is not None and line.x > left + 0.5 * (right - left)
    edge = line.right >= right - _EDGE_PT
    return (
        match[1] if edge and (apart or alone or (line.math > _SOME and line.x > left + layout.body)) else ""
    )


def _is_core(line: TextLine, layout: Layout) -> bool:
    if line.mono or line.size < 0.7 * layout.body:
        return False
    left, _ = layout.column(line)
    if number(line, layout):
        return True
    return line.math >= _MUCH and line.x > left + _INDENT * layout.body


def _is_piece(line: TextLine, beside: TextLine, layout: Layout) -> bool:
    left, _ = layout.column(line)
    near = abs(line.y - beside.y) < _NEAR * layout.body
    small = len(line.text) <= _SHORT or line.math >= _SOME
    return near and small and not line.mono and line.x > left + _INDENT * layout.body


def _is_inline(lines: Sequence[TextLine], prose: Sequence[bool], at: int) -> bool:
    """Say whether a piece belongs to the paragraph around it: a raised or lowered part of a line."""
    line = lines[at]
    for other in range(max(at - _NEAR, 0), min(at + _NEAR + 1, len(lines))):
        if prose[other] and abs(lines[other].y - line.y) < _INLINE * lines[other].size:
            return True
    return False

"""Tables, algorithms and figures of a page: the caption, and the lines that belong to it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from gptoss_lab.papers.pdf_layout import Layout, is_bold
from gptoss_lab.papers.text_lines import TextLine

FloatKind = Literal["table", "algorithm", "figure"]

CAPTION = re.compile(
    r"^(?P<kind>Table|TABLE|Figure|FIGURE|Fig\.|Algorithm|Listing)\s*(?P<number>[A-Z]?\d+(?:\.\d+)?|[IVX]+)"
    r"(?P<stop>\s*[:.|\u2014](?=\s|$)|\s+(?=[A-Z])|\s*$)"
)
_STEP = re.compile(r"^(?:\d+\s*:|(?:Input|Output|Require|Ensure|Data|Result)\b)", re.IGNORECASE)
_KINDS: dict[str, FloatKind] = {
    "table": "table",
    "figure": "figure",
    "fig.": "figure",
    "algorithm": "algorithm",
}
_CLOSE = 1.5
_FIRST_GAP = 3.4
_NEXT_GAP = 2.1
_FIGURE_GAP = 30.0
_NOTE = 0.93
_WIDE = 1.12


@dataclass(frozen=True, slots=True)
class Float:
    """What stands apart from the text. `at` is the line of its caption that comes first."""

    kind: FloatKind
    label: str
    caption: tuple[TextLine, ...]
    lines: tuple[TextLine, ...]

    @property
    def at(self) -> TextLine:
        """The line with its name."""
        return self.caption[0]


def captions_below(pages: Iterable[tuple[Sequence[TextLine], Layout]]) -> bool:
    """Say whether a paper sets the captions of its tables below them, by where their rows are."""
    votes = 0
    for lines, layout in pages:
        for match, line in _captions(lines):
            if _KINDS.get(match["kind"].lower()) == "table":
                one = Float("table", "", _whole_caption(line, lines, layout), ())
                rest = [other for other in lines if other not in one.caption]
                up, down = (_cells(region) > 0 for region in _both(one, rest, layout))
                votes += up - down
    return votes > 0


def floats(lines: Sequence[TextLine], layout: Layout, *, below: bool) -> list[Float]:
    """Return the floats of a page; a line belongs to one of them at most.

    Args:
        lines: Those of the page.
        layout: That of the page.
        below: The captions of tables stand below them.
    """
    found: list[Float] = []
    used: set[int] = set()
    for match, line in _captions(lines):
        kind = _KINDS.get(match["kind"].lower(), "figure")
        caption = _whole_caption(line, lines, layout)
        used.update(id(one) for one in caption)
        found.append(Float(kind, f"{_named(match['kind'])} {match['number']}", caption, ()))
    out: list[Float] = []
    for one in found:
        region = _region(one, [line for line in lines if id(line) not in used], layout, below=below)
        used.update(id(line) for line in region)
        out.append(Float(one.kind, one.label, one.caption, tuple(region)))
    return out


def _captions(lines: Sequence[TextLine]) -> list[tuple[re.Match[str], TextLine]]:
    return [(match, line) for line in lines if (match := _caption(line, lines)) is not None]


def _named(kind: str) -> str:
    return "Figure" if kind.lower().startswith("fig") else kind.capitalize()


def _caption(line: TextLine, lines: Sequence[TextLine]) -> re.Match[str] | None:
    match = CAPTION.match(line.text)
    if match is None or line.mono:
        return None
    if match["stop"].strip():
        return match
    below = [one for one in lines if 0 < line.y - one.y < _FIRST_GAP * line.size]
    stepped = match["kind"] == "Algorithm" and any(_STEP.match(one.text) for one in below)
    alone = not match["stop"].strip() and match.end() == len(line.text) and _centred(line, below)
    return match if stepped or is_bold(line) or alone else None


def _centred(line: TextLine, below: Iterable[TextLine]) -> bool:
    return any(abs((line.x + line.right) - (one.x + one.right)) < line.size for one in below)


def _whole_caption(line: TextLine, lines: Sequence[TextLine], layout: Layout) -> tuple[TextLine, ...]:
    caption = [line]
    following = list(lines[[id(one) for one in lines].index(id(line)) + 1 :])
    for one in following:
        last = caption[-1]
        close = 0 < last.y - one.y <= _CLOSE * last.size
        alike = abs(one.size - last.size) < 0.1 * last.size and len(one.cells) <= 1 and not one.mono
        _, right = layout.column(line)
        full = last.right > right - 6 * last.size or one.x > line.x + last.size or last is not line
        if not (close and alike and full) or CAPTION.match(one.text):
            break
        caption.append(one)
    return tuple(caption)


def _region(one: Float, lines: Sequence[TextLine], layout: Layout, *, below: bool) -> list[TextLine]:
    up, down = _both(one, lines, layout)
    if one.kind == "algorithm":
        return down
    if one.kind == "figure":
        return [line for line in up if not line.mono]
    wanted, other = (up, down) if below else (down, up)
    return wanted if _cells(wanted) or not _cells(other) else other


def _both(one: Float, lines: Sequence[TextLine], layout: Layout) -> tuple[list[TextLine], list[TextLine]]:
    """Return the lines that stand above a caption, and those below it."""
    first, last = one.caption[0], one.caption[-1]
    above = sorted((line for line in lines if line.y > first.y), key=lambda line: line.y)
    under = sorted((line for line in lines if line.y < last.y), key=lambda line: -line.y)
    return _run(first, above, one, layout), _run(last, under, one, layout)


def _cells(lines: Iterable[TextLine]) -> int:
    return sum(len(line.cells) > 1 for line in lines)


def _run(start: TextLine, lines: Iterable[TextLine], one: Float, layout: Layout) -> list[TextLine]:
    """Return the lines that follow a caption up or down, until a paragraph or a wide gap."""
    region: list[TextLine] = []
    at = start
    for line in lines:
        if not _beside(line, one, layout):
            continue
        gap = abs(at.y - line.y)
        widest = _NEXT_GAP if region else _FIRST_GAP
        if one.kind == "figure":
            widest = _FIGURE_GAP
        if gap <= widest * layout.body and line.size < _NOTE * layout.body and layout.is_prose(line):
            at = line  # a note between a table and its caption
            continue
        if gap > widest * layout.body or _ends(line, one, layout):
            break
        region.append(line)
        at = line
    return region


def _beside(line: TextLine, one: Float, layout: Layout) -> bool:
    """Say whether a line stands in the column of the caption."""
    if len({round(left) for left in layout.lefts}) == 1:
        return True
    left, right = layout.column(one.at)
    wide = one.at.right > right * _WIDE or any(line.x < left - layout.body for line in one.caption)
    return wide or (line.right > left and line.x < max(right, one.at.right))


def _ends(line: TextLine, one: Float, layout: Layout) -> bool:
    if CAPTION.match(line.text) or (one.kind != "figure" and line.turned != one.at.turned):
        return True
    if one.kind == "algorithm":
        return layout.is_prose(line) and not _STEP.match(line.text) and line.words[0].text[0].isupper()
    if one.kind == "figure" and line.mono:
        return True
    return layout.is_prose(line) and abs(line.x - layout.column(line)[0]) < 0.3 * layout.body

"""Lines put together from what a page paints; those of code with every space where it is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from gptoss_lab.papers.letters import prose, typed
from gptoss_lab.papers.pdf_spans import Span

_MOSTLY = 0.9
_SAME_LINE = 0.52
_WORD_GAP = 0.16
_CELL_GAP = 1.1
_MIN_SIZE = 0.1
_HEADS = 2
_MATH_FONT = re.compile(
    r"^cm(?:mi|sy|ex|bsy|mib)|^lmmath|^ms[ab]m|mathsym|mathital|mathext|mathptmx|symbol|stix.*math|xits.*math|"
    r"cambria ?math|^rsfs|^eu[fsrx]m|^tx(?:mi|sy|ex)|^px(?:mi|sy)|newtx(?:mi|math)|^mnsymbol|^fouriermath|"
    r"^zplmr|^mtmi|^mtsy|mtpro|asana|libertinusmath|dejavumath|latinmodernmath|^wasy|^stmary|^bbold|^dsrom",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A part of a line with white around it."""

    text: str
    x: float
    right: float


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of a page.

    Attributes:
        text: Of a line of code with its spaces and indentation, else with single spaces.
        x, y: Where it begins on its baseline, in points from the lower left.
        right: Where it ends.
        size: The height of most of its letters.
        mono: Nearly all of it is in a font whose letters are equally wide.
        font: The name of the font of most of it.
        page: Counts from 1.
        column: How wide one letter of a line of code is, in points.
        cells: Its parts, where wide gaps lie between them.
        words: Its words, each with its place.
        math: Which share of it is in fonts for mathematics.
        turned: It runs up or down the page.
    """

    text: str
    x: float
    y: float
    right: float
    size: float
    mono: bool
    font: str
    page: int
    column: float = 0.0
    cells: tuple[Cell, ...] = ()
    words: tuple[Cell, ...] = ()
    math: float = 0.0
    turned: bool = False


def lines_of(spans: Iterable[Span], page: int) -> Iterator[TextLine]:
    """Yield the lines of a page, in the order in which they are painted."""
    lines = [_line(group, page) for group in _grouped(spans)]
    yield from _indented([line for line in lines if line.text.strip()])


def _grouped(spans: Iterable[Span]) -> Iterator[list[Span]]:
    """Put together what stands on one baseline, as it is painted; raised letters stay with their word."""
    group: list[Span] = []
    for span in spans:
        if group and not _joins(group, span):
            yield group
            group = []
        group.append(span)
    if group:
        yield group


def _joins(group: Sequence[Span], span: Span) -> bool:
    last = group[-1]
    base = max(group, key=lambda one: one.size)
    if span.turned != last.turned:
        return False
    height = max(base.size, span.size, _MIN_SIZE)
    same = abs(span.y - base.y) < _SAME_LINE * height or abs(span.y - last.y) < _MIN_SIZE
    return same and span.x > last.x - 0.5 * height


def _line(group: Sequence[Span], page: int) -> TextLine:
    letters: dict[str, int] = {}
    for span in group:
        letters[span.font.name] = letters.get(span.font.name, 0) + len(span.text.strip())
    total = sum(letters.values()) or 1
    main = max(group, key=lambda span: letters[span.font.name])
    mono = _is_code(group)
    first = next((span for span in group if span.text.strip()), group[0])
    column = _column(group) or main.font.column * main.size if mono else 0.0
    words = _words(group)
    cells = _cells(words, main.size)
    text = _code(group, first.x, column) if mono else " ".join(cell.text for cell in cells)
    formula = sum(len(span.text.strip()) for span in group if _MATH_FONT.search(span.font.name))
    size = max((span.size * (span.font.name == main.font.name) for span in group), default=main.size)
    return TextLine(
        text=text,
        x=first.x,
        y=main.y,
        right=max(span.right for span in group),
        size=size,
        mono=mono,
        font=main.font.name,
        page=page,
        column=column,
        cells=cells,
        words=words,
        math=formula / total,
        turned=first.turned,
    )


def _is_code(group: Sequence[Span]) -> bool:
    """Say whether nearly all letters are equally wide; quotes and signs often come from another font."""
    counted = str.isalnum if any(char.isalnum() for span in group for char in span.text) else str.isprintable
    shares = [
        (sum(counted(char) for char in span.text if not char.isspace()), span.font.mono) for span in group
    ]
    total = sum(count for count, _ in shares)
    return total > 0 and sum(count for count, mono in shares if mono) >= _MOSTLY * total


def _column(group: Sequence[Span]) -> float:
    """Return how far letters of code mostly stand apart; fonts that are cut down do not always say it."""
    steps: Counter[float] = Counter()
    for span in group:
        if span.font.mono:
            steps.update(round(right - left, 2) for left, right in zip(span.offsets, span.ends, strict=False))
    return max((step for step in steps if step > _MIN_SIZE), key=lambda step: steps[step], default=0.0)


def _code(group: Sequence[Span], left: float, column: float) -> str:
    """Put each letter where it stands in a grid as wide as one letter."""
    out: list[str] = []
    for span in group:
        for letter, at in zip(span.text, span.offsets, strict=False):
            if letter.isspace():
                continue
            place = round((at - left) / column) if column > 0 else len(out)
            out += " " * (place - len(out))
            out.append(letter)
    return typed("".join(out)).rstrip()


def _words(group: Sequence[Span]) -> tuple[Cell, ...]:
    words: list[Cell] = []
    text, start, end, size = "", 0.0, 0.0, 0.0
    for letter, left, right, height in _letters(group):
        if text and left - end > _WORD_GAP * max(size, height):
            words.append(Cell(prose(text), start, end))
            text = ""
        start = start if text else left
        text, end, size = text + letter, max(right, end) if text else right, height
    words.append(Cell(prose(text), start, end))
    return tuple(word for word in words if word.text)


def _letters(group: Sequence[Span]) -> Iterator[tuple[str, float, float, float]]:
    """Yield the letters of a line with their left and right ends, and their height."""
    for span in group:
        for letter, left, right in zip(span.text, span.offsets, span.ends, strict=False):
            if not letter.isspace():
                yield letter, left, right, span.size


def _cells(words: Sequence[Cell], size: float) -> tuple[Cell, ...]:
    cells: list[Cell] = []
    for word in words:
        if cells and word.x - cells[-1].right <= _CELL_GAP * size:
            last = cells.pop()
            word = Cell(f"{last.text} {word.text}", last.x, word.right)  # noqa: PLW2901 - the cell goes on
        cells.append(word)
    return tuple(cells)


def _indented(lines: Sequence[TextLine]) -> Iterator[TextLine]:
    """Give the lines of a run of code the indentation that they have against its left edge."""
    run: list[TextLine] = []
    edge = min((line.x for line in lines if line.mono), default=0.0)
    above = 0
    for line in lines:
        if run and not (line.mono and _follows(run[-1], line)):
            yield from _shifted(run, edge if above <= _HEADS else run[0].x)
            above += _HEADS + 1
            run = []
        if line.mono:
            run.append(line)
        else:
            above += 1
            yield line
    yield from _shifted(run, edge if above <= _HEADS else min((line.x for line in run), default=0.0))


def _follows(above: TextLine, line: TextLine) -> bool:
    return line.y < above.y and above.turned == line.turned


def _shifted(run: Sequence[TextLine], edge: float) -> Iterator[TextLine]:
    """Indent a run; one that goes on from the page before begins where the other code of its page does."""
    left = min([edge, *(line.x for line in run)])
    for line in run:
        steps = round((line.x - left) / line.column) if line.column > 0 else 0
        yield replace(line, text=" " * steps + line.text)

"""The lines of a PDF as they stand on the page; those of code with every space where it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pypdf
from pypdf.errors import PyPdfError

from gptoss_lab.documents.hidden import strip_invisible
from gptoss_lab.errors import DocumentError, SourceLimitError
from gptoss_lab.papers.letters import prose, typed
from gptoss_lab.papers.pdf_fonts import PageFont
from gptoss_lab.papers.pdf_spans import MAX_STREAM_BYTES, Span, TooLargeError, page_spans

Report = Callable[[int, int], None]

BROKEN = (
    PyPdfError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    AssertionError,
    NotImplementedError,
    ZeroDivisionError,
)
_MOSTLY = 0.9
_SAME_LINE = 0.45
_WORD_GAP = 0.16
_CELL_GAP = 1.1
_RUN_GAP = 2.6
_MIN_SIZE = 0.1


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
    turned: bool = False


@dataclass(frozen=True, slots=True)
class PageLines:
    """The lines of one page, in the order in which they are painted; `hidden` is what readers do not see."""

    number: int
    width: float
    height: float
    lines: tuple[TextLine, ...] = ()
    hidden: str = ""
    recognised: bool = False
    warning: str = ""


def read_lines(path: Path, *, max_pages: int = 400, report: Report | None = None) -> list[list[TextLine]]:
    """Return the lines of each page of a PDF.

    Args:
        path: The file.
        max_pages: More are refused.
        report: Told how many pages are read, and how many there are.

    Raises:
        DocumentError: It is encrypted or broken.
        SourceLimitError: It has too many pages.
    """
    with open_pdf(path, path.name, max_pages=max_pages) as reader:
        return [list(page.lines) for page in read_pages(reader, path.name, report)]


@contextmanager
def open_pdf(path: Path, name: str, *, max_pages: int) -> Iterator[pypdf.PdfReader]:
    """Open a PDF that a person can read.

    Raises:
        DocumentError: It is encrypted or broken.
        SourceLimitError: It has too many pages.
    """
    try:
        with path.open("rb") as stream:
            reader = pypdf.PdfReader(stream)
            if reader.is_encrypted and not reader.decrypt(""):
                raise DocumentError(
                    f"{name} is protected by a password",
                    hint="Save a copy without the password and use that.",
                )
            count = len(reader.pages)
            if count > max_pages:
                raise SourceLimitError(
                    f"{name} has {count} pages; at most {max_pages} are read",
                    hint="Save the pages that matter as a file of their own, or raise paper_max_pages.",
                )
            yield reader
    except (*BROKEN, RecursionError) as error:
        raise DocumentError(
            f"{name} is not a PDF that can be read: {str(error) or type(error).__name__}",
            hint="Open it and save it again, or use another copy.",
        ) from error


def read_pages(reader: pypdf.PdfReader, name: str, report: Report | None = None) -> Iterator[PageLines]:
    """Yield the lines of each page; a page that cannot be read has none, and a warning."""
    fonts: dict[int, PageFont | None] = {}
    count = len(reader.pages)
    for number, page in enumerate(reader.pages, start=1):
        box = page.mediabox
        empty = PageLines(number, float(box.width), float(box.height))
        try:
            found = page_spans(reader, page, fonts)
            yield _page(empty, found)
        except TooLargeError:
            most = MAX_STREAM_BYTES >> 20
            yield replace(empty, warning=f"Page {number} of {name} was left out: it holds over {most} MB")
        except BROKEN as error:
            yield replace(empty, warning=f"Page {number} of {name} cannot be read: {error}")
        if report is not None:
            report(number, count)


def _page(page: PageLines, spans: Sequence[Span]) -> PageLines:
    seen = [span for span in spans if not span.hidden]
    recognised = not any(span.text.strip() for span in seen)
    if recognised:
        # Text recognition lays letters without ink over a scan: what it says is all there is.
        seen = [span for span in spans if span.layer]
    hidden = "" if recognised else " ".join(span.text.strip() for span in spans if span.hidden)
    lines = [_line(group, page.number) for group in _grouped(seen)]
    return replace(
        page,
        lines=tuple(_indented([line for line in lines if line.text.strip()])),
        hidden=strip_invisible(hidden).strip(),
        recognised=recognised and bool(lines),
    )


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
    height = max(base.size, _MIN_SIZE)
    same = abs(span.y - base.y) < _SAME_LINE * height or abs(span.y - last.y) < _MIN_SIZE
    return same and span.x > last.x - 0.5 * height


def _line(group: Sequence[Span], page: int) -> TextLine:
    letters: dict[str, int] = {}
    for span in group:
        letters[span.font.name] = letters.get(span.font.name, 0) + len(span.text.strip())
    total = sum(letters.values()) or 1
    main = max(group, key=lambda span: letters[span.font.name])
    mono = sum(len(span.text.strip()) for span in group if span.font.mono) >= _MOSTLY * total
    first = next((span for span in group if span.text.strip()), group[0])
    column = _column(group) or main.font.column * main.size if mono else 0.0
    cells = () if mono else _cells(group)
    text = _code(group, first.x, column) if mono else " ".join(cell.text for cell in cells)
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
        turned=first.turned,
    )


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


def _cells(group: Sequence[Span]) -> tuple[Cell, ...]:
    cells: list[Cell] = []
    text, start, end, size = "", group[0].x, group[0].x, group[0].size
    for span in group:
        for part, left, right in _words(span):
            gap = left - end
            if text and gap > _CELL_GAP * max(size, span.size):
                cells.append(Cell(prose(text), start, end))
                text = ""
            elif text and gap > _WORD_GAP * max(size, span.size) and not text.endswith(" "):
                text += " "
            if not text:
                start = left
            text, end, size = text + part, right, span.size
    if text:
        cells.append(Cell(prose(text), start, end))
    return tuple(cell for cell in cells if cell.text)


def _words(span: Span) -> Iterator[tuple[str, float, float]]:
    """Yield the letters of a span with their left and right ends."""
    for letter, left, right in zip(span.text, span.offsets, span.ends, strict=False):
        if not letter.isspace():
            yield letter, left, right


def _indented(lines: Sequence[TextLine]) -> Iterator[TextLine]:
    """Give the lines of a run of code the indentation that they have against its left edge."""
    run: list[TextLine] = []
    for line in lines:
        if run and not (line.mono and _follows(run[-1], line)):
            yield from _shifted(run)
            run = []
        if line.mono:
            run.append(line)
        else:
            yield line
    yield from _shifted(run)


def _follows(above: TextLine, line: TextLine) -> bool:
    return 0 < above.y - line.y < _RUN_GAP * above.size and above.turned == line.turned


def _shifted(run: Sequence[TextLine]) -> Iterator[TextLine]:
    left = min((line.x for line in run), default=0.0)
    for line in run:
        steps = round((line.x - left) / line.column) if line.column > 0 else 0
        yield replace(line, text=" " * steps + line.text)

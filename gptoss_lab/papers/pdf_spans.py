"""What a content stream of a PDF paints as text: runs of letters with their place, size and font."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pypdf import PageObject, PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ContentStream, DictionaryObject, StreamObject

from gptoss_lab.papers.pdf_fonts import PageFont
from gptoss_lab.papers.pdf_paint import Matrix, Paint, multiply

MAX_STREAM_BYTES = 20 << 20
_MAX_DEPTH = 4
_MAX_STACK = 200
_MAX_LETTERS = 400_000
_NEXT_LINE = frozenset({b"'", b'"', b"T*"})
_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Span:
    """Letters painted by one operator.

    Attributes:
        x, y: Where the baseline begins; in a turned span along and across its own direction.
        right: Where it ends.
        size: The height of the font as it is painted, in points.
        turned: It runs up or down the page.
        hidden: A reader does not see it: white, tiny, painted with no ink, or off the page.
        layer: It is painted with no ink, as text recognition does over a scan.
        offsets: Where each letter begins, by its position in the text.
        ends: Where each ends.
    """

    text: str
    x: float
    y: float
    right: float
    size: float
    font: PageFont
    turned: bool = False
    hidden: bool = False
    layer: bool = False
    offsets: tuple[float, ...] = ()
    ends: tuple[float, ...] = ()


class TooLargeError(Exception):
    """A content stream is over the limit."""


def page_spans(reader: PdfReader, page: PageObject, fonts: dict[int, PageFont | None]) -> list[Span]:
    """Return what a page shows, in the order in which it is painted.

    Args:
        reader: The file.
        page: The page.
        fonts: Those that were read before, by the number of their object.

    Raises:
        TooLargeError: Its content is over the limit.
    """
    contents = page.get("/Contents")
    held = contents.get_object() if contents is not None else None
    if held is None:
        return []
    painter = _Painter(reader, page, fonts)
    stream = ContentStream(held, reader, "bytes")
    painter.run(stream, _resources(page), _IDENTITY, 0)
    return painter.spans


def _resources(page: DictionaryObject) -> DictionaryObject:
    node: Any = page
    for _ in range(_MAX_DEPTH * 5):
        found = node.get("/Resources")
        if found is not None and isinstance(found.get_object(), DictionaryObject):
            held = found.get_object()
            return held if isinstance(held, DictionaryObject) else DictionaryObject()
        parent = node.get("/Parent")
        if parent is None:
            break
        node = parent.get_object()
    return DictionaryObject()


class _Painter:
    def __init__(self, reader: PdfReader, page: PageObject, fonts: dict[int, PageFont | None]) -> None:
        self.spans: list[Span] = []
        self._reader, self._fonts = reader, fonts
        box = page.mediabox
        self._box = (float(box.left), float(box.bottom), float(box.right), float(box.top))
        self._paint = Paint()
        self._stack: list[Paint] = []
        self._tm: Matrix = _IDENTITY
        self._line: Matrix = _IDENTITY
        self._letters = 0

    def run(self, stream: ContentStream, resources: DictionaryObject, matrix: Matrix, depth: int) -> None:
        if len(stream.get_data()) > MAX_STREAM_BYTES:
            raise TooLargeError
        held, self._stack = self._stack, []
        before, self._paint = self._paint, self._paint.moved(matrix)
        for operands, operator in stream.operations:
            if operator == b"Do":
                self._form(resources, operands, depth)
            elif operator == b"Tf":
                self._set_font(resources, operands)
            elif operator == b"q" and len(self._stack) < _MAX_STACK:
                self._stack.append(self._paint.copy())
            elif operator == b"Q" and self._stack:
                self._paint = self._stack.pop()
            elif operator in _TEXT:
                self._text(operator, operands)
            else:
                self._paint.apply(operator, operands)
        self._stack, self._paint = held, before

    def _form(self, resources: DictionaryObject, operands: Sequence[Any], depth: int) -> None:
        objects = resources.get("/XObject")
        if depth >= _MAX_DEPTH or objects is None or not operands:
            return
        form = objects.get_object().get(operands[0])
        form = form.get_object() if form is not None else None
        if not isinstance(form, StreamObject) or form.get("/Subtype") != "/Form":
            return
        numbers = [float(value) for value in form.get("/Matrix", _IDENTITY)]
        own = form.get("/Resources")
        inner = own.get_object() if own is not None else resources
        stream = ContentStream(form, self._reader, "bytes")
        self.run(stream, inner, _matrix(numbers), depth + 1)

    def _set_font(self, resources: DictionaryObject, operands: Sequence[Any]) -> None:
        self._paint.font = self._font(resources, operands[0]) if operands else None
        if len(operands) > 1 and isinstance(operands[1], int | float):
            self._paint.size = float(operands[1])

    def _font(self, resources: DictionaryObject, name: str) -> PageFont | None:
        held = resources.get("/Font")
        fonts = held.get_object() if held is not None else None
        found = fonts.raw_get(name) if isinstance(fonts, DictionaryObject) and name in fonts else None
        if found is None:
            return None
        key = getattr(found, "idnum", None) or id(found)
        if key not in self._fonts:
            try:
                self._fonts[key] = PageFont(found.get_object())
            except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError):
                self._fonts[key] = None  # a font that cannot be read shows no text; the page's others do
        return self._fonts[key]

    def _text(self, operator: bytes, operands: Sequence[Any]) -> None:
        if operator == b"BT":
            self._tm = self._line = _IDENTITY
        elif operator == b"Tm":
            self._tm = self._line = _matrix(operands)
        elif operator in {b"Td", b"TD"}:
            x, y = _numbers(operands, 2)
            if operator == b"TD":
                self._paint.leading = -y
            self._next(x, y)
        else:
            self._shown(operator, operands)

    def _shown(self, operator: bytes, operands: Sequence[Any]) -> None:
        if operator == b'"':
            self._paint.word_space, self._paint.letter_space = _numbers(operands, 2)
        if operator in _NEXT_LINE:
            self._next(0.0, -self._paint.leading)
        if operator == b"TJ":
            self._show(operands[0] if operands else ())
        elif operator != b"T*":
            self._show(operands[-1:])

    def _next(self, x: float, y: float) -> None:
        self._tm = self._line = multiply((1.0, 0.0, 0.0, 1.0, x, y), self._line)

    def _show(self, parts: Sequence[Any]) -> None:
        """Paint the strings of an array; numbers between them move the place of the next letter.

        Raises:
            TooLargeError: The page holds too many letters.
        """
        paint, font = self._paint, self._paint.font
        if font is None:
            return
        text: list[str] = []
        offsets: list[float] = []
        ends: list[float] = []
        at = 0.0
        scale = paint.size * paint.stretch
        for part in parts:
            if isinstance(part, int | float):
                at -= float(part) / 1000.0 * scale
                continue
            data = part if isinstance(part, bytes) else str(part).encode("latin-1", "replace")
            for letter, width, space in font.letters(data):
                text.append(letter)
                offsets.extend([at] * len(letter))
                ends.extend([at + width * scale] * len(letter))
                extra = paint.letter_space + (paint.word_space if space else 0.0)
                at += width * scale + extra * paint.stretch
        self._letters += len(text)
        if self._letters > _MAX_LETTERS:
            raise TooLargeError
        self._add("".join(text), offsets, ends, at)
        self._tm = multiply((1.0, 0.0, 0.0, 1.0, at, 0.0), self._tm)

    def _add(self, text: str, offsets: Sequence[float], ends: Sequence[float], width: float) -> None:
        font = self._paint.font
        if not text or font is None:
            return
        a, b, c, d, e, f = multiply(self._tm, self._paint.matrix)
        along = math.hypot(a, b)
        size = abs(self._paint.size) * math.hypot(c, d)
        turned = abs(b) > abs(a)
        rise = self._paint.rise
        if turned:
            sign = 1.0 if b > 0 else -1.0
            x, y = sign * f, -sign * (e + c * rise)
        else:
            x, y = e, f + d * rise
        hidden = self._paint.hides(e, f, size, self._box)
        self.spans.append(
            Span(
                text,
                x,
                y,
                x + width * along,
                size,
                font,
                turned,
                hidden or self._paint.no_ink,
                self._paint.no_ink and not hidden,
                tuple(x + offset * along for offset in offsets),
                tuple(x + end * along for end in ends),
            )
        )


_TEXT = frozenset({b"BT", b"Tm", b"Td", b"TD", b"TJ", b"Tj", *_NEXT_LINE})


def _numbers(operands: Sequence[Any], count: int) -> tuple[float, ...]:
    found = [float(value) if isinstance(value, int | float) else 0.0 for value in operands[:count]]
    return (*found, *[0.0] * (count - len(found)))


def _matrix(operands: Sequence[Any]) -> Matrix:
    if len(operands) < 6 or not all(isinstance(value, int | float) for value in operands[:6]):  # noqa: PLR2004
        return _IDENTITY
    a, b, c, d, e, f = (float(value) for value in operands[:6])
    return (a, b, c, d, e, f)

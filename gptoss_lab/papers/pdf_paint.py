"""The state with which a PDF paints: place, spacing, ink; and whether a reader sees what it paints."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from typing_extensions import Self

from gptoss_lab.papers.pdf_fonts import PageFont

Matrix = tuple[float, float, float, float, float, float]

_WHITE = 0.97
_TINY_PT = 2.0
_NO_INK = 3
_CLIP_ONLY = 7
_MAX_BACKGROUNDS = 500
_CMYK = 4
_INKS = frozenset({b"g", b"rg", b"k", b"sc", b"scn", b"cs"})
_FILLS = frozenset({b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*"})
_ENDS = frozenset({b"n", b"S", b"s"})


def multiply(m: Matrix, n: Matrix) -> Matrix:
    """Return the matrix that applies `m` and then `n`."""
    return (
        m[0] * n[0] + m[1] * n[2],
        m[0] * n[1] + m[1] * n[3],
        m[2] * n[0] + m[3] * n[2],
        m[2] * n[1] + m[3] * n[3],
        m[4] * n[0] + m[5] * n[2] + n[4],
        m[4] * n[1] + m[5] * n[3] + n[5],
    )


@dataclass(slots=True)
class Paint:
    """The graphics state, as far as text needs it.

    Attributes:
        stretch: The horizontal scaling, 1 being none.
        backgrounds: Areas that were filled with something other than white; shared by all states of a page.
    """

    matrix: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    font: PageFont | None = None
    size: float = 0.0
    letter_space: float = 0.0
    word_space: float = 0.0
    stretch: float = 1.0
    leading: float = 0.0
    rise: float = 0.0
    white: bool = False
    mode: int = 0
    backgrounds: list[tuple[float, float, float, float]] = field(default_factory=list)
    _path: list[tuple[float, float, float, float]] = field(default_factory=list)

    def copy(self) -> Self:
        """Return the state as `q` saves it."""
        return copy.copy(self)

    def moved(self, matrix: Matrix) -> Self:
        """Return the state inside a form that is painted with a matrix."""
        inner = self.copy()
        inner.matrix = multiply(matrix, self.matrix)
        return inner

    @property
    def no_ink(self) -> bool:
        """Whether letters are painted with neither fill nor stroke."""
        return self.mode in {_NO_INK, _CLIP_ONLY}

    def apply(self, operator: bytes, operands: Sequence[Any]) -> None:
        """Take an operator that sets the state; others mean nothing here."""
        numbers = [float(value) for value in operands if isinstance(value, int | float)]
        if operator == b"cm" and len(numbers) == 6:  # noqa: PLR2004 - a matrix
            a, b, c, d, e, f = numbers
            self.matrix = multiply((a, b, c, d, e, f), self.matrix)
        elif operator in _INKS:
            self.white = _is_white(numbers)
        elif operator == b"re" and len(numbers) == 4:  # noqa: PLR2004 - a rectangle
            self._path.append(self._placed(*numbers))
        elif operator in _FILLS or operator in _ENDS:
            if operator in _FILLS and not self.white and len(self.backgrounds) < _MAX_BACKGROUNDS:
                self.backgrounds += self._path
            self._path.clear()
        elif numbers:
            self._set(operator, numbers[0])

    def _set(self, operator: bytes, value: float) -> None:
        if operator == b"Tc":
            self.letter_space = value
        elif operator == b"Tw":
            self.word_space = value
        elif operator == b"Tz":
            self.stretch = value / 100.0
        elif operator == b"TL":
            self.leading = value
        elif operator == b"Ts":
            self.rise = value
        elif operator == b"Tr":
            self.mode = int(value)

    def _placed(self, x: float, y: float, width: float, height: float) -> tuple[float, float, float, float]:
        corners = [
            multiply((1.0, 0.0, 0.0, 1.0, x + dx, y + dy), self.matrix)[4:]
            for dx, dy in ((0.0, 0.0), (width, height))
        ]
        (x0, y0), (x1, y1) = corners
        return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)

    def hides(self, x: float, y: float, size: float, box: tuple[float, float, float, float]) -> bool:
        """Say whether letters at a place are too small, off the page, or white on white."""
        if size < _TINY_PT or not (box[0] <= x <= box[2] and box[1] <= y <= box[3]):
            return True
        if not self.white:
            return False
        return not any(x0 <= x <= x1 and y0 <= y <= y1 for x0, y0, x1, y1 in self.backgrounds)


def _is_white(numbers: Sequence[float]) -> bool:
    if len(numbers) == _CMYK:
        return all(value <= 1 - _WHITE for value in numbers)
    return bool(numbers) and all(value >= _WHITE for value in numbers)

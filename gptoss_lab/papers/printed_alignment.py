"""Which line of what a cell printed is which line of what the paper prints."""

from __future__ import annotations

from collections.abc import Sequence

from gptoss_lab.papers.printed_values import Number, Row

MAX_ROWS = 600
_SAME_WORDS = 2.0
_PER_NUMBER = 0.25
_MANY = 8
_TEXT = 1.0


def aligned(printed: Sequence[Row], actual: Sequence[Row]) -> dict[int, int]:
    """Return for rows that the paper prints the rows of the actual output, by their places in both lists.

    The words of two rows must be the same, and so must the number of their numbers; the order is kept. What
    the numbers are has no say, so that a wrong one is not matched with a right one elsewhere.
    """
    printed, actual = printed[:MAX_ROWS], actual[:MAX_ROWS]
    height, width = len(printed), len(actual)
    best = [[0.0] * (width + 1) for _ in range(height + 1)]
    for row in range(height - 1, -1, -1):
        for column in range(width - 1, -1, -1):
            score = _likeness(printed[row], actual[column])
            together = score + best[row + 1][column + 1] if score else 0.0
            best[row][column] = max(together, best[row + 1][column], best[row][column + 1])
    pairs: dict[int, int] = {}
    row = column = 0
    while row < height and column < width:
        score = _likeness(printed[row], actual[column])
        if score and best[row][column] == score + best[row + 1][column + 1]:
            pairs[row] = column
            row, column = row + 1, column + 1
        elif best[row][column] == best[row + 1][column]:
            row += 1
        else:
            column += 1
    return pairs


def score_of(printed: Sequence[Row], actual: Sequence[Row]) -> int:
    """Return how many numbers that the paper prints stand in a row that the actual output has too."""
    return sum(len(printed[place].numbers) for place in aligned(printed, actual))


def paired(printed: Row, actual: Row) -> list[tuple[Number, Number]]:
    """Return the numbers of two rows that were aligned."""
    return list(zip(printed.numbers, actual.numbers, strict=False))


def _likeness(printed: Row, actual: Row) -> float:
    if printed.key != actual.key or bool(printed.numbers) != bool(actual.numbers):
        return 0.0
    if not printed.numbers:
        return _TEXT if printed.key else 0.0
    same_count = len(printed.numbers) == len(actual.numbers)
    if not same_count and not (printed.is_cut or actual.is_cut):
        return 0.0
    return _SAME_WORDS + _PER_NUMBER * min(len(printed.numbers), _MANY)

"""What the numbers of an output are called: by their row, their column and the words before them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gptoss_lab.papers.printed_values import Number, Row

MAX_LABEL_CHARS = 120
_MAX_SOURCE_CHARS = 60


def labels_of(rows: Sequence[Row], source: str) -> list[list[str]]:
    """Return for each row what each of its numbers is called.

    Args:
        rows: What one command printed.
        source: The command, for numbers that nothing around them names.
    """
    labels: list[list[str]] = []
    head: Row | None = None
    group = ""
    for place, row in enumerate(rows):
        if not row.numbers:
            is_heading = row.text.endswith(":")
            group = row.text.rstrip(": ") if is_heading else group
            head = None if is_heading else row
            labels.append([])
            continue
        table = _table(rows, place)
        named = [_label(row, number, head, table) or _ordinal(row, number, source) for number in row.numbers]
        if group and row.key[:1] == ("^",):
            named = [f"{group}: {label}" for label in named]
        labels.append([" ".join(label.split())[:MAX_LABEL_CHARS] for label in named])
    return labels


def _table(rows: Sequence[Row], place: int) -> list[Row]:
    """Return the rows with numbers around one, without a line of words between."""
    first = last = place
    while first > 0 and rows[first - 1].numbers:
        first -= 1
    while last + 1 < len(rows) and rows[last + 1].numbers:
        last += 1
    return list(rows[first : last + 1])


def _label(row: Row, number: Number, head: Row | None, table: Sequence[Row]) -> str:
    """Return the words of a number; empty where it has none."""
    if row.is_vector:
        return ""
    words = _words_before(row, number)
    says_itself = row.line[: number.start].rstrip().endswith((":", "="))
    column = "" if head is None or says_itself else _column(number, head, table)
    if not column and not words and head is not None and len(head.text.split()) == len(row.numbers):
        column = head.text.split()[row.numbers.index(number)]
    if column:
        name = words or (f"row {row.row_name}" if row.row_name else "")
        return f"{name} {column}".strip()
    if number.label:
        return number.label
    if number is row.numbers[0] or not words.strip("[],:;= "):
        return words.strip(" :;=,") if any(char.isalpha() for char in words) else ""
    place = row.numbers.index(number) + 1
    return f"{words.strip(' :;=,')}, value {place}"


def _words_before(row: Row, number: Number) -> str:
    """Return the words of a row to the left of a number, without other numbers and what is missing."""
    taken = {other.start for other in row.numbers}
    words = [
        found[0]
        for found in re.finditer(r"\S+", row.line[: number.start])
        if found.start() not in taken and found[0] != "<NA>"
    ]
    return " ".join(words[1:] if row.row_name and words[:1] == [row.row_name] else words)


def _column(number: Number, head: Row, table: Sequence[Row]) -> str:
    """Return what the head calls a column, which lies between the one to its left and its own last digit."""
    ends = [end for row in table for end in (*row.ends, *(other.end for other in row.numbers))]
    start = max((end for end in ends if end <= number.start), default=0)
    line = head.line
    if 0 < start < len(line) and not line[start].isspace() and not line[start - 1].isspace():
        while start < len(line) and not line[start].isspace():
            start += 1
    end = max(number.end, start)
    while end < len(line) and not line[end - 1].isspace() and not line[end].isspace():
        end += 1
    return line[start:end].strip()


def _ordinal(row: Row, number: Number, source: str) -> str:
    short = " ".join(source.split())
    short = short if len(short) <= _MAX_SOURCE_CHARS else f"{short[: _MAX_SOURCE_CHARS - 1]}\u2026"
    if len(row.numbers) == 1:
        return short or "a number"
    return f"value {row.numbers.index(number) + 1} of {short or 'a row'}"

"""The numbers in what a program printed, line by line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

MAX_LINES = 3000
MAX_NUMBER_CHARS = 40
_NUMBER = re.compile(r"[-+]?(?:\d+(?:,\d{3})*)?(?:\.\d*)?(?:[eE][-+]?\d+)?%?", re.ASCII)
_TOKEN = re.compile(r"<\w+>|[^\s=<>]+|[=<>]+")
_INDEX = re.compile(r"\s*\[\d+\]")
_BARE = re.compile(r"[^\w<>()$]+")
_MISSING = frozenset({"na", "<na>", "nan", "none"})
_MAX_EXPONENT = 300


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a line.

    Attributes:
        text: As it is printed.
        step: One unit of its last digit.
        start: The column where it begins.
        end: The column after it.
        label: The words between the number before it and this one.
    """

    text: str
    value: float
    step: float
    start: int = 0
    end: int = 0
    label: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A line, or several that show one vector.

    Attributes:
        line: With its indentation.
        place: Which of the lines it is, or begins with.
        key: The words that a line with other numbers but the same meaning has too.
        ends: The columns after its words.
        numbers: In order.
        row_name: The number of a row of a table, which is a name and no value.
        is_cut: It ends with an ellipsis, so that numbers may be left out.
        is_vector: It begins with the index of its first value.
    """

    line: str
    place: int
    key: tuple[str, ...]
    ends: tuple[int, ...]
    numbers: tuple[Number, ...]
    row_name: str = ""
    is_cut: bool = False
    is_vector: bool = False

    @property
    def text(self) -> str:
        """The line as a person reads it."""
        return self.line.strip()


def number_of(text: str) -> Number | None:
    """Read a number as it is printed; None where the text is none."""
    text = text.replace("\u2212", "-")
    if (
        len(text) > MAX_NUMBER_CHARS
        or not _NUMBER.fullmatch(text)
        or not any(char.isdigit() for char in text)
    ):
        return None
    mantissa, _, exponent = text.rstrip("%").replace(",", "").lower().partition("e")
    power = int(exponent or 0) - len(mantissa.partition(".")[2])
    if abs(power) > _MAX_EXPONENT or not mantissa.strip("+-."):
        return None
    return Number(text, float(f"{mantissa}e{exponent or 0}"), 10.0**power)


def rows_of(lines: Sequence[str]) -> list[Row]:
    """Return the lines that say something, with vectors that wrap joined into one row."""
    rows: list[Row] = []
    for place, line in enumerate(lines[:MAX_LINES]):
        if not line.strip():
            continue
        row = _row(line.expandtabs(), place)
        goes_on = row.is_vector and rows and rows[-1].is_vector and not row.text.startswith("[1]")
        if goes_on:
            rows[-1] = replace(
                rows[-1],
                line=f"{rows[-1].line}\n{row.line}",
                numbers=(*rows[-1].numbers, *row.numbers),
                is_cut=row.is_cut,
            )
        else:
            rows.append(row)
    return list(_told(rows))


def _row(line: str, place: int) -> Row:
    numbers: list[Number] = []
    words: list[str] = []
    ends: list[int] = []
    between: list[str] = []
    for token in _TOKEN.finditer(line):
        bare = token[0].rstrip(",;:")
        found = number_of(bare)
        if found is not None:
            start = token.start()
            label = " ".join(between).strip(" ,;:=")
            numbers.append(replace(found, start=start, end=start + len(bare), label=label))
            between = []
        elif not token[0].endswith(("..", "\u2026")):
            words.append(token[0])
            between.append(token[0])
            ends.append(token.end())
    return Row(
        line=line,
        place=place,
        key=tuple(_key(words)),
        ends=tuple(ends),
        numbers=tuple(numbers),
        is_cut=line.rstrip().endswith(("..", "\u2026")),
        is_vector=bool(_INDEX.match(line)) and len(words) == 1,
    )


def _key(words: Sequence[str]) -> Iterator[str]:
    for word in words:
        bare = _BARE.sub("", word).casefold()
        # What is missing is printed in one way here and in another there.
        if bare not in _MISSING and any(char.isalnum() for char in bare):
            yield bare


def _told(rows: Sequence[Row]) -> Iterator[Row]:
    """Give a row without words those of its head, and take the number of a row of a table for its name."""
    head: Row | None = None
    for row in rows:
        if not row.numbers:
            head = row
            yield row
            continue
        first = row.numbers[0]
        is_named = (
            head is not None
            and len(row.numbers) > 1
            and not row.line[: first.start].strip()
            and not head.line[: first.end].strip()
            and first.text.isdigit()
        )
        if is_named:
            key = (f"#{first.text}", *row.key)
            yield replace(row, row_name=first.text, numbers=row.numbers[1:], key=key)
        elif row.key:
            yield row
        else:
            yield replace(row, key=("^", *(head.key if head else ())))

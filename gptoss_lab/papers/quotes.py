"""Finds the words of a quote in the blocks of a paper. What is not found was not said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from gptoss_lab.papers.letters import plain_letter
from gptoss_lab.schemas.papers import PaperBlock, Place

Part = Literal["text", "latex", "caption", "rows"]

_SAME = {
    "\u2018": "'",
    "\u2019": "'",
    "\u201a": "'",
    "\u201c": '"',
    "\u201d": '"',
    "\u201e": '"',
    "\u00ab": '"',
    "\u00bb": '"',
    "`": "'",
    "\u2010": "-",
    "\u2011": "-",
    "\u2012": "-",
    "\u2013": "-",
    "\u2014": "-",
    "\u2212": "-",
    "\u2026": "...",
}
_INVISIBLE = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff")
_MIN_LETTERS = 3


@dataclass(frozen=True, slots=True)
class FoundQuote:
    """Where a quote stands.

    Attributes:
        part: Which text of the block holds it; for `rows` the offsets are those of the joined cells.
        text: The words as the paper has them.
    """

    block: str
    place: Place
    part: Part
    start: int
    end: int
    text: str


def find_quote(blocks: Iterable[PaperBlock], quote: str, *, block: str = "") -> FoundQuote | None:
    """Return where a quote stands; None where no block holds it.

    White space, hyphenation, ligatures and the forms of quotes and dashes do not matter. Letters,
    case, signs and digits do, and a quote neither begins nor ends within a word or a number.

    Args:
        blocks: Those of the paper.
        quote: The words, as whoever quotes has them.
        block: Which block to try first.
    """
    wanted, _ = _folded(quote)
    if sum(char.isalnum() for char in wanted) < _MIN_LETTERS:
        return None
    for candidate in sorted(blocks, key=lambda one: one.id != block):
        for part, text in _parts(candidate):
            span = _within(text, wanted)
            if span is not None:
                start, end = span
                return FoundQuote(candidate.id, candidate.place, part, start, end, text[start:end])
    return None


def _parts(block: PaperBlock) -> Iterator[tuple[Part, str]]:
    yield "text", block.text
    if block.latex:
        yield "latex", block.latex
    if block.caption:
        yield "caption", block.caption
    if block.rows:
        yield "rows", "\n".join(" ".join(row) for row in block.rows)


def _within(text: str, wanted: str) -> tuple[int, int] | None:
    folded, origin = _folded(text)
    at = folded.find(wanted)
    while at >= 0:
        end = at + len(wanted)
        if not _splits(folded, at) and not _splits(folded, end):
            return origin[at], origin[end - 1] + 1
        at = folded.find(wanted, at + 1)
    return None


def _splits(text: str, at: int) -> bool:
    """Say whether a place lies within a word or a number."""
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    if before.isalnum() and after.isalnum():
        return True
    decimal = before == "." and after.isdigit() and text[at - 2 : at - 1].isdigit()
    fraction = after == "." and before.isdigit() and text[at + 1 : at + 2].isdigit()
    return decimal or fraction or (before == "-" and after.isdigit() and not text[at - 2 : at - 1].isalnum())


def _folded(text: str) -> tuple[str, list[int]]:
    """Return the text without what does not matter, and where each letter of it was."""
    letters: list[tuple[str, int]] = []
    for at, char in enumerate(text):
        if char in _INVISIBLE:
            continue
        meant = _SAME.get(char, plain_letter(char))
        letters.extend((" " if plain.isspace() else plain, at) for plain in meant)
    kept = list(_spaced(letters))
    return "".join(char for char, _ in kept), [at for _, at in kept]


def _spaced(letters: Sequence[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    """Keep one space between words, none beside signs; drop hyphens within words, at line ends too."""
    solid = [(char, at, index) for index, (char, at) in enumerate(letters) if char != " "]
    for position, (char, at, index) in enumerate(solid):
        before = solid[position - 1] if position else None
        after = solid[position + 1] if position + 1 < len(solid) else None
        apart = before is not None and before[2] < index - 1
        if char == "-" and not apart and before and after and before[0].isalpha() and after[0].isalpha():
            continue
        if apart and before is not None and before[0].isalnum() and char.isalnum():
            yield " ", at - 1
        yield char, at

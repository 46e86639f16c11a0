"""Code that belongs together on a page: what no prose interrupts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from gptoss_lab.documents.repl import Piece

Statement = TypeVar("Statement")


@dataclass(frozen=True, slots=True)
class CodeGroup:
    """Consecutive code and the prose before it.

    Attributes:
        indexes: Where its statements stand among those of the whole page.
        title, anchor: The section that it stands in.
    """

    prose: str
    indexes: tuple[int, ...]
    title: str = ""
    anchor: str = ""


def code_groups(
    pieces: Sequence[Piece], read: Callable[[Piece], Iterable[Statement]]
) -> tuple[list[Statement], list[CodeGroup]]:
    """Return the statements of a page in order, and their groups.

    Args:
        pieces: Prose and code, in reading order.
        read: Gives the statements of a piece of code; none where it cannot be read.
    """
    found: list[Statement] = []
    groups: list[CodeGroup] = []
    prose = title = anchor = ""
    indexes: list[int] = []
    for piece in (*pieces, Piece("", is_code=False)):
        if not piece.is_code:
            if indexes:
                groups.append(CodeGroup(prose, tuple(indexes), title, anchor))
                prose, indexes = "", []
            prose, title, anchor = piece.text or prose, piece.title, piece.anchor
            continue
        for statement in read(piece):
            indexes.append(len(found))
            found.append(statement)
    return found, groups

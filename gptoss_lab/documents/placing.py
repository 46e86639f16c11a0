"""Ids of what pages hold: in the order of the pages, with room after each for what it may get."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

# A page that grows keeps its place as long as there is room: so much, and a quarter of what it has.
_LEAST_ROOM = 16
_ROOM_SHARE = 4


class Starts(NamedTuple):
    """Ids, or numbers, of a page's symbol chunks, narrative chunks and examples."""

    symbol: int
    narrative: int
    example: int


class Placed(NamedTuple):
    """A page in the order of its source.

    Attributes:
        path: The page.
        at: Where it begins in the index; None for a new page.
        counts: How much it holds; None for a page that stays as it is.
    """

    path: str
    at: Starts | None
    counts: Starts | None


def next_starts(at: Starts, end: Starts) -> Starts:
    """Return where the page after one that begins and ends here begins."""
    return Starts(
        *(last + _LEAST_ROOM + (last - first) // _ROOM_SHARE for first, last in zip(at, end, strict=True))
    )


def place(
    pages: Sequence[Placed], first: Starts, end_of: Callable[[Starts, Starts | None], Starts]
) -> dict[str, Starts] | None:
    """Return where each page begins; None where the order changed, or there is no room.

    Args:
        pages: All pages, in order.
        first: Where the first page may begin.
        end_of: Returns the ids after the last ones of a page that stays, which begins at the first
            and ends before the second, where there is one.
    """
    found: dict[str, Starts] = {}
    free, last = first, Starts(-1, -1, -1)
    for page, limit, is_before_new in zip(pages, *_followed(pages), strict=True):
        at = page.at or _between(free, limit, page.counts or Starts(0, 0, 0))
        if not all(one < two for one, two in zip(last, at, strict=True)):
            return None
        if page.counts is not None:
            end = Starts(*(start + count for start, count in zip(at, page.counts, strict=True)))
            if limit is not None and any(one > two for one, two in zip(end, limit, strict=True)):
                return None
        else:
            end = end_of(at, limit) if is_before_new else at
        found[page.path] = last = at
        # Even an empty page takes one id, so that no two begin at the same.
        free = Starts(*(max(one, two + 1) for one, two in zip(end, at, strict=True)))
    return found


def _followed(pages: Sequence[Placed]) -> tuple[list[Starts | None], list[bool]]:
    """Return for each page where the next one in the index begins, and whether a new one comes next."""
    limits, is_before_new = list[Starts | None](), list[bool]()
    limit, is_new = None, False
    for page in reversed(pages):
        limits.append(limit)
        is_before_new.append(is_new)
        limit, is_new = page.at or limit, page.at is None
    return limits[::-1], is_before_new[::-1]


def _between(free: Starts, limit: Starts | None, counts: Starts) -> Starts:
    """Return the middle of what is free, so that both sides keep room."""
    if limit is None:
        return Starts(*(start + _LEAST_ROOM for start in free))
    return Starts(
        *(
            start + max(0, end - start - max(count, 1)) // 2
            for start, end, count in zip(free, limit, counts, strict=True)
        )
    )

"""The documentation that stood in an earlier prompt, kept in its order for the next one.

A server's cache serves a prompt up to the first token that differs from an earlier one. So what
stood there stays where it stood, and what another question needs is put behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from gptoss_lab.prompts.budget import fitting
from gptoss_lab.schemas.documents import Example, Passage

# How much new documentation a further question brings: a quarter of what stands, or enough for a few
# passages. Beyond it the prompt would be mostly new, and the best passages come first.
MIN_FRESH_TOKENS = 900
FRESH_SHARE = 1 / 4
# A question of which less than this stands already is on another subject: it gets all that it needs.
SAME_SUBJECT_SHARE = 1 / 4
# A prompt that only grew would drown the question: the shelf gives way from its end.
MAX_SHELF_TOKENS = 8000

Entry = TypeVar("Entry")


@dataclass(frozen=True, slots=True)
class Shelf:
    """What stands in a documents message, in its order, and the delimiter it was told by."""

    items: tuple[Passage | Example, ...] = ()
    marker: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Arranged:
    """Passages in the order in which they stand. `left_out` counts those wanted that do not fit."""

    order: list[str]
    left_out: int


def arrange(
    standing: Sequence[Entry],
    wanted: Sequence[Entry],
    *,
    name: Callable[[Entry], str],
    cost: Callable[[Entry], int],
    room: int,
) -> Arranged:
    """Decide what stands in the next prompt, and in which order.

    What stands already keeps its place from the front, for as long as all that is wanted fits too.

    Args:
        standing: What stood in the last prompt, in its order.
        wanted: What this question needs, the most wanted first.
        name: The id of an entry.
        cost: Its tokens.
        room: The tokens that all may have together.
    """
    costs = {name(entry): cost(entry) for entry in (*standing, *wanted)}
    old = [name(entry) for entry in standing]
    asked = [name(entry) for entry in wanted]
    fits, used = fitting(asked, costs.__getitem__, room)
    taken = _not_too_new(fits, old, costs)
    limit = max(used, min(room, MAX_SHELF_TOKENS))
    kept = _kept(old, taken, costs, limit)
    behind = [entry for entry in old[len(kept) :] if entry in taken]
    fresh = sorted(entry for entry in taken if entry not in old)
    return Arranged([*kept, *behind, *fresh], len(asked) - len(fits))


def _not_too_new(fits: Sequence[str], old: Sequence[str], costs: dict[str, int]) -> list[str]:
    """Leave out the least wanted of what is new, where much of what is wanted stands already."""
    known = sum(costs[entry] for entry in fits if entry in old)
    if known < SAME_SUBJECT_SHARE * sum(costs[entry] for entry in fits):
        return list(fits)
    room = max(MIN_FRESH_TOKENS, int(sum(costs[entry] for entry in old) * FRESH_SHARE))
    fresh, _ = fitting([entry for entry in fits if entry not in old], costs.__getitem__, room)
    return [entry for entry in fits if entry in old or entry in fresh]


def _kept(old: Sequence[str], taken: Sequence[str], costs: dict[str, int], limit: int) -> list[str]:
    """Return the longest beginning of what stands that leaves room for all that is taken."""
    needed = sum(costs[entry] for entry in taken)
    kept: list[str] = []
    for entry in old:
        needed += 0 if entry in taken else costs[entry]
        if needed > limit:
            break
        kept.append(entry)
    return kept

"""Which of some texts are new versions of which others."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

_MIN_LIKENESS = 0.3


def likeness(old: str, new: str) -> float:
    """Return how alike two texts are, from 0 to 1."""
    # The exact ratio takes seconds on long cells, and the event loop waits for it.
    return SequenceMatcher(None, old, new).quick_ratio()


def pairs(wanted: Sequence[str], offered: Sequence[str]) -> list[int | None]:
    """Return for each wanted text the place of the one offered that is most like it; None for none.

    Where there are as many of both, they stand in the same order.
    """
    if len(wanted) == len(offered):
        return list(range(len(wanted)))
    ranked = sorted(
        (
            (likeness(old, new), row, place)
            for row, old in enumerate(wanted)
            for place, new in enumerate(offered)
        ),
        key=lambda pair: (-pair[0], pair[1], pair[2]),
    )
    places: list[int | None] = [None] * len(wanted)
    for alike, row, place in ranked:
        if alike >= _MIN_LIKENESS and places[row] is None and place not in places:
            places[row] = place
    return places

"""Remember the last prompts, so that the next one is computed only from where it differs.

Only whole chunks of a prompt are kept and reused. A prompt is always computed in chunks that begin at
multiples of their size, so what a reused chunk holds is what computing it again would give, to the bit:
an answer does not depend on whether its prompt was remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


class PromptCache(Protocol):
    """The keys and values of one prompt."""

    def crop_to(self, length: int) -> None:
        """Forget all behind a length."""

    def copy_from(self, other: Any, length: int) -> None:
        """Become another cache, cut back to a length."""


@dataclass(slots=True)
class Kept:
    """A prompt that is remembered: its tokens, and who may reuse them."""

    cache: PromptCache
    salt: str = ""
    ids: list[int] = field(default_factory=list)


class PrefixStore:
    """The last prompts, least recently used first.

    Args:
        make_cache: Makes an empty cache.
        slots: How many prompts are kept.
        chunk_tokens: The size of the chunks in which prompts are computed.
    """

    def __init__(self, make_cache: Callable[[], PromptCache], slots: int, chunk_tokens: int) -> None:
        self.chunk_tokens = chunk_tokens
        self._make_cache = make_cache
        self._slots = slots
        self._kept: list[Kept] = []

    @property
    def tokens(self) -> int:
        """How many tokens are kept."""
        return sum(len(kept.ids) for kept in self._kept)

    def take(self, ids: Sequence[int], salt: str = "") -> Kept:
        """Return the place for a prompt; its `ids` are what need not be computed again.

        A remembered prompt that shares little with the new one is left whole where another place is
        to be had. At least the last token of the prompt is left to compute.

        Args:
            ids: The prompt.
            salt: Prompts of different salts share nothing.
        """
        best, reused = self._best(ids, salt)
        place = best
        if place is None or reused * 2 <= len(place.ids):
            place = self._free_place()
            if best is not None and place is not best:
                place.cache.copy_from(best.cache, reused)
                place.ids[:] = best.ids[:reused]
        place.salt = salt
        del place.ids[reused:]
        place.cache.crop_to(reused)
        self._kept = [*(kept for kept in self._kept if kept is not place), place]
        return place

    def forget(self) -> None:
        """Give all memory back."""
        self._kept.clear()

    def _best(self, ids: Sequence[int], salt: str) -> tuple[Kept | None, int]:
        best, most = None, 0
        for kept in self._kept:
            shared = self._shared(kept, ids, salt)
            if shared > most:
                best, most = kept, shared
        return best, most

    def _free_place(self) -> Kept:
        return Kept(self._make_cache()) if len(self._kept) < self._slots else self._kept[0]

    def _shared(self, kept: Kept, ids: Sequence[int], salt: str) -> int:
        if kept.salt != salt:
            return 0
        most = min(len(kept.ids), len(ids) - 1)
        length = next((place for place in range(most) if kept.ids[place] != ids[place]), most)
        return length - length % self.chunk_tokens

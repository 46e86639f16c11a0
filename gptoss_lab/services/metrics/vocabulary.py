"""Words that labels may take: so many, and no more."""

from __future__ import annotations

from gptoss_lab.services.metrics.exceptions import OTHER

MOST = 50


class Vocabulary:
    """Lets the first words through and calls all later ones "other".

    A label's values live in memory until the server ends, in Prometheus for longer, and a page or an attached
    server may name models without end.

    Args:
        most: How many there may be.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._known: set[tuple[str, ...]] = set()

    def known(self, *words: str) -> tuple[str, ...]:
        """Return words that belong together, or as many "other"."""
        if words not in self._known:
            if len(self._known) >= self._most:
                return (OTHER,) * len(words)
            self._known.add(words)
        return words

"""Characters outside of the basic plane that a server cut into two halves."""

from __future__ import annotations

from collections.abc import Iterable

from gptoss_lab.engines.base import ChatDelta, ContentDelta, ReasoningDelta

_HIGH = ("\ud800", "\udbff")


class PairJoiner:
    """Joins halves that arrive in two deltas; one that stays alone becomes U+FFFD.

    Text with a half in it cannot be written anywhere, so none is let through.
    """

    def __init__(self) -> None:
        self._halves: dict[type, str] = {ContentDelta: "", ReasoningDelta: ""}

    def mend(self, deltas: Iterable[ChatDelta]) -> list[ChatDelta]:
        """Return the deltas with whole characters only; a first half waits for its second."""
        return [mended for delta in deltas for mended in self._mended(delta)]

    def _mended(self, delta: ChatDelta) -> list[ChatDelta]:
        if not isinstance(delta, ContentDelta | ReasoningDelta):
            return [delta]
        kind = type(delta)
        if not self._halves[kind] and _is_whole(delta.text):
            return [delta]
        text = self._halves[kind] + delta.text
        cut = len(text) - (_HIGH[0] <= text[-1:] <= _HIGH[1])
        self._halves[kind] = text[cut:]
        whole = text[:cut].encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return [kind(whole)] if whole else []


def _is_whole(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True

"""Harmony control tokens that a server left in the text.

Source: https://github.com/openai/harmony/blob/main/docs/format.md
"""

from __future__ import annotations

import re

_TOKEN = re.compile(r"<\|([a-z_]{1,24})\|>")
_BEGINNING = re.compile(r"<(?:\|(?:[a-z_]{0,24}\|?)?)?")
_HEADERS = {
    "start": re.compile(r" ?(?:assistant|user|system|developer|tool)?(?P<to> to=[\w.]+)?"),
    "channel": re.compile(r" ?(?P<channel>analysis|commentary|final)?(?P<to> to=[\w.]+)?(?: \w{0,12}(?=<))?"),
    "constrain": re.compile(r" ?\w{0,12}"),
}
_HEADER_CHARS = 80
# `final json` is a header that a model writes where it should write `final <|constrain|>json`.
_FINAL = re.compile(
    r"<\|channel\|>\s*final[^<\n]{0,40}(?:<\|constrain\|>[^<\n]{0,40})?<\|message\|>|assistantfinal"
)


class RemnantFilter:
    """Takes control tokens and their headers out of text that arrives in pieces.

    Text of the analysis channel falls away too: a server that leaks the header leaks the thought.
    So does what the model says to a tool, as it was given none.

    Attributes:
        called: The model tried to call a tool.
    """

    def __init__(self) -> None:
        self.called = False
        self._text = ""
        self._header = ""
        self._muted = False
        self._to_tool = False

    def feed(self, piece: str) -> str:
        """Return what is certain by now to be text."""
        return self._filter(piece, final=False)

    def finish(self) -> str:
        """Return what was held back."""
        return self._filter("", final=True)

    def _filter(self, piece: str, *, final: bool) -> str:
        self._text += piece
        kept: list[str] = []
        while self._text and self._step(kept, final=final):
            pass
        return "".join(kept)

    def _step(self, kept: list[str], *, final: bool) -> bool:
        if self._header and not self._skip_header(final=final):
            return False
        start = self._text.find("<")
        if start != 0:
            self._keep(kept, len(self._text) if start < 0 else start)
            return bool(self._text)
        match = _TOKEN.match(self._text)
        if match:
            self._text = self._text[match.end() :]
            self._header = match[1] if match[1] in _HEADERS else ""
            self._muted = self._muted and match[1] in {"message", "constrain"}
            self._to_tool = self._to_tool and match[1] not in {"end", "call", "return"}
            return True
        if not final and _BEGINNING.fullmatch(self._text):
            return False
        self._keep(kept, 1)
        return True

    def _keep(self, kept: list[str], count: int) -> None:
        if not self._muted:
            kept.append(self._text[:count])
        self._text = self._text[count:]

    def _skip_header(self, *, final: bool) -> bool:
        if not final and len(self._text) < _HEADER_CHARS and not re.search(r"[<\n]", self._text):
            return False
        match = _HEADERS[self._header].match(self._text)
        if match:
            self._note_header(match)
            self._text = self._text[match.end() :]
        self._header = ""
        return True

    def _note_header(self, match: re.Match[str]) -> None:
        if self._header == "constrain":
            return
        is_channel = self._header == "channel"
        addressed = bool(match["to"])
        # The recipient stands in either of the two headers of a message.
        self._to_tool = addressed or (is_channel and self._to_tool)
        self.called = self.called or addressed
        self._muted = self._to_tool or (is_channel and match["channel"] == "analysis")


def recover_final(reasoning: str) -> str:
    """Return the answer that a missing end token left inside the reasoning; empty when there is none."""
    marker = None
    for match in _FINAL.finditer(reasoning):
        marker = match
    return reasoning[marker.end() :] if marker else ""

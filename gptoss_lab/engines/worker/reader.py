"""From the tokens of an answer to its reasoning and its content, whatever their form.

Harmony's parser refuses tokens that come in the wrong place, and takes a message whose end is missing
for one that goes on. Here what is missing is put in before the parser sees it, and what has no form at
all is content: a person sees a strange answer rather than none.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from openai_harmony import HarmonyError, Role, StreamableParser

from gptoss_lab.engines.worker.prompt import encoding

START, CHANNEL, MESSAGE, END = 200006, 200005, 200008, 200007
_ENDS = frozenset({END, 200002, 200012, 199999})
_MAX_HEADER_TOKENS = 48
_MAX_TOKENS_OF_A_CHARACTER = 4


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the answer; either may be empty."""

    reasoning: str = ""
    content: str = ""


class AnswerReader:
    """Reads one answer.

    Attributes:
        reasoning_tokens: How many of the tokens were reasoning.
    """

    def __init__(self) -> None:
        self.reasoning_tokens = 0
        self._parser = StreamableParser(encoding(), Role.ASSISTANT)
        self._place = "header"  # the prompt ends in the header of the answer's first message
        self._header: list[int] = []
        self._loose: list[int] = []

    def feed(self, token: int) -> Piece:
        """Take a token and return what it says."""
        if token == START:
            return self._begin()
        if token in _ENDS:
            return self._end()
        if token == CHANNEL and self._place != "header":
            self._begin_own()
        if token == MESSAGE and self._place != "content":
            return self._open()
        if self._place == "header":
            return self._lengthen(token)
        if encoding().is_special_token(token):
            return Piece()  # no control token is a part of a text
        return self._say(token) if self._place == "content" else self._say_loosely(token)

    def finish(self) -> Piece:
        """Return what is left when no token follows."""
        return self._give_header_up() if self._place == "header" else Piece()

    def _begin(self) -> Piece:
        left = self._end()
        self._process(START)
        self._place = "header"
        return left

    def _begin_own(self) -> None:
        self._begin()
        for word in _assistant():
            self._process(word)

    def _open(self) -> Piece:
        if self._place == "between":
            self._begin_own()
        self._place, self._header = "content", []
        self._process(MESSAGE)
        return Piece()

    def _end(self) -> Piece:
        left = self._give_header_up() if self._place == "header" else Piece()
        if self._place == "content":
            self._process(END)
        self._place = "between"
        return left

    def _lengthen(self, token: int) -> Piece:
        self._header.append(token)
        if len(self._header) <= _MAX_HEADER_TOKENS:
            self._process(token)
            return Piece()
        self._place = "between"  # no header is that long: it is an answer without one
        return self._give_header_up()

    def _say(self, token: int) -> Piece:
        self._process(token)
        text = self._parser.last_content_delta or ""
        channel, recipient = self._parser.current_channel, self._parser.current_recipient
        if channel == "analysis" or (channel == "commentary" and recipient):
            self.reasoning_tokens += 1
            return Piece(reasoning=text if channel == "analysis" else "")  # a call of a tool that nobody has
        return Piece(content=text)

    def _say_loosely(self, token: int) -> Piece:
        """Take a token that stands outside of any message."""
        self._loose.append(token)
        text = encoding().decode(self._loose)
        if text.endswith("\ufffd") and len(self._loose) < _MAX_TOKENS_OF_A_CHARACTER:
            return Piece()
        self._loose = []
        return Piece(content=text)

    def _give_header_up(self) -> Piece:
        """Return the words of a header that became no message; the parser forgets them."""
        header, self._header = self._header, []
        self._parser = StreamableParser(encoding(), None)
        if CHANNEL in header and len(header) <= _MAX_HEADER_TOKENS:
            return Piece()  # a header that was cut off
        words = [token for token in header if not encoding().is_special_token(token)]
        return Piece(content=encoding().decode(words).removeprefix("assistant"))

    def _process(self, token: int) -> None:
        try:
            self._parser.process(token)
        except HarmonyError:
            # A header with words that are none of Harmony's: what follows has no channel, so it is content.
            self._parser = StreamableParser(encoding(), Role.ASSISTANT)
            if self._place == "content":
                self._parser.process(MESSAGE)


@cache
def _assistant() -> tuple[int, ...]:
    return tuple(encoding().encode("assistant"))

"""Read a streamed answer, whatever the pieces in which its bytes arrive."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

from gptoss_lab.engines.base import ChatDelta, ContentDelta, Finished, ReasoningDelta, UsageDelta
from gptoss_lab.engines.chunks import read_chunk
from gptoss_lab.engines.loops import LoopGuard
from gptoss_lab.engines.sse import SseDecoder
from gptoss_lab.engines.surrogates import PairJoiner
from gptoss_lab.errors import EngineError, EngineProtocolError, PromptTooLongError

MAX_ANSWER_BYTES = 64 << 20
_CUT = "The model service cut the answer off before its end"


class AnswerReader:
    """Turns bytes into deltas. What came before a fault is returned before the fault is told.

    Attributes:
        done: Nothing more will follow, or nothing that is wanted: the model repeats itself.
        fault: What went wrong; the deltas that were returned stay valid.
        usage: The last that was told and not returned yet. vLLM may tell it with each token, without
            what its cache served, so that it is returned at the end alone.
    """

    def __init__(self) -> None:
        self.done = False
        self.usage: UsageDelta | None = None
        self.fault: EngineError | PromptTooLongError | None = None
        self._decoder = SseDecoder()
        self._finished = False
        self._received_bytes = 0
        self._pairs = PairJoiner()
        self._guard = LoopGuard()

    def feed(self, piece: bytes) -> list[ChatDelta]:
        """Take bytes and return what they say, deltas of one kind joined."""
        self._received_bytes += len(piece)
        if self._received_bytes > MAX_ANSWER_BYTES:
            self._fail(EngineProtocolError("The model service sent more than any answer needs"))
            return []
        return self._read(lambda: self._decoder.feed(piece))

    def finish(self) -> list[ChatDelta]:
        """Take the end of the bytes; an answer that has not ended by itself is a fault."""
        deltas = self._read(self._decoder.finish)
        if not self.done:
            self.done = True
            deltas += [self.usage] if self.usage else []
            if not self._finished:
                self._fail(EngineProtocolError(_CUT, hint="What came is kept. See the model server's log."))
        return deltas

    def _read(self, events: Callable[[], list[str]]) -> list[ChatDelta]:
        deltas: list[ChatDelta] = []
        try:
            for data in events():
                if data.strip() == "[DONE]":
                    self.done = True
                    break
                deltas += self._noted(read_chunk(data))
        except (EngineError, PromptTooLongError) as error:
            self._fail(error)
        self._finished = self._finished or any(isinstance(delta, Finished) for delta in deltas)
        told = list(self._unlooped(self._pairs.mend(joined(deltas))))
        if self.done and self.usage:
            told.append(self.usage)
            self.usage = None
        return told

    def _unlooped(self, deltas: list[ChatDelta]) -> Iterator[ChatDelta]:
        """Yield the deltas; where the model goes round in circles, its end."""
        for delta in deltas:
            yield delta
            if self._guard.repeats(delta):
                self.done = self._finished = True
                yield Finished("repetition")
                return

    def _noted(self, deltas: list[ChatDelta]) -> Iterator[ChatDelta]:
        for delta in deltas:
            if isinstance(delta, UsageDelta):
                self.usage = delta
            else:
                yield delta

    def _fail(self, error: EngineError | PromptTooLongError) -> None:
        self.done, self.fault = True, error


def joined(deltas: Iterable[ChatDelta]) -> Iterator[ChatDelta]:
    """Join neighbours of one kind of text."""
    for kind, group in groupby(deltas, type):
        if kind is ContentDelta or kind is ReasoningDelta:
            yield kind("".join(delta.text for delta in group if isinstance(delta, kind)))
        else:
            yield from group

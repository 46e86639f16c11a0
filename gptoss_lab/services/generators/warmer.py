"""Send the beginning of a prompt ahead, so that the next question on the same documents finds it cached."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from dataclasses import replace

from gptoss_lab.engines.base import ChatEngine, ChatRequest, KnowsServer
from gptoss_lab.errors import EngineError, PromptTooLongError
from gptoss_lab.sandbox.within import within

# A prompt ends with the question; what stands before it is what another question shares.
_QUESTION_MESSAGES = 1
_WITHIN_S = 60.0
_MAX_KNOWN = 256


class Warmer:
    """Sends at most one beginning at a time, and only while nobody waits for the model.

    A real request stops it at once: the person goes first. What was sent once is not sent again, as
    long as this process knows.
    """

    def __init__(self) -> None:
        self._asking = 0
        self._task: asyncio.Task[None] | None = None
        self._known: OrderedDict[int, None] = OrderedDict()

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Mark a real request; what is being sent ahead is given up for it."""
        self._asking += 1
        self._cancel()
        try:
            yield
        finally:
            self._asking -= 1

    def offer(self, engine: ChatEngine, request: ChatRequest) -> bool:
        """Send the beginning of a request ahead, if that helps and nothing else is to be done.

        Returns:
            Whether it is being sent.
        """
        if not (isinstance(engine, KnowsServer) and engine.caches_prefixes):
            return False
        ahead = replace(request, messages=request.messages[:-_QUESTION_MESSAGES], max_tokens=1, seed=None)
        key = hash((ahead.messages, ahead.effort, ahead.cache_salt))
        if self._asking or key in self._known or (self._task and not self._task.done()):
            return False
        self._task = asyncio.ensure_future(self._send(engine, ahead, key))
        return True

    async def settled(self) -> None:
        """Wait until nothing is being sent."""
        if self._task is not None:
            await asyncio.wait({self._task})

    async def close(self) -> None:
        """Give up what is being sent."""
        self._cancel()
        await self.settled()

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _send(self, engine: ChatEngine, ahead: ChatRequest, key: int) -> None:
        try:
            await within(_drained(engine, ahead), _WITHIN_S)
        except (EngineError, PromptTooLongError, asyncio.TimeoutError):
            return  # nobody asked for it; the question itself will tell what is wrong
        self._known[key] = None
        if len(self._known) > _MAX_KNOWN:
            self._known.popitem(last=False)


async def _drained(engine: ChatEngine, request: ChatRequest) -> None:
    async with aclosing(engine.stream(request)) as deltas:
        async for _ in deltas:
            pass

"""Join the pieces of a stream that a slow reader left waiting."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

_MAX_WAITING_BYTES = 1 << 16


async def coalesced(source: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """Yield the pieces of a source: each at once while the reader waits, joined while it is busy.

    The source is read in a task of its own, and not further than a bounded number of bytes ahead.
    """
    waiting = _Waiting()
    task = asyncio.ensure_future(waiting.fill(source))
    try:
        while waiting.pieces or not task.done():
            if waiting.pieces:
                yield waiting.take()
            else:
                await waiting.more()
        await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class _Waiting:
    def __init__(self) -> None:
        self.pieces = bytearray()
        self._arrived = asyncio.Event()
        self._taken = asyncio.Event()

    async def fill(self, source: AsyncIterator[bytes]) -> None:
        try:
            async for piece in source:
                self.pieces.extend(piece)
                self._arrived.set()
                while len(self.pieces) > _MAX_WAITING_BYTES:
                    self._taken.clear()
                    await self._taken.wait()
        finally:
            self._arrived.set()

    def take(self) -> bytes:
        pieces = bytes(self.pieces)
        self.pieces.clear()
        self._taken.set()
        return pieces

    async def more(self) -> None:
        self._arrived.clear()
        await self._arrived.wait()

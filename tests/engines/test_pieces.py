"""Pieces go out at once, or joined where the reader is slow."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from gptoss_lab.engines.pieces import coalesced


async def paced(count: int, pause_s: float) -> AsyncIterator[bytes]:
    """Yield single bytes with a pause before each, then fail."""
    for _ in range(count):
        await asyncio.sleep(pause_s)
        yield b"x"
    raise OSError("cut")


async def read(source: AsyncIterator[bytes], pieces: list[bytes], pause_s: float) -> None:
    """Read the joined source, with a pause after each piece."""
    async for piece in coalesced(source):
        pieces.append(piece)
        await asyncio.sleep(pause_s)


async def test_an_idle_reader_gets_each_piece() -> None:
    """Nothing is joined for a reader that waits, and the fault comes last."""
    pieces: list[bytes] = []
    with pytest.raises(OSError, match="cut"):
        await read(paced(5, 0.002), pieces, 0)
    assert pieces == [b"x"] * 5


async def test_a_busy_reader_gets_them_joined() -> None:
    """Pieces that wait are joined, and none is lost."""
    pieces: list[bytes] = []
    with pytest.raises(OSError, match="cut"):
        await read(paced(200, 0), pieces, 0.01)
    assert b"".join(pieces) == b"x" * 200
    assert len(pieces) < 50


async def test_leaving_ends_the_source() -> None:
    """A reader that leaves ends the source too."""
    ended = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        try:
            while True:
                await asyncio.sleep(0)
                yield b"x" * 100_000
        finally:
            ended.set()

    pieces = coalesced(endless())
    assert await anext(pieces)
    await pieces.aclose()
    await asyncio.wait_for(ended.wait(), 1)

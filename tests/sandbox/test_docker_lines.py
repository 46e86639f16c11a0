"""Docker's endless answers, against a server in memory."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gptoss_lab.errors import SandboxError, SandboxUnavailableError
from gptoss_lab.sandbox.docker_lines import json_lines
from gptoss_lab.sandbox.docker_streams import Address

GOOD = b'HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{"a": 1}\n["no object"]\n{"a": 2}\n'


@pytest.fixture
async def folder() -> AsyncIterator[Path]:
    """A folder with a short path."""
    with tempfile.TemporaryDirectory(prefix="gl-") as name:
        yield Path(name)


async def _serve(folder: Path, answer: bytes) -> tuple[Address, asyncio.Server]:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        assert asked.startswith(b"GET /events?filters=x+y HTTP/1.0\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    path = str(folder / "d.sock")
    return Address(path=path), await asyncio.start_unix_server(speak, path)


async def test_objects_come_one_by_one(folder: Path) -> None:
    """Until the daemon ends the answer."""
    address, server = await _serve(folder, GOOD)
    async with server:
        found = [one async for one in json_lines(address, "/events", {"filters": "x y"})]
    assert found == [{"a": 1}, {}, {"a": 2}]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"HTTP/1.0 404 Not Found\r\n\r\n{}", SandboxError),
        (b"HTTP/1.0 20", SandboxUnavailableError),
        (b"HTTP/1.0 200 OK\r\n\r\nnot json\n", SandboxUnavailableError),
    ],
)
async def test_what_is_no_answer_is_an_error(folder: Path, answer: bytes, error: type[SandboxError]) -> None:
    """A refusal is told from a daemon that went away."""
    address, server = await _serve(folder, answer)
    async with server:
        with pytest.raises(error):
            await anext(json_lines(address, "/events", {"filters": "x y"}))


async def test_a_daemon_that_is_not_there_is_said(folder: Path) -> None:
    """As for every other question."""
    with pytest.raises(SandboxUnavailableError, match="No Docker"):
        await anext(json_lines(Address(path=str(folder / "none")), "/events", {}))

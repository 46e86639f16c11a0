"""A sandbox's working folder as the server sees it: list, read, write.

The other end runs inside the sandbox, so that whatever it says may be a lie: names, sizes and bytes
are checked here, every answer is bounded, and every wait has an end.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import time
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Literal

from pydantic import ValidationError

from gptoss_lab.errors import (
    ConflictError,
    NotFoundError,
    RequestError,
    SandboxError,
    TooLargeError,
)
from gptoss_lab.sandbox.agent.files import CHUNK_BYTES, MAX_FILES, MAX_LISTING_BYTES
from gptoss_lab.sandbox.file_names import is_plain, plain_path
from gptoss_lab.sandbox.within import within
from gptoss_lab.schemas.sandboxes import SandboxFile, SandboxFiles

ANSWER_TIMEOUT_S = 15.0
TRANSFER_TIMEOUT_S = 300.0
LINE_BYTES = MAX_LISTING_BYTES + (64 << 10)
LATEST_S = 4e9  # far enough, and still a date everywhere
SEND_BYTES = 64 << 10
SILENT = "The sandbox's working folder does not answer"


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file that is being read. `chunks` ends after exactly `size_bytes`, or raises."""

    path: str
    size_bytes: int
    chunks: AsyncGenerator[bytes, None]


class WorkingFolder:
    """The working folder of one running sandbox.

    Args:
        address: The unix socket that leads to the file service.
        disk_bytes: What the sandbox's disk holds; no file in it is larger.
        root: "data" for the folder that a person's files are copied to.
    """

    def __init__(self, address: str, disk_bytes: int, root: Literal["work", "data"] = "work") -> None:
        self._address = address
        self._disk_bytes = disk_bytes
        self._root = root

    async def list_files(self) -> SandboxFiles:
        """List the regular files; what is none, or has a name that hides something, is only counted.

        Raises:
            SandboxError: The sandbox does not answer, or answers nonsense.
        """
        async with self._asked({"verb": "list"}) as (_, answer):
            return await asyncio.to_thread(read_listing, answer)

    @contextlib.asynccontextmanager
    async def open_file(self, path: str) -> AsyncIterator[OpenFile]:
        """Open a regular file for reading, chunk by chunk, as fast as the reader takes them.

        Raises:
            RequestError: The path is none, or not that of a regular file.
            NotFoundError: There is no such file.
            TooLargeError: It claims to be larger than the sandbox's disk.
            SandboxError: The sandbox does not answer, or answers nonsense.
        """
        async with self._asked({"verb": "read", "path": plain_path(path)}) as (stream, answer):
            size = answer.get("size")
            if type(size) is not int or size < 0:
                raise SandboxError("The sandbox gave no size for the file")
            if size > self._disk_bytes:
                raise TooLargeError(f"{path} claims to be larger than the sandbox's disk")
            chunks = stream.chunks(path, size)
            async with contextlib.aclosing(chunks):
                yield OpenFile(path, size, chunks)

    async def read_file(self, path: str, max_bytes: int) -> bytes:
        """Return a whole file.

        Raises:
            TooLargeError: It is larger than `max_bytes`.
            RequestError: As `open_file`.
            SandboxError: As `open_file`.
        """
        async with self.open_file(path) as file:
            if file.size_bytes > max_bytes:
                raise TooLargeError(
                    f"{path} has {file.size_bytes} bytes, more than the {max_bytes} that are taken"
                )
            return b"".join([chunk async for chunk in file.chunks])

    async def write_file(self, path: str, content: bytes) -> None:
        """Write a file, with the folders above it; one that is there is replaced.

        Raises:
            RequestError: The path is none, or something else stands in its place.
            TooLargeError: The sandbox's disk does not hold it.
            SandboxError: The sandbox does not answer, or answers nonsense.
        """
        if len(content) > self._disk_bytes:
            raise TooLargeError(f"{path[:200]} is larger than the sandbox's disk")
        request = {"verb": "write", "path": plain_path(path), "size": len(content)}
        async with self._asked(request) as (stream, answer):
            if answer.get("go") is not True:
                raise SandboxError("The sandbox did not agree to take the file")
            written = await stream.send(content)
            _raise_failure(written, path)
            if written.get("written") != len(content):
                raise SandboxError("The sandbox did not take the whole file")

    @contextlib.asynccontextmanager
    async def _asked(self, request: dict[str, Any]) -> AsyncIterator[tuple[_Stream, dict[str, Any]]]:
        """Send a request and read the first answer; the connection ends with the block.

        Raises:
            SandboxError: The sandbox does not answer, or answers nonsense.
        """
        try:
            reader, writer = await asyncio.open_unix_connection(self._address, limit=LINE_BYTES)
        except OSError as error:
            raise SandboxError(SILENT) from error
        stream = _Stream(reader, writer)
        try:
            answer = await stream.ask(request if self._root == "work" else {**request, "root": self._root})
            _raise_failure(answer, str(request.get("path", "")))
            yield stream, answer
        except OSError as error:
            raise SandboxError(SILENT) from error
        finally:
            writer.transport.abort()


class _Stream:
    """One connection to the file service."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Send a line and read one."""
        return await self.send(json.dumps(request).encode() + b"\n")

    async def send(self, content: bytes) -> dict[str, Any]:
        """Send bytes and read a line; an answer may come, and end it, before all is sent."""
        sending = asyncio.ensure_future(self._send(content))
        try:
            line = await self._line(sending)
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
        return await asyncio.to_thread(_object, line)

    async def chunks(self, path: str, size: int) -> AsyncGenerator[bytes, None]:
        """Ask for one chunk after the other; only the time that the sandbox takes is bounded.

        Raises:
            ConflictError: The file became shorter while it was read.
            SandboxError: The sandbox fell silent.
        """
        left, patience_s = size, TRANSFER_TIMEOUT_S
        while left:
            asked_at = time.monotonic()
            self._writer.write(b"\n")
            want = min(CHUNK_BYTES, left)
            try:
                chunk = await within(self._reader.readexactly(want), min(ANSWER_TIMEOUT_S, patience_s))
            except asyncio.TimeoutError as error:
                raise SandboxError(SILENT) from error
            except (asyncio.IncompleteReadError, ConnectionError) as error:
                raise ConflictError(
                    f"{path} changed while it was read", hint="Fetch it again once nothing writes to it."
                ) from error
            left -= len(chunk)
            patience_s -= time.monotonic() - asked_at
            yield chunk

    async def _send(self, content: bytes) -> None:
        for start in range(0, len(content), SEND_BYTES):
            self._writer.write(content[start : start + SEND_BYTES])
            await within(self._writer.drain(), ANSWER_TIMEOUT_S)

    async def _line(self, sending: asyncio.Future[None]) -> bytes:
        """Read a line; the time to answer starts when all was sent.

        Raises:
            SandboxError: None comes, or one without an end.
        """
        reading = asyncio.ensure_future(self._reader.readuntil(b"\n"))
        either: set[asyncio.Future[Any]] = {reading, sending}
        try:
            await asyncio.wait(either, timeout=TRANSFER_TIMEOUT_S, return_when=asyncio.FIRST_COMPLETED)
            return await within(reading, ANSWER_TIMEOUT_S)
        except (asyncio.TimeoutError, asyncio.IncompleteReadError, OSError) as error:
            raise SandboxError(SILENT, hint="It may have ended, or use all its processes.") from error
        except asyncio.LimitOverrunError as error:
            raise SandboxError("The sandbox's answer about its files is too long") from error
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)


def read_listing(answer: dict[str, Any]) -> SandboxFiles:
    """Turn what the sandbox lists into files, leaving out what is not plain. Blocks for a moment.

    Raises:
        SandboxError: It is not a listing.
    """
    rows = answer.get("files")
    refused = answer.get("refused")
    if not isinstance(rows, list) or type(refused) is not int or not 0 <= refused <= LATEST_S:
        raise SandboxError("The sandbox's list of files cannot be read")
    files = {file.path: file for row in rows[:MAX_FILES] if (file := _file(row)) is not None}
    refused += len(rows) - len(files)
    ordered = tuple(files[path] for path in sorted(files))
    truncated = bool(answer.get("truncated")) or len(rows) > MAX_FILES
    return SandboxFiles(files=ordered, refused=refused, truncated=truncated)


def _file(row: Any) -> SandboxFile | None:
    try:
        path, size, modified_s = row
        if type(path) is not str or type(size) is not int or not is_plain(path):
            return None
        return SandboxFile(path=path, size_bytes=size, modified_at=_moment(modified_s))
    except (TypeError, ValueError, ValidationError):
        return None


def _moment(seconds: Any) -> str:
    if not isinstance(seconds, int | float) or not math.isfinite(seconds) or not 0 <= seconds <= LATEST_S:
        return ""
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="seconds")


def _object(line: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise SandboxError("The sandbox's answer about its files cannot be read") from error
    if not isinstance(answer, dict):
        raise SandboxError("The sandbox's answer about its files cannot be read")
    return answer


def _raise_failure(answer: dict[str, Any], path: str) -> None:
    """Raise what the sandbox reports as an error, if it does.

    Raises:
        NotFoundError: There is no such file.
        RequestError: It is no regular file.
        TooLargeError: There is no room for it.
        SandboxError: Anything else.
    """
    word = answer.get("error")
    if word == "missing":
        raise NotFoundError(f"There is no file {path} in the sandbox")
    if word == "refused":
        raise RequestError(
            f"{path} is not a regular file with one name",
            hint="Links, folders, devices and pipes stay in the sandbox; copy what you need to a file.",
        )
    if word == "full":
        raise TooLargeError(f"The sandbox's disk has no room for {path}")
    if word is not None:
        raise SandboxError(f"The sandbox could not serve {path}" if path else SILENT)

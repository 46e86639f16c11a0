"""The working folder as the server sees it, with a sandbox that says what the test wants."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gptoss_lab.errors import (
    ConflictError,
    NotFoundError,
    RequestError,
    SandboxError,
    TooLargeError,
)
from gptoss_lab.sandbox import files as files_module
from gptoss_lab.sandbox.agent.files import CHUNK_BYTES
from gptoss_lab.sandbox.file_names import is_plain
from gptoss_lab.sandbox.files import WorkingFolder, read_listing

DISK_BYTES = 1 << 20
Reply = Callable[[asyncio.StreamReader, asyncio.StreamWriter, dict[str, Any]], Awaitable[None]]


class Inside:
    """The far end: answers each request as `reply` does, and keeps the requests."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.requests: list[dict[str, Any]] = []
        self.reply: Reply | None = None
        self.ended = 0

    def says(self, *answers: Any, then: bytes = b"") -> None:
        """Answer with these lines and bytes at once, whatever is asked."""

        async def reply(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _request: dict[str, Any]
        ) -> None:
            for answer in answers:
                writer.write(answer if isinstance(answer, bytes) else json.dumps(answer).encode() + b"\n")
            writer.write(then)
            await writer.drain()
            if then:
                await reader.read()

        self.reply = reply

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        try:
            self.requests.append(json.loads(await reader.readline()))
            if self.reply is not None:
                await self.reply(reader, writer, self.requests[-1])
        except ConnectionError:
            self.ended += 1
        finally:
            writer.close()


@pytest.fixture
async def inside() -> AsyncIterator[Inside]:
    """A far end that listens."""
    with tempfile.TemporaryDirectory(prefix="gl-") as name:
        far = Inside(f"{name}/k-6")
        server = await asyncio.start_unix_server(far.serve, far.address)
        yield far
        server.close()
        await server.wait_closed()
        await asyncio.sleep(0.01)


@pytest.fixture
def folder(inside: Inside) -> WorkingFolder:
    """The folder that the far end serves."""
    return WorkingFolder(inside.address, DISK_BYTES)


async def test_a_listing_is_sorted_and_checked(inside: Inside, folder: WorkingFolder) -> None:
    """Plain files are told in order; names that trick, and rows that are none, are only counted."""
    rows: list[Any] = [["b.csv", 3, 0], ["a/b.csv", 2, 1.5], ["../x", 1, 0], ["/etc/passwd", 1, 0]]
    rows += [["a\u202eb", 1, 0], ["c", -1, 0], ["d", 1.5, 0], ["e"], "f", None, 7, {"g": 1}]
    inside.says({"files": rows, "refused": 2, "truncated": False})
    told = await folder.list_files()
    assert [(file.path, file.size_bytes) for file in told.files] == [("a/b.csv", 2), ("b.csv", 3)]
    assert told.files[0].modified_at == "1970-01-01T00:00:01+00:00"
    assert (told.refused, told.truncated) == (12, False)
    assert inside.requests == [{"verb": "list"}]


def test_a_listing_is_bounded() -> None:
    """More rows than the agent may tell are cut, and said to be."""
    told = read_listing({"files": [[f"{n}", 1, 0] for n in range(5000)], "refused": 0})
    assert len(told.files) == 1000
    assert told.truncated


@pytest.mark.parametrize("modified", [float("nan"), float("inf"), -1, 1e300, "now", None, [], True])
def test_a_strange_time_is_none(modified: Any) -> None:
    """A time that is no date is left out; the file stays."""
    told = read_listing({"files": [["a", 1, modified]], "refused": 0})
    assert told.files[0].modified_at in {"", "1970-01-01T00:00:01+00:00"}


@pytest.mark.parametrize(
    "answer",
    [
        {"files": 3, "refused": 0},
        {"files": [], "refused": -1},
        {"files": [], "refused": "x"},
        {},
        [],
        7,
        b"\xff\xfe\n",
        b"[" * 100_000 + b"\n",
        b"{" * 20 + b"\n",
        b"x" * (files_module.LINE_BYTES + 9) + b"\n",
    ],
    ids=lambda value: ascii(value)[:20],
)
async def test_a_listing_that_is_none(inside: Inside, folder: WorkingFolder, answer: Any) -> None:
    """Nonsense, deep nesting and lines without an end are an error with a name."""
    inside.says(answer)
    with pytest.raises(SandboxError):
        await folder.list_files()


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
ROWS = st.lists(JSON | st.tuples(st.text(max_size=30), JSON, JSON).map(list), max_size=20)


@given(st.fixed_dictionaries({"files": ROWS | JSON, "refused": JSON, "truncated": JSON}))
def test_no_listing_breaks_the_reader(answer: dict[str, Any]) -> None:
    """Whatever the sandbox lists, what is told is plain, or it is said to be no listing."""
    try:
        told = read_listing(answer)
    except SandboxError:
        return
    assert all(is_plain(file.path) and file.size_bytes >= 0 for file in told.files)
    assert len(told.files) + told.refused >= len(answer["files"])


async def test_a_file_is_asked_for_chunk_by_chunk(inside: Inside, folder: WorkingFolder) -> None:
    """Each chunk is asked for, so that a slow reader holds up nobody; the whole is what was sent."""
    content = bytes(range(256)) * 3000

    async def reply(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _request: dict[str, Any]
    ) -> None:
        writer.write(json.dumps({"size": len(content)}).encode() + b"\n")
        for start in range(0, len(content), CHUNK_BYTES):
            assert await reader.readexactly(1) == b"\n"
            writer.write(content[start : start + CHUNK_BYTES])

    inside.reply = reply
    assert await folder.read_file("out/fit.csv", DISK_BYTES) == content
    assert inside.requests == [{"verb": "read", "path": "out/fit.csv"}]


async def test_no_more_is_taken_than_was_announced(inside: Inside, folder: WorkingFolder) -> None:
    """Bytes beyond the announced size are never read."""
    inside.says({"size": 3}, then=b"abcdefghij" * 1000)
    assert await folder.read_file("a", 100) == b"abc"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"size": DISK_BYTES + 1}, TooLargeError),
        ({"size": 101}, TooLargeError),
        ({"size": -1}, SandboxError),
        ({"size": "9"}, SandboxError),
        ({"size": True}, SandboxError),
        ({"size": 50}, ConflictError),
        ({"error": "missing"}, NotFoundError),
        ({"error": "refused"}, RequestError),
        ({"error": "full"}, TooLargeError),
        ({"error": "\u202e<script>"}, SandboxError),
        ({"error": ["x"]}, SandboxError),
        (b"", SandboxError),
    ],
    ids=ascii,
)
async def test_a_read_that_fails(
    inside: Inside, folder: WorkingFolder, answer: Any, error: type[Exception]
) -> None:
    """A lie about the size, a file that ends early and each word of refusal have their error."""
    inside.says(answer)
    with pytest.raises(error) as caught:
        await folder.read_file("a", 100)
    assert "script" not in str(caught.value)


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a\nb", ""])
async def test_a_path_that_is_none_asks_nobody(inside: Inside, folder: WorkingFolder, path: str) -> None:
    """The sandbox is not even asked for a path that leaves its folder."""
    with pytest.raises(RequestError):
        await folder.read_file(path, 100)
    with pytest.raises(RequestError):
        await folder.write_file(path, b"x")
    assert inside.requests == []


async def test_a_file_is_written_whole(inside: Inside, folder: WorkingFolder) -> None:
    """The content follows the permission, and its length is confirmed."""
    taken = b""

    async def reply(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: dict[str, Any]
    ) -> None:
        nonlocal taken
        writer.write(b'{"go": true}\n')
        taken = await reader.readexactly(request["size"])
        writer.write(json.dumps({"written": len(taken)}).encode() + b"\n")

    inside.reply = reply
    content = b"x" * 300_000
    await folder.write_file("a/b", content)
    assert taken == content
    assert inside.requests == [{"verb": "write", "path": "a/b", "size": 300_000}]


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ([{"go": False}], SandboxError),
        ([{"go": True}, {"written": 3}], SandboxError),
        ([{"go": True}, {"error": "full"}], TooLargeError),
        ([{"go": True}], SandboxError),
        ([{"error": "refused"}], RequestError),
    ],
    ids=ascii,
)
async def test_a_write_that_fails(
    inside: Inside, folder: WorkingFolder, answers: list[Any], error: type[Exception]
) -> None:
    """A refusal, before or after the content, and a count that is wrong are errors."""
    inside.says(*answers)
    with pytest.raises(error):
        await folder.write_file("a", b"xxxx" * 50_000)


async def test_what_no_disk_holds_is_not_sent(inside: Inside, folder: WorkingFolder) -> None:
    """Content beyond the sandbox's disk is refused here."""
    with pytest.raises(TooLargeError):
        await folder.write_file("a", bytes(DISK_BYTES + 1))
    assert inside.requests == []


async def test_silence_has_an_end(
    inside: Inside, folder: WorkingFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sandbox that takes requests and says nothing, or stops half-way, is given up on."""
    monkeypatch.setattr(files_module, "ANSWER_TIMEOUT_S", 0.05)
    silent = asyncio.Event()

    async def reply(
        _reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: dict[str, Any]
    ) -> None:
        if request["verb"] == "read":
            writer.write(b'{"size": 9}\nabc')
        await silent.wait()

    inside.reply = reply
    with pytest.raises(SandboxError, match="does not answer"):
        await folder.list_files()
    with pytest.raises(SandboxError, match="does not answer"):
        await folder.read_file("a", 100)
    silent.set()
    await asyncio.sleep(0.01)


async def test_a_sandbox_that_has_gone(tmp_path: Path) -> None:
    """Without a socket the folder does not answer."""
    with pytest.raises(SandboxError, match="does not answer"):
        await WorkingFolder(str(tmp_path / "none"), DISK_BYTES).list_files()

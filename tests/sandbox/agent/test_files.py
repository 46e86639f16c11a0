"""The file service, run as part of the program that goes into a sandbox, over a folder of the test."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gptoss_lab.sandbox.agent import boot_source
from gptoss_lab.sandbox.agent.boot import CONNECTION_FILE
from gptoss_lab.sandbox.agent.files import CHUNK_BYTES, MAX_CLIENTS, MAX_FILES, ROOT

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Service:
    """The running service: its port, its folder and the process that keeps it."""

    def __init__(self, port: int, folder: Path) -> None:
        self.port = port
        self.folder = folder
        self._sockets: list[socket.socket] = []
        self._writers: list[asyncio.StreamWriter] = []

    async def open(self) -> Stream:
        """Connect, once it listens."""
        for _ in range(500):
            if await asyncio.to_thread(self._listens):
                break
            await asyncio.sleep(0.02)
        stream = await asyncio.open_connection(sock=self._sockets.pop())
        self._writers.append(stream[1])
        return stream

    def _listens(self) -> bool:
        sock = socket.socket()
        if sock.connect_ex(("127.0.0.1", self.port)):
            sock.close()
            return False
        self._sockets.append(sock)
        return True

    async def close(self) -> None:
        """Hang up on every connection."""
        for writer in self._writers:
            writer.close()
        await asyncio.gather(*(writer.wait_closed() for writer in self._writers), return_exceptions=True)

    async def ask(self, **request: Any) -> tuple[dict[str, Any], Stream]:
        """Send a request; return the first answer and the connection."""
        reader, writer = await self.open()
        writer.write(json.dumps(request).encode() + b"\n")
        return json.loads(await asyncio.wait_for(reader.readline(), 20)), (reader, writer)

    async def answer(self, **request: Any) -> dict[str, Any]:
        """Send a request; return the first answer alone."""
        answer, (_, writer) = await self.ask(**request)
        writer.close()
        return answer

    async def read(self, path: str) -> bytes:
        """Read a whole file."""
        answer, (reader, writer) = await self.ask(verb="read", path=path)
        content = b""
        while len(content) < answer["size"]:
            writer.write(b"\n")
            content += await reader.readexactly(min(CHUNK_BYTES, answer["size"] - len(content)))
        writer.close()
        return content

    async def write(self, path: str, content: bytes) -> dict[str, Any]:
        """Write a whole file; return the last answer."""
        answer, (reader, writer) = await self.ask(verb="write", path=path, size=len(content))
        if "go" in answer:
            writer.write(content)
            answer = json.loads(await asyncio.wait_for(reader.readline(), 20))
        writer.close()
        return answer


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    """A service in a sandbox's boot program, whose kernel only sleeps."""
    folder = tmp_path / "work"
    folder.mkdir()
    source = boot_source().replace(CONNECTION_FILE, str(tmp_path / "connection.json"))
    source = source.replace(f'ROOT = "{ROOT}"', f'ROOT = "{folder}"')
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", "-c", source), stdin=asyncio.subprocess.PIPE, cwd=tmp_path
    )
    port = _free_port()
    config = {"connection_info": {}, "argv": ["sleep", "600"], "mode": "exec", "files_port": port}
    assert process.stdin is not None
    process.stdin.write(json.dumps(config).encode() + b"\n")
    service = Service(port, folder)
    try:
        yield service
    finally:
        await service.close()
        process.stdin.close()
        await asyncio.wait_for(process.wait(), 10)


async def test_only_regular_files_are_listed(service: Service) -> None:
    """Files in folders are told with their size; links, second names and pipes are counted."""
    inner = service.folder / "out" / "deep"
    inner.mkdir(parents=True)
    (inner / "fit.csv").write_text("1,2\n")
    (service.folder / "secret").symlink_to("/etc/passwd")
    (service.folder / "loop").symlink_to(service.folder)
    (service.folder / "one").write_text("x")
    (service.folder / "two").hardlink_to(service.folder / "one")
    os.mkfifo(service.folder / "pipe")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(service.folder / "sock"))
        told = await service.answer(verb="list")
    assert [row[:2] for row in told["files"]] == [["out/deep/fit.csv", 4]]
    assert told["refused"] == 6
    assert told["truncated"] is False


async def test_a_huge_listing_is_cut(service: Service) -> None:
    """More files than are told, and deeper folders than are entered, end the list early."""
    for number in range(MAX_FILES + 5):
        (service.folder / f"{number:05d}").touch()
    told = await service.answer(verb="list")
    assert len(told["files"]) == MAX_FILES
    assert told["truncated"] is True


async def test_a_deep_folder_ends_the_walk(service: Service) -> None:
    """Folders are entered to a depth; what lies deeper is not told."""
    deep = service.folder.joinpath(*["d"] * 40)
    deep.mkdir(parents=True)
    (deep / "file").touch()
    told = await service.answer(verb="list")
    assert (told["files"], told["refused"]) == ([], 1)


async def test_a_file_goes_out_chunk_by_chunk(service: Service) -> None:
    """What was written is read back, over the length of a chunk, and an empty file too."""
    content = os.urandom(CHUNK_BYTES * 2 + 17)
    assert await service.write("a/b.bin", content) == {"written": len(content)}
    assert await service.read("a/b.bin") == content
    assert await service.write("empty", b"") == {"written": 0}
    assert await service.read("empty") == b""


async def test_a_write_replaces_a_link_and_follows_none(service: Service, tmp_path: Path) -> None:
    """A link in the place of a file is replaced; a link in the place of a folder is refused."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("kept")
    (service.folder / "file").symlink_to(outside / "kept")
    (service.folder / "folder").symlink_to(outside)
    assert await service.write("file", b"new") == {"written": 3}
    assert await service.write("folder/x", b"new") == {"error": "refused"}
    assert (outside / "kept").read_text() == "kept"
    assert (service.folder / "file").read_text() == "new"
    assert [path.name for path in outside.iterdir()] == ["kept"]


async def test_a_write_that_breaks_off_leaves_nothing(service: Service) -> None:
    """A sender that leaves before all was sent leaves neither a file nor a draft."""
    _, (reader, writer) = await service.ask(verb="write", path="half", size=100)
    writer.write(b"x" * 50)
    writer.write_eof()
    assert json.loads(await asyncio.wait_for(reader.readline(), 20)) == {"error": "failed"}
    writer.close()
    assert list(service.folder.iterdir()) == []


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../x", "a/../../x", "", ".", "a//b", "a\0b", "d/" * 20 + "x"]
)
async def test_a_path_stays_below_the_folder(service: Service, path: str) -> None:
    """A path that is absolute, climbs or is too deep is refused, for reading and for writing."""
    assert await service.answer(verb="read", path=path) == {"error": "refused"}
    assert await service.answer(verb="write", path=path, size=1) == {"error": "refused"}


async def test_what_is_no_file_is_refused_at_once(service: Service) -> None:
    """A pipe does not hold the reader up; links, second names and folders are not read."""
    os.mkfifo(service.folder / "pipe")
    (service.folder / "link").symlink_to("/etc/passwd")
    (service.folder / "one").write_text("x")
    (service.folder / "two").hardlink_to(service.folder / "one")
    (service.folder / "folder").mkdir()
    for path in ("pipe", "link", "two", "folder", "one/x"):
        assert await service.answer(verb="read", path=path) == {"error": "refused"}, path
    assert await service.answer(verb="read", path="none") == {"error": "missing"}


async def test_a_swap_during_a_read_changes_nothing(service: Service) -> None:
    """The file that was opened is the one that is read, whatever takes its name."""
    content = os.urandom(CHUNK_BYTES * 2)
    file = service.folder / "data"
    file.write_bytes(content)
    answer, (reader, writer) = await service.ask(verb="read", path="data")
    file.unlink()
    file.symlink_to("/etc/passwd")
    writer.write(b"\n\n")
    assert await reader.readexactly(answer["size"]) == content
    writer.close()


async def test_a_file_that_shrinks_ends_the_answer(service: Service) -> None:
    """A file that became shorter is cut off, not padded."""
    file = service.folder / "data"
    file.write_bytes(bytes(CHUNK_BYTES * 2))
    _, (reader, writer) = await service.ask(verb="read", path="data")
    os.truncate(file, 10)
    writer.write(b"\n")
    assert await asyncio.wait_for(reader.read(), 20) == b""
    writer.close()


@pytest.mark.parametrize(
    "line", [b"\n", b"null\n", b"[]\n", b'{"verb": "run"}\n', b'{"verb": "read", "path": 3}\n', b"x" * 9000]
)
async def test_nonsense_is_refused(service: Service, line: bytes) -> None:
    """A request that is none is answered as refused, and the service lives on."""
    reader, writer = await service.open()
    writer.write(line)
    assert json.loads(await asyncio.wait_for(reader.readline(), 20)) == {"error": "refused"}
    writer.close()
    assert (await service.answer(verb="list"))["files"] == []


async def test_clients_are_few_and_leave_room(service: Service) -> None:
    """One client too many is hung up on; once another has left there is room again."""
    held = [await service.open() for _ in range(MAX_CLIENTS)]
    reader, writer = await service.open()
    assert await asyncio.wait_for(reader.read(), 20) == b""
    writer.close()
    for _, held_writer in held:
        held_writer.close()
    line: object = b""
    for _ in range(500):
        reader, writer = await service.open()
        writer.write(b'{"verb": "list"}\n')
        (line,) = await asyncio.gather(asyncio.wait_for(reader.readline(), 20), return_exceptions=True)
        writer.close()
        if isinstance(line, bytes) and line:
            break
        await asyncio.sleep(0.02)
    assert line == b'{"files": [], "refused": 0, "truncated": false}\n'

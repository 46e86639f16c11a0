"""Serve the working folder, and the folder of copied data: list it, read one file, write one file.

Runs inside the sandbox as the kernel's user, on a loopback port that the relay dials like a
kernel's. Each connection has a process of its own, so that a busy kernel does not hold it up and a
slow reader does not hold up the kernel. It makes one request, a line of JSON; every answer is a
line of JSON too.

list → `{"files": [[path, bytes, modified], …], "refused": count, "truncated": …}`
read → `{"size": …}`, then up to `CHUNK_BYTES` for every byte that the reader sends
write → `{"go": true}`, then takes `size` bytes, then `{"written": size}`
Anything that fails → `{"error": word}`. A request with `"root": "data"` means the folder of data.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import selectors
import signal
import socket
import stat
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

FILES_PORT = 9006
ROOT = "/sandbox"
DATA = "/data"
CHUNK_BYTES = 256 << 10
MAX_REQUEST_BYTES = 8 << 10
MAX_DEPTH = 16
MAX_FILES = 1000
MAX_SEEN = 20_000
MAX_LISTING_BYTES = 512 << 10
MAX_CLIENTS = 4
IDLE_S = 60
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
DRAFT = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
WORDS = {
    errno.ENOENT: "missing",
    errno.ENOTDIR: "refused",
    errno.EISDIR: "refused",
    errno.ELOOP: "refused",
    errno.ENXIO: "refused",
    errno.EACCES: "refused",
    errno.ENOTEMPTY: "refused",
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
    errno.EFBIG: "full",
}


class RefusedError(Exception):
    """The request asks for something that is not a regular file below the working folder."""


def parts_of(path: Any) -> list[str]:
    """Return the names in a relative path.

    Raises:
        RefusedError: It is absolute, leaves the folder or is no path.
    """
    parts = path.split("/") if isinstance(path, str) else []
    if not parts or "\0" in path or len(parts) > MAX_DEPTH or any(part in {"", ".", ".."} for part in parts):
        raise RefusedError(path)
    return parts


def open_folder(root: int, parts: list[str], *, make: bool = False) -> int:
    """Open a folder below `root` step by step, following no link; the caller closes it."""
    folder = os.dup(root)
    try:
        for part in parts:
            if make:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(part, 0o755, dir_fd=folder)
            inner = _step_into(folder, part)
            os.close(folder)
            folder = inner
    except BaseException:
        os.close(folder)
        raise
    return folder


def _step_into(folder: int, name: str) -> int:
    """Open a folder in another one.

    Raises:
        RefusedError: It is a link. gVisor of 2022 follows it in spite of O_NOFOLLOW.
    """
    before = os.stat(name, dir_fd=folder, follow_symlinks=False)
    inner = os.open(name, FOLDER, dir_fd=folder)
    if os.path.samestat(before, os.fstat(inner)):
        return inner
    os.close(inner)
    raise RefusedError(name)


def list_files(root: int) -> dict[str, Any]:
    """List the regular files below `root` that have one name; bounded in depth, number and length."""
    files: list[tuple[str, int, float]] = []
    told: dict[str, Any] = {"files": files, "refused": 0, "truncated": False}
    size = seen = 0
    waiting = [""]
    while waiting:
        place = waiting.pop(0)
        for entry in _entries(root, place):
            path = f"{place}/{entry.name}" if place else entry.name
            seen += 1
            size += 6 * len(path) + 64
            if seen > MAX_SEEN or len(files) >= MAX_FILES or size > MAX_LISTING_BYTES:
                return {**told, "truncated": True}
            with contextlib.suppress(FileNotFoundError):
                info = entry.stat(follow_symlinks=False)
                if stat.S_ISREG(info.st_mode) and info.st_nlink == 1:
                    files.append((path, info.st_size, info.st_mtime))
                elif stat.S_ISDIR(info.st_mode) and path.count("/") < MAX_DEPTH - 1:
                    waiting.append(path)
                else:
                    told["refused"] += 1
    return told


def _entries(root: int, place: str) -> Iterator[os.DirEntry[str]]:
    """Yield what a folder holds; nothing when it is gone, or no longer one, or closed to us."""
    try:
        folder = open_folder(root, place.split("/") if place else [])
    except (OSError, RefusedError):
        return
    try:
        with os.scandir(folder) as entries:
            yield from entries
    finally:
        os.close(folder)


def open_file(root: int, path: str) -> tuple[int, os.stat_result]:
    """Open a regular file that has one name; the caller closes it.

    Raises:
        RefusedError: It is something else, or the path is none.
    """
    *parents, name = parts_of(path)
    folder = open_folder(root, parents)
    try:
        fd = os.open(name, FILE, dir_fd=folder)
    finally:
        os.close(folder)
    info = os.fstat(fd)
    if not stat.S_ISREG(info.st_mode) or info.st_nlink != 1:
        os.close(fd)
        raise RefusedError(path)
    return fd, info


class Session:
    """One connection and its one request."""

    def __init__(self, sock: socket.socket, roots: dict[str, str]) -> None:
        self.sock = sock
        self.roots = roots
        self.root = -1

    def serve(self) -> None:
        """Answer the request; a failure is told in one word."""
        verbs: dict[str, Callable[[dict[str, Any]], None]]
        verbs = {"list": self._list, "read": self._read, "write": self._write}
        try:
            request = json.loads(self._line())
            self.root = os.open(self.roots[request.get("root", "work")], FOLDER)
            verbs[request["verb"]](request)
        except (RefusedError, ValueError, KeyError, TypeError, AttributeError):
            self._fail("refused")
        except OSError as error:
            self._fail(WORDS.get(error.errno or 0, "failed"))

    def _fail(self, word: str) -> None:
        """Say why, and let the sender hang up: leaving with bytes unread would reset what was said."""
        self._say({"error": word})
        while self._receive(CHUNK_BYTES):
            pass

    def _list(self, _request: dict[str, Any]) -> None:
        self._say(list_files(self.root))

    def _read(self, request: dict[str, Any]) -> None:
        """Send the file as it was when it was opened; stop short when it shrinks."""
        fd, info = open_file(self.root, request["path"])
        left = info.st_size
        self._say({"size": left})
        while left and self._receive(1):
            chunk = os.pread(fd, min(CHUNK_BYTES, left), info.st_size - left)
            if len(chunk) < min(CHUNK_BYTES, left):
                return
            self._send(chunk)
            left -= len(chunk)

    def _write(self, request: dict[str, Any]) -> None:
        """Write beside the place and move it there: whatever stood there is replaced, not followed."""
        *parents, name = parts_of(request["path"])
        size = int(request["size"])
        draft = f".gptoss-{os.getpid()}.part"
        folder = open_folder(self.root, parents, make=True)
        fd = os.open(draft, DRAFT, 0o644, dir_fd=folder)
        try:
            self._say({"go": True})
            self._take(fd, size)
            os.rename(draft, name, src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            os.unlink(draft, dir_fd=folder)
            raise
        self._say({"written": size})

    def _take(self, fd: int, size: int) -> None:
        while size:
            chunk = self._receive(min(CHUNK_BYTES, size))
            if not chunk:
                raise ConnectionResetError("the sender left")
            size -= len(chunk)
            view = memoryview(chunk)
            while view:
                view = view[os.write(fd, view) :]

    def _line(self) -> bytes:
        line = bytearray()
        while not line.endswith(b"\n"):
            byte = self._receive(1)
            if not byte or len(line) > MAX_REQUEST_BYTES:
                raise RefusedError("no request")
            line += byte
        return bytes(line)

    def _receive(self, size: int) -> bytes:
        signal.alarm(IDLE_S)
        return self.sock.recv(size)

    def _send(self, data: bytes) -> None:
        signal.alarm(IDLE_S)
        self.sock.sendall(data)

    def _say(self, answer: dict[str, Any]) -> None:
        self._send(json.dumps(answer).encode() + b"\n")


class FileServer:
    """Takes connections on a shared selector and gives each to a child process."""

    def __init__(self, selector: selectors.BaseSelector, port: int) -> None:
        self.children: set[int] = set()
        self.listener = socket.create_server(("127.0.0.1", port))
        self.listener.setblocking(False)
        selector.register(self.listener, selectors.EVENT_READ, self.on_client)

    def on_client(self, _mask: int) -> None:
        """Serve a client in a child; hang up where there is no room for one."""
        try:
            sock, _ = self.listener.accept()
        except OSError:
            return
        with sock:
            if len(self.children) >= MAX_CLIENTS:
                return
            try:
                pid = os.fork()
            except OSError:
                return
            if pid == 0:
                serve_and_end(sock)
            self.children.add(pid)


def serve_and_end(sock: socket.socket) -> NoReturn:
    """Keep nothing of the parent but this connection, serve it, and end."""
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        for signum in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGCHLD, signal.SIGALRM):
            signal.signal(signum, signal.SIG_DFL)
        for signum in (signal.SIGINT, signal.SIGUSR1, signal.SIGUSR2):
            signal.signal(signum, signal.SIG_IGN)  # an interrupt is meant for the kernel
        os.dup2(sock.fileno(), 0)
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        os.dup2(2, 1)
        served = socket.socket(fileno=0)
        served.setblocking(True)
        Session(served, {"work": ROOT, "data": DATA}).serve()
        status = 0
    finally:
        os._exit(status)

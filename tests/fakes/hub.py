"""A Hub on the loopback: repositories in memory, ranges, and the ways in which it fails."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"
_API = re.compile(r"/api/models/(?P<repo>[^/]+/[^/]+)(?:/revision/(?P<revision>.+))?")
_FILE = re.compile(r"/(?P<repo>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<name>.+)")


@dataclass
class FakeHub:
    """What it has and how it misbehaves.

    Attributes:
        files: The files of its one repository.
        gated: The status with which it refuses who has no token.
        drops: How many answers to files it breaks off in the middle.
        holds: Answer files with half of their bytes, then with silence until it is let go.
        corrupt: Send other bytes than it says.
        short: Say that files are larger than they are.
    """

    repo: str = "openai/gpt-oss-20b"
    files: dict[str, bytes] = field(default_factory=dict)
    gated: int = 0
    drops: int = 0
    holds: bool = False
    corrupt: bool = False
    asked: list[tuple[str, str]] = field(default_factory=list)
    let_go: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def ranges(self) -> list[str]:
        """Return the ranges that were asked for."""
        return [said for _, said in self.asked if said]

    def info(self) -> dict[str, Any]:
        """Return what the Hub says of its repository."""
        siblings = [
            {
                "rfilename": name,
                "size": len(content),
                "blobId": git_digest(content),
                **(
                    {
                        "lfs": {
                            "sha256": hashlib.sha256(content).hexdigest(),
                            "size": len(content),
                            "pointerSize": 1,
                        }
                    }
                    if name.endswith(".safetensors")
                    else {}
                ),
            }
            for name, content in self.files.items()
        ]
        return {"id": self.repo, "modelId": self.repo, "sha": COMMIT, "private": False, "siblings": siblings}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: FakeHub

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self.hub.asked.append((path, self.headers.get("Range", "")))
        found = _API.fullmatch(path) or _FILE.fullmatch(path)
        if found is None or found["repo"] != self.hub.repo:
            self._refuse(404, "RepoNotFound")
        elif self.hub.gated and not self.headers.get("Authorization"):
            self._refuse(self.hub.gated, "GatedRepo")
        elif (found["revision"] or "main") not in {"main", COMMIT}:
            self._refuse(404, "RevisionNotFound")
        elif "name" in found.groupdict():
            self._file(found["name"])
        else:
            self._send(200, json.dumps(self.hub.info()).encode(), {"Content-Type": "application/json"})

    def _file(self, name: str) -> None:
        content = self.hub.files[name]
        if self.hub.corrupt:
            content = content[:-1] + b"!"
        begin = int((re.search(r"bytes=(\d+)-", self.headers.get("Range", "")) or ["", "0"])[1])
        rest = content[begin:]
        headers = {
            "ETag": f'"{hashlib.sha256(content).hexdigest()}"',
            "X-Repo-Commit": COMMIT,
            "Accept-Ranges": "bytes",
        }
        if begin:
            headers["Content-Range"] = f"bytes {begin}-{len(content) - 1}/{len(content)}"
        is_large = name.endswith(".safetensors")
        if is_large and (self.hub.drops or self.hub.holds):
            self.hub.drops -= not self.hub.holds
            self._send(206 if begin else 200, rest, headers, sent=len(rest) // 2)
            if self.hub.holds:
                self.let_go()
            self.close_connection = True
            return
        self._send(206 if begin else 200, rest, headers)

    def let_go(self) -> None:
        """Wait until the test says so."""
        self.hub.let_go.wait(60)

    def _send(self, status: int, body: bytes, headers: dict[str, str], sent: int | None = None) -> None:
        self.send_response(status)
        for key, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command == "GET":
            with contextlib.suppress(ConnectionError):
                self.wfile.write(body[:sent])

    def _refuse(self, status: int, code: str) -> None:
        self._send(status, b"{}", {"X-Error-Code": code, "X-Error-Message": f"{code} for this request"})


def git_digest(content: bytes) -> str:
    """Return the name that git gives to a content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


@contextlib.contextmanager
def serving(hub: FakeHub) -> Iterator[FakeHub]:
    """Serve it on a free port until the end of the block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": hub}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield hub
    finally:
        hub.let_go.set()
        server.shutdown()
        thread.join()
        server.server_close()

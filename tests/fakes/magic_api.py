"""A server that answers as our HTTP API does, from a script, and notes what it was asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from typing_extensions import Self

SOURCE = "RAN = 1 / 0  # not to be run"
JOB = "j1"
EVENTS: tuple[dict[str, Any], ...] = (
    {"type": "queued", "position": 0},
    {"type": "stage", "stage": "collect"},
    {"type": "stage", "stage": "stream"},
    {"type": "cell_open", "cell": "a", "index": 0, "kind": "code", "language": "python"},
    {"type": "cell_delta", "cell": "a", "text": "open("},
    {"type": "cell_close", "cell": "a", "source": SOURCE, "sources": [{"title": "Guide", "page": 3}]},
    {"type": "verification", "cell": "a", "verification": {"status": "ok", "error": ""}},
    {"type": "done", "state": "done", "cells": 1, "verified": 1, "message": ""},
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any = None


@dataclass
class MagicApi:
    """A server on a free port, in threads of its own.

    Args:
        events: What a job says.
        cut_after: After how many events the stream breaks the first time; 0 for never.
        replies: What stands at other addresses: a status and a body.
    """

    events: Sequence[dict[str, Any]] = EVENTS
    cut_after: int = 0
    replies: dict[str, tuple[int, Any]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    on_event: Callable[[dict[str, Any]], None] = lambda _event: None

    def __enter__(self) -> Self:
        handler = type("Handler", (_Handler,), {"api": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Where it listens, with a base address as JupyterHub gives one."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/user/ada/"

    def numbered(self) -> list[dict[str, Any]]:
        """Return the events as a job sends them."""
        return [{**event, "seq": place, "job": JOB} for place, event in enumerate(self.events, 1)]


class _Handler(BaseHTTPRequestHandler):
    api: MagicApi

    def log_message(self, *_args: Any) -> None:
        """Keep the test's output clean."""

    def do_GET(self) -> None:
        self._note()
        if self.path.endswith("/events"):
            self._stream(int(self.headers.get("Last-Event-ID", "0")))
        else:
            self._reply()

    def do_POST(self) -> None:
        self._note()
        self._reply({"job": JOB, "events": "", "state": "queued"}, 202)

    def do_DELETE(self) -> None:
        self._note()
        self.send_response(204)
        self.end_headers()

    def _note(self) -> None:
        size = int(self.headers.get("Content-Length", "0"))
        body = json.loads(self.rfile.read(size)) if size else None
        self.api.asked.append(
            Asked(self.command, self.path, {name.lower(): text for name, text in self.headers.items()}, body)
        )

    def _reply(self, usual: Any = None, status: int = 200) -> None:
        name = self.path.partition("/api/v1/")[2]
        status, body = self.api.replies.get(name, (status, usual))
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        if status == 302:  # a login page
            self.send_header("Location", "http://127.0.0.1:9/")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _stream(self, after: int) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(b": still here\n\n")
        for event in self.api.numbered()[after:]:
            if self.api.cut_after and event["seq"] > self.api.cut_after:
                self.api.cut_after = 0
                return
            self.api.on_event(event)
            self.wfile.write(f"id: {event['seq']}\nevent: x\ndata: {json.dumps(event)}\n\n".encode())
            self.wfile.flush()

"""A server of ours behind another one, on a real socket, that does what a test says."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPServerRequest
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler
from typing_extensions import Self

from gptoss_lab._version import __version__

Answer = Callable[["BackHandler"], Awaitable[None]]


@dataclass
class Back:
    """What it is asked, and what it says of itself.

    Attributes:
        answers: What it does at an address without its base, by verb and path.
    """

    version: str = __version__
    base_url: str = "/deep/"
    token: str = field(default_factory=lambda: secrets.token_hex(8))
    asked: list[HTTPServerRequest] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    health: Answer | None = None
    port: int = 0

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}{self.base_url}"

    @property
    def last(self) -> HTTPServerRequest:
        """The last request."""
        return self.asked[-1]

    async def __aenter__(self) -> Self:
        app = Application([(r"/(.*)", BackHandler, {"back": self})])
        self._server = HTTPServer(app, max_buffer_size=200 << 20)
        sockets = bind_sockets(self.port, "127.0.0.1")
        self.port = sockets[0].getsockname()[1]
        self._server.add_sockets(sockets)
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Go away, with all connections."""
        self._server.stop()
        await self._server.close_all_connections()


class BackHandler(RequestHandler):
    """Answers as the test says."""

    def initialize(self, back: Back) -> None:
        """Take what to say; called by tornado."""
        self.back = back

    async def answer(self, path: str) -> None:
        """Refuse strangers, say what it is, or do what the test says."""
        self.back.asked.append(self.request)
        place = f"/{path}".removeprefix(self.back.base_url.rstrip("/"))
        if self.request.headers.get("Authorization") != f"token {self.back.token}":
            self.set_status(401)
        elif place == "/api/v1/health":
            await (self.back.health or healthy)(self)
        elif (say := self.back.answers.get(f"{self.request.method} {place}")) is not None:
            await say(self)
        else:
            self.set_status(404)
            self.tell({
                "title": "Not Found",
                "status": 404,
                "code": "not_found",
                "detail": "",
                "hint": "Look.",
            })
            self.set_header("Content-Type", "application/problem+json")

    get = post = delete = answer

    def tell(self, model: dict[str, Any], status: int = 0) -> None:
        """Answer with JSON."""
        if status:
            self.set_status(status)
        self.set_header("Content-Type", "application/json")
        self.write(json.dumps(model))

    async def say(self, data: str) -> None:
        """Send a piece."""
        self.write(data)
        await self.flush()

    def hang_up(self) -> None:
        """Cut the connection."""
        connection: Any = self.request.connection
        connection.stream.close()

    def on_connection_close(self) -> None:
        """Note that whoever asked has left; called by tornado."""
        self.back.left.set()


async def healthy(handler: BackHandler) -> None:
    """Say the version, and what would answer."""
    handler.tell({"status": "ok", "version": handler.back.version, "generator": "model", "model": "far"})

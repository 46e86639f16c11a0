"""What a page does: a websocket to a kernel of a real Jupyter Server."""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from collections.abc import AsyncIterator
from typing import Any

from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from tests.integration.server import Server

Message = dict[str, Any]


class Page:
    """One page with one kernel; everything that reaches it is kept in `seen`."""

    def __init__(self, socket: WebSocketClientConnection) -> None:
        self.seen: list[Message] = []
        self._socket = socket

    async def run(self, code: str, *, stdin: bool = False) -> list[Message]:
        """Run a cell; return all that came until it had ended, whatever it answers."""
        request = uuid.uuid4().hex
        header = {"msg_id": request, "msg_type": "execute_request", "username": "", "session": "page"}
        content = {"code": code, "silent": False, "store_history": True, "allow_stdin": stdin}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
        await self._socket.write_message(json.dumps({**message, "channel": "shell", "buffers": []}))
        before = len(self.seen)
        ends: set[str] = set()
        while not {"idle", "reply"} <= ends:
            read = await asyncio.wait_for(self._socket.read_message(), 60)
            assert isinstance(read, str), "the server closed the connection, or sent binary data"
            self.seen.append(json.loads(read))
            told = self.seen[-1]
            if told["parent_header"].get("msg_id") == request:
                ends.add("reply" if told["msg_type"] == "execute_reply" else "")
                ends.add(str(told["content"].get("execution_state", "")))
        return self.seen[before:]


@contextlib.asynccontextmanager
async def page(server: Server, kernel_name: str = "gptoss-python") -> AsyncIterator[Page]:
    """Start a kernel as a notebook does and open a page on it."""
    answer = await server.http.post("/api/kernels", json={"name": kernel_name})
    assert answer.status_code == 201, answer.text
    kernel = answer.json()["id"]
    url = str(server.http.base_url).replace("http://", "ws://").rstrip("/")
    headers = {"Authorization": server.http.headers["Authorization"]}
    socket = await websocket_connect(HTTPRequest(f"{url}/api/kernels/{kernel}/channels", headers=headers))
    try:
        yield Page(socket)
    finally:
        socket.close()
        await server.http.delete(f"/api/kernels/{kernel}")

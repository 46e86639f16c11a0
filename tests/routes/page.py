"""A page as the server sees it: one websocket to one kernel."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from jupyter_client.session import Session
from jupyter_server.services.kernels.connection import base
from tornado.websocket import WebSocketClientConnection

Message = dict[str, Any]
pack: Callable[..., bytes] = base.serialize_msg_to_ws_v1
unpack: Callable[[Any], tuple[str, list[bytes]]] = base.deserialize_msg_from_ws_v1
unpack_legacy: Callable[[bytes], Message] = base.deserialize_binary_message


class Page:
    """A front end: one websocket to one kernel."""

    def __init__(self, socket: WebSocketClientConnection, *, binary: bool) -> None:
        self._socket = socket
        self._binary = binary
        self._session = Session()
        self._left = False

    async def close(self) -> None:
        """Leave, and wait until the server has noticed."""
        if self._left:
            return
        self._left = True
        self._socket.close()
        while await asyncio.wait_for(self._socket.read_message(), 10) is not None:
            pass

    async def send(self, kind: str, content: Message, metadata: Message | None = None) -> str:
        """Send a request on the shell channel and return its name."""
        message = self._session.msg(kind, content, metadata=metadata)
        if self._binary:
            sent: str | bytes = pack(message, "shell", self._session.pack)
        else:
            sent = json.dumps({**message, "channel": "shell", "buffers": []}, default=str)
        await self._socket.write_message(sent, binary=self._binary)
        return str(message["header"]["msg_id"])

    async def receive(self) -> Message:
        """Return the next message with its channel and its kind."""
        read = await asyncio.wait_for(self._socket.read_message(), 30)
        assert read is not None, "closed"
        if self._binary:
            channel, parts = unpack(read)
            names = ("header", "parent_header", "metadata", "content")
            message: Message = dict(zip(names, map(json.loads, parts), strict=False))
            message.update(channel=channel, buffers=parts[4:])
        elif isinstance(read, bytes):
            message = unpack_legacy(read)
        else:
            message = {"buffers": [], **json.loads(read)}
        return message

    async def answers(self, request: str) -> list[Message]:
        """Return all that answers a request, up to its reply and idle state."""
        found: list[Message] = []
        kinds: set[str] = set()
        while not {"idle", "reply"} <= kinds:
            message = await self.receive()
            if message["parent_header"].get("msg_id") != request:
                continue
            found.append(message)
            kinds.add(str(message["content"].get("execution_state")))
            kinds.add("reply" if message["header"]["msg_type"].endswith("_reply") else "")
        return found

    async def run(self, code: str, metadata: Message | None = None, *, stdin: bool = False) -> list[Message]:
        """Run a cell and return all that answers it."""
        content = {"code": code, "silent": False, "store_history": True, "allow_stdin": stdin}
        return await self.answers(await self.send("execute_request", content, metadata))


def contents(messages: list[Message], kind: str) -> list[Message]:
    """Return the contents of all messages of a kind."""
    return [message["content"] for message in messages if message["header"]["msg_type"] == kind]

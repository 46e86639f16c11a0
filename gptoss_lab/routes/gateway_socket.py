"""The websocket between a page and a kernel on a gateway: it filters what a sandbox there may show.

The gateway may do so itself; one that was started without our websockets does not, and it is this
server's page that would run what comes. Which kernel is a sandbox's is what the gateway's kernelspec says.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any

from jupyter_client.jsonutil import json_default
from jupyter_core.utils import ensure_async
from jupyter_server.gateway.connections import GatewayWebSocketConnection
from jupyter_server.services.kernels.connection.base import deserialize_binary_message

from gptoss_lab.routes.guarded import FILTER_MODULE, PROVISIONER, GuardedConnection

SERVER_STATES = frozenset({"restarting", "autorestarting", "dead", "terminating"})
"""What only the gateway says of a kernel. A sandbox that says it of itself fools nobody but its own page."""
PARTS = ("header", "parent_header", "metadata", "content")


class SandboxGatewayConnection(GuardedConnection, GatewayWebSocketConnection):
    """Filters what sandboxed kernels on a gateway say, and refuses cells that are pending review."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.sandboxed = True  # until the gateway has said that it is not
        self._filter: Any = None
        self._streams: Any = None

    async def prepare(self) -> None:
        """Ask the gateway what the kernel is, before the first message; called by Jupyter Server."""
        self.sandboxed = await self._is_sandboxed()
        if self.sandboxed:
            self._filter = await asyncio.to_thread(import_module, FILTER_MODULE)
            self._streams = self._filter.Streams()

    def handle_incoming_message(self, message: str) -> None:
        """Pass a message of the page on, unless it would run what nobody has accepted."""
        if self.refuses(message):
            return
        if self.sandboxed:
            self.note_question(message)
        super().handle_incoming_message(message)

    def handle_outgoing_message(self, incoming_msg: str, *args: Any) -> None:
        """Pass a message of the kernel on; that of a sandbox is filtered first, in order."""
        if self.sandboxed:
            self.pass_in_order(None, incoming_msg, len(incoming_msg))
        else:
            super().handle_outgoing_message(incoming_msg, *args)

    def disconnect(self) -> None:  # type: ignore[override] # as in the base
        """Drop what still waits: the page has left."""
        self.stop_passing()
        super().disconnect()  # type: ignore[no-untyped-call]

    def _connection_done(self, fut: Any) -> None:
        super()._connection_done(fut)  # type: ignore[no-untyped-call]
        socket: Any = self.ws
        if self.sandboxed and socket is not None:
            # The base takes every frame for text, and would stop reading at one with buffers.
            socket.read_message = _text_of(socket.read_message)

    async def _is_sandboxed(self) -> bool:
        """Ask the gateway; a kernel of which nothing can be learnt is taken for a sandbox's."""
        model = getattr(self.kernel_manager, "kernel", None) or {}
        handler: Any = self.websocket_handler
        try:
            asked = handler.kernel_spec_manager.get_kernel_spec(str(model.get("name", "")))
            found = await ensure_async(asked)
            metadata = found["spec"].get("metadata", {})
        except Exception as error:  # noqa: BLE001 - whatever a gateway answers, the page is protected
            self.log.warning("The gateway does not say what kernel %s is: %r", self.kernel_id, error)
            return True
        stanza = metadata.get("kernel_provisioner") if isinstance(metadata, dict) else None
        return isinstance(stanza, dict) and stanza.get("provisioner_name") == PROVISIONER

    def _clean(self, source: Any, message: str) -> dict[str, Any] | str | None:
        del source
        try:
            if len(message) > self._filter.MAX_RICH_BYTES + self._filter.MAX_HEADER_BYTES:
                return "too large"
            read = json.loads(message)
            return self._own_words(read) or self._filtered(read)
        except Exception as error:  # noqa: BLE001 - whatever a sandbox can provoke, the message is dropped
            return type(error).__name__

    def _own_words(self, read: Any) -> dict[str, Any] | None:
        """Return what the gateway itself says of the kernel; None where it is the kernel that speaks."""
        state = read["content"].get("execution_state")
        if read["header"].get("msg_type") != "status" or state not in SERVER_STATES:
            return None
        said: dict[str, Any] = self.session.msg("status", {"execution_state": state})
        return {**said, "channel": "iopub"}

    def _filtered(self, read: Any) -> dict[str, Any] | None:
        parts = [json.dumps(read.get(name) or {}).encode() for name in PARTS]
        channel = str(read.get("channel"))
        cleaned = self._filter.clean_message(channel, parts, json.loads, self.may_ask(), self._streams)
        if cleaned is None:
            return None
        header = cleaned["header"]
        named = {"msg_id": header.get("msg_id", ""), "msg_type": header.get("msg_type", "")}
        return {**cleaned, **named, "channel": channel, "buffers": []}

    def _show(self, source: Any, cleaned: dict[str, Any] | str | None) -> None:
        del source
        if isinstance(cleaned, str):
            self._tell_once(f"It sent a message that cannot be read ({cleaned})")
        elif cleaned is not None and not self.disconnected:
            self.tell_page(json.dumps(cleaned, default=json_default))


def _text_of(read: Callable[[], Awaitable[Any]]) -> Callable[[], Awaitable[str | None]]:
    """Return a reader of text: of a message with buffers, which no page gets of a sandbox, the rest."""

    async def text() -> str | None:
        while True:
            message = await read()
            if not isinstance(message, bytes):
                return message  # type: ignore[no-any-return] # text, or None at the end
            with contextlib.suppress(Exception):  # what cannot be read is dropped
                read_binary: Callable[[bytes], Any] = deserialize_binary_message
                plain = {**read_binary(message), "buffers": []}
                return json.dumps(plain, default=json_default)

    return text

"""The websocket between a page and a kernel: what a sandbox may show, and what may not run yet.

JupyterLab trusts the outputs of each cell that it runs. What comes from a sandbox is therefore
rebuilt from an allow-list before the page sees it. On the way in, a cell that is pending review is
answered here and never reaches any kernel.

Source: https://jupyter-client.readthedocs.io/en/stable/messaging.html
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any
from weakref import WeakKeyDictionary

from jupyter_client.jsonutil import json_default
from jupyter_server.services.kernels.connection.base import (
    deserialize_binary_message,
    deserialize_msg_from_ws_v1,
    serialize_msg_to_ws_v1,
)
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from tornado.websocket import WebSocketClosedError

from gptoss_lab.sandbox.agent.guard import REFUSAL, is_pending

PROVISIONER = "gptoss-sandbox"
PROVISIONER_MODULE = "gptoss_lab.sandbox.provisioner"
FILTER_MODULE = "gptoss_lab.routes.kernel_filter"
BINARY_PROTOCOL = "v1.kernel.websocket.jupyter.org"
INLINE_BYTES = 8 << 10
MAX_WAITING_BYTES = 64 << 20
MESSAGE_OVERHEAD_BYTES = 1 << 10
MAX_QUESTIONS = 256
SETTING = "kernel_websocket_connection_class"

UNPROTECTED = (
    "Kernel messages go through %s, which another configuration chose: what sandboxed kernels send is "
    "shown unfiltered, so a sandbox may run scripts in the page, and the server does not refuse cells "
    "that are pending review. Unset ServerApp.%s to be protected, or let that class extend "
    "gptoss_lab.routes.websocket.SandboxWebsocketConnection."
)

# A few threads of our own: a hostile kernel must not take those that the server works with.
_CLEANERS = ThreadPoolExecutor(2, thread_name_prefix="gptoss-lab-filter")
# Which requests allowed their kernel to ask; kept with the kernel, so that it outlives a reconnect.
_MAY_ASK: WeakKeyDictionary[Any, dict[str, None]] = WeakKeyDictionary()


def is_sandboxed(manager: Any) -> bool:
    """Say whether a kernel manager's kernel runs in one of our sandboxes."""
    metadata = getattr(manager.kernel_spec, "metadata", None) or {}
    stanza = metadata.get("kernel_provisioner") or {}
    if stanza.get("provisioner_name") == PROVISIONER:
        return True
    # Whoever has a provisioner of ours has loaded its module; nobody else should wait for it.
    module = sys.modules.get(PROVISIONER_MODULE)
    return module is not None and isinstance(manager.provisioner, module.SandboxProvisioner)


class SandboxWebsocketConnection(ZMQChannelsWebsocketConnection):
    """Filters what sandboxed kernels say, and refuses cells that are pending review.

    The messages of all other kernels pass as they are.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._sandboxed: bool | None = None
        self._filter: Any = None
        self._streams: Any = None
        self._waiting: deque[tuple[Any, list[bytes]]] = deque()
        self._waiting_bytes = 0
        self._draining: asyncio.Task[None] | None = None
        self._told: set[str] = set()
        self._last_request: dict[str, Any] | None = None

    async def prepare(self) -> None:
        """Have the filter loaded before the first message."""
        await super().prepare()  # type: ignore[no-untyped-call]
        if self.sandboxed:
            await asyncio.to_thread(import_module, FILTER_MODULE)

    @property
    def sandboxed(self) -> bool:
        """Whether the kernel runs in one of our sandboxes."""
        if self._sandboxed is None:
            self._sandboxed = is_sandboxed(self.kernel_manager)
        return self._sandboxed

    def handle_incoming_message(self, incoming_msg: Any) -> None:
        """Pass a message of the page on, unless it would run what nobody has accepted."""
        if not self.channels:
            super().handle_incoming_message(incoming_msg)
            return
        if self._mentions(incoming_msg, "gptoss_lab"):
            header, metadata, _ = self._read(incoming_msg)
            if header.get("msg_type") == "execute_request" and is_pending(metadata):
                self._refuse(header)
                return
        if self.sandboxed and self._mentions(incoming_msg, "allow_stdin"):
            self._note_question(incoming_msg)
        super().handle_incoming_message(incoming_msg)

    def handle_outgoing_message(self, stream: Any, outgoing_msg: list[Any]) -> None:
        """Pass a message of the kernel on; that of a sandbox is filtered first, in order."""
        if not self.sandboxed:
            super().handle_outgoing_message(stream, outgoing_msg)
            return
        size = sum(map(len, outgoing_msg))
        # A small message may be the end of a cell: it finds a place where an output does not.
        limit = MAX_WAITING_BYTES * (2 if size <= INLINE_BYTES else 1)
        if self._draining is None and size <= INLINE_BYTES:
            self._show(stream, self._clean(stream, outgoing_msg))
        elif self._waiting_bytes + size > limit:
            self._tell_once("It sends faster than its messages can be filtered")
        else:
            self._waiting_bytes += size + MESSAGE_OVERHEAD_BYTES
            self._waiting.append((stream, outgoing_msg))
            if self._draining is None:
                self._draining = asyncio.ensure_future(self._drain())

    def on_kernel_restarted(self) -> None:
        """Say why the kernel ended before the page hears that it starts again."""
        self._tell_end()
        super().on_kernel_restarted()  # type: ignore[no-untyped-call]

    def on_restart_failed(self) -> None:
        """Say why the kernel ended before the page hears that it is dead."""
        self._tell_end()
        super().on_restart_failed()  # type: ignore[no-untyped-call]

    def disconnect(self) -> None:  # type: ignore[override] # as in the base
        """Drop what still waits: the page has left."""
        self._waiting.clear()
        self._waiting_bytes = 0
        if self._draining is not None:
            self._draining.cancel()
        super().disconnect()  # type: ignore[no-untyped-call]

    async def _drain(self) -> None:
        """Filter what waits, one after the other, large messages in a thread."""
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                stream, parts = self._waiting.popleft()
                size = sum(map(len, parts))
                if size > INLINE_BYTES:
                    cleaned = await loop.run_in_executor(_CLEANERS, self._clean, stream, parts)
                else:
                    cleaned = self._clean(stream, parts)
                    await asyncio.sleep(0)
                self._waiting_bytes -= size + MESSAGE_OVERHEAD_BYTES
                self._show(stream, cleaned)
        finally:
            self._draining = None

    def _clean(self, stream: Any, parts: list[bytes]) -> list[bytes] | str | None:
        """Return the message as it may be shown, None when it may not be, or what is wrong with it."""
        if self._filter is None:
            self._filter = import_module(FILTER_MODULE)
            self._streams = self._filter.Streams()
        may_ask = _MAY_ASK.get(self.kernel_manager, {})
        try:
            _, signed = self.session.feed_identities(parts)
            return self._filter.clean_parts(  # type: ignore[no-any-return] # loaded on first use
                stream.channel, signed[1:], self.session, may_ask, self._streams
            )
        except Exception as error:  # noqa: BLE001 - whatever a sandbox can provoke, the message is dropped
            return type(error).__name__

    def _show(self, stream: Any, cleaned: list[bytes] | str | None) -> None:
        if isinstance(cleaned, str):
            self._tell_once(f"It sent a message that cannot be read ({cleaned})")
        elif cleaned is not None and not stream.closed():
            with contextlib.suppress(WebSocketClosedError):  # tornado is about to call disconnect
                super().handle_outgoing_message(stream, cleaned)

    def _tell_once(self, what: str) -> None:
        if what not in self._told:
            self._told.add(what)
            self.log.warning("Dropped messages of the sandboxed kernel %s. %s.", self.kernel_id, what)

    def _mentions(self, message: str | bytes, word: str) -> bool:
        return (word.encode() in message) if isinstance(message, bytes) else (word in message)

    def _read(self, message: str | bytes) -> tuple[dict[str, Any], Any, Any]:
        """Return the header, the metadata and the content of a message from the page."""
        if self.subprotocol == BINARY_PROTOCOL:
            _, parts = deserialize_msg_from_ws_v1(message)  # type: ignore[no-untyped-call]
            header, _, metadata, content = map(self.session.unpack, parts[:4])
            return header, metadata, content
        load: Callable[[Any], Any] = json.loads if isinstance(message, str) else deserialize_binary_message
        read = load(message)
        return read["header"], read.get("metadata"), read.get("content")

    def _note_question(self, message: str | bytes) -> None:
        header, _, content = self._read(message)
        if header.get("msg_type") != "execute_request":
            return
        self._last_request = header
        if content.get("allow_stdin") is True:
            questions = _MAY_ASK.setdefault(self.kernel_manager, {})
            questions[header["msg_id"]] = None
            while len(questions) > MAX_QUESTIONS:
                del questions[next(iter(questions))]

    def _tell_end(self) -> None:
        """Write under the cell that ran how its sandbox ended; Jupyter's own words do not say it."""
        ended = getattr(self.kernel_manager.provisioner, "exit", None) if self.sandboxed else None
        if ended is None or self._last_request is None:
            return
        why = ended.reason or f"the kernel ended with status {ended.code}"
        text = f"The sandbox has ended: {why}. Its variables and files are lost.\n"
        self._answer("iopub", "stream", {"name": "stderr", "text": text}, self._last_request)

    def _refuse(self, header: Mapping[str, Any]) -> None:
        """Answer a request as a kernel does that could not run it, so that the cell ends."""
        self.log.warning("Refused to run a cell that is pending review on kernel %s.", self.kernel_id)
        failure = {"ename": "PendingReview", "evalue": REFUSAL, "traceback": [REFUSAL]}
        self._answer("iopub", "status", {"execution_state": "busy"}, header)
        self._answer("iopub", "error", failure, header)
        reply = {"status": "error", "execution_count": None, **failure}
        self._answer("shell", "execute_reply", reply, header)
        self._answer("iopub", "status", {"execution_state": "idle"}, header)

    def _answer(self, channel: str, kind: str, content: dict[str, Any], request: Mapping[str, Any]) -> None:
        message = self.session.msg(kind, content, parent=dict(request))
        if self.subprotocol == BINARY_PROTOCOL:
            packed = serialize_msg_to_ws_v1(message, channel, self.session.pack)  # type: ignore[no-untyped-call]
            self.write_message(packed, binary=True)
        else:
            self.write_message(json.dumps({**message, "channel": channel}, default=json_default))


def put_in_force(serverapp: Any) -> None:
    """Let a server's kernel websockets be ours, unless someone chose others."""
    if serverapp.web_app.settings.get(SETTING) is ZMQChannelsWebsocketConnection:
        serverapp.kernel_websocket_connection_class = SandboxWebsocketConnection
        serverapp.web_app.settings[SETTING] = SandboxWebsocketConnection


def warn_unless_in_force(serverapp: Any) -> None:
    """Say what is not protected where someone chose other websockets."""
    chosen = serverapp.web_app.settings.get(SETTING)
    if not issubclass(chosen, SandboxWebsocketConnection):
        serverapp.log.warning(UNPROTECTED, f"{chosen.__module__}.{chosen.__qualname__}", SETTING)

"""What every websocket between a page and a kernel does, whichever way the kernel is reached.

A cell that is pending review is answered here. What a sandbox sends is filtered in order, what is large
in a thread, and bounded while it waits.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from weakref import WeakKeyDictionary

from jupyter_client.jsonutil import json_default
from jupyter_server.services.kernels.connection.base import (
    BaseKernelWebsocketConnection,
    deserialize_binary_message,
    deserialize_msg_from_ws_v1,
    serialize_msg_to_ws_v1,
)
from tornado.websocket import WebSocketClosedError

from gptoss_lab.sandbox.agent.guard import REFUSAL, is_pending

PROVISIONER = "gptoss-sandbox"
FILTER_MODULE = "gptoss_lab.routes.kernel_filter"
BINARY_PROTOCOL = "v1.kernel.websocket.jupyter.org"
INLINE_BYTES = 8 << 10
MAX_WAITING_BYTES = 64 << 20
MESSAGE_OVERHEAD_BYTES = 1 << 10
MAX_QUESTIONS = 256

# A few threads of our own: a hostile kernel must not take those that the server works with.
_CLEANERS = ThreadPoolExecutor(2, thread_name_prefix="gptoss-lab-filter")
# Which requests allowed their kernel to ask; kept with the kernel, so that it outlives a reconnect.
_MAY_ASK: WeakKeyDictionary[Any, dict[str, None]] = WeakKeyDictionary()


class GuardedConnection(BaseKernelWebsocketConnection):
    """The base of our websockets."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._waiting: deque[tuple[Any, Any, int]] = deque()
        self._waiting_bytes = 0
        self._draining: asyncio.Task[None] | None = None
        self._told: set[str] = set()
        self._last_request: dict[str, Any] | None = None

    @property
    def speaks_binary(self) -> bool:
        """Whether the page speaks the newer of the two protocols."""
        return False

    def tell_page(self, message: str | bytes, *, binary: bool = False) -> None:
        """Send something to the page."""
        with contextlib.suppress(WebSocketClosedError):  # tornado is about to call disconnect
            self.websocket_handler.write_message(message, binary=binary)

    def refuses(self, message: str | bytes) -> bool:
        """Answer a request to run a cell that nobody has accepted; say whether it was one."""
        if not self._mentions(message, "gptoss_lab"):
            return False
        header, metadata, _ = self._read(message)
        refused = header.get("msg_type") == "execute_request" and is_pending(metadata)
        if refused:
            self._refuse(header)
        return refused

    def may_ask(self) -> dict[str, None]:
        """Return the requests whose kernel may ask for input."""
        return _MAY_ASK.get(self.kernel_manager, {})

    def pass_in_order(self, source: Any, message: Any, size_bytes: int) -> None:
        """Have a message of a sandbox filtered and shown, after those that came before it."""
        # A small message may be the end of a cell: it finds a place where an output does not.
        limit = MAX_WAITING_BYTES * (2 if size_bytes <= INLINE_BYTES else 1)
        if self._draining is None and size_bytes <= INLINE_BYTES:
            self._show(source, self._clean(source, message))
        elif self._waiting_bytes + size_bytes > limit:
            self._tell_once("It sends faster than its messages can be filtered")
        else:
            self._waiting_bytes += size_bytes + MESSAGE_OVERHEAD_BYTES
            self._waiting.append((source, message, size_bytes))
            if self._draining is None:
                self._draining = asyncio.ensure_future(self._drain())

    def stop_passing(self) -> None:
        """Drop what still waits: the page has left."""
        self._waiting.clear()
        self._waiting_bytes = 0
        if self._draining is not None:
            self._draining.cancel()

    def _clean(self, source: Any, message: Any) -> Any:
        """Return the message as it may be shown, None when it may not be, or what is wrong with it."""
        raise NotImplementedError

    def _show(self, source: Any, cleaned: Any) -> None:
        """Send a filtered message to the page."""
        raise NotImplementedError

    async def _drain(self) -> None:
        """Filter what waits, one after the other, large messages in a thread."""
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                stream, parts, size = self._waiting.popleft()
                if size > INLINE_BYTES:
                    cleaned = await loop.run_in_executor(_CLEANERS, self._clean, stream, parts)
                else:
                    cleaned = self._clean(stream, parts)
                    await asyncio.sleep(0)
                self._waiting_bytes -= size + MESSAGE_OVERHEAD_BYTES
                self._show(stream, cleaned)
        finally:
            self._draining = None

    def _tell_once(self, what: str) -> None:
        if what not in self._told:
            self._told.add(what)
            self.log.warning("Dropped messages of the sandboxed kernel %s. %s.", self.kernel_id, what)

    def _mentions(self, message: str | bytes, word: str) -> bool:
        return (word.encode() in message) if isinstance(message, bytes) else (word in message)

    def _read(self, message: str | bytes) -> tuple[dict[str, Any], Any, Any]:
        """Return the header, the metadata and the content of a message from the page."""
        if self.speaks_binary:
            _, parts = deserialize_msg_from_ws_v1(message)  # type: ignore[no-untyped-call]
            header, _, metadata, content = map(self.session.unpack, parts[:4])
            return header, metadata, content
        load: Callable[[Any], Any] = json.loads if isinstance(message, str) else deserialize_binary_message
        read = load(message)
        return read["header"], read.get("metadata"), read.get("content")

    def note_question(self, message: str | bytes) -> None:
        """Remember a request to a sandbox that may ask, for its question to be let through."""
        if not self._mentions(message, "allow_stdin"):
            return
        header, _, content = self._read(message)
        if header.get("msg_type") != "execute_request":
            return
        self._last_request = header
        if content.get("allow_stdin") is True:
            questions = _MAY_ASK.setdefault(self.kernel_manager, {})
            questions[header["msg_id"]] = None
            while len(questions) > MAX_QUESTIONS:
                del questions[next(iter(questions))]

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
        if self.speaks_binary:
            packed = serialize_msg_to_ws_v1(message, channel, self.session.pack)  # type: ignore[no-untyped-call]
            self.tell_page(packed, binary=True)
        else:
            self.tell_page(json.dumps({**message, "channel": channel}, default=json_default))

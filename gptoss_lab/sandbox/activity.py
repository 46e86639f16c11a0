"""What the connections of a kernel tell of its use, seen as the bytes go by.

Nothing is parsed but what names an execution: a kernel that floods its connections must not make
the server slow, so the bytes are searched, not read. A kernel may lie about its own executions;
then it only looks idle or busy when it is not, and its age still bounds it.
"""

from __future__ import annotations

import json
import re
import time

from gptoss_lab.sandbox.agent.mux import PORTS

SHELL, IOPUB, _, _, HEARTBEAT = PORTS
REQUEST = b'"execute_request"'
STATE = b'"execution_state"'
MESSAGE_ID = re.compile(rb'"msg_id"\s*:\s*"([^"]{1,256})"')
KEPT_BYTES = 2 << 10
MAX_PENDING = 10_000


class Activity:
    """When a kernel was last used, what it was asked to run, and whether it still runs it."""

    def __init__(self) -> None:
        self.executions = 0
        self.answered = False
        self._used_at = time.monotonic()
        self._pending: set[str] = set()
        self._ports: dict[int, int] = {}
        self._inward: dict[int, bytes] = {}
        self._outward: dict[int, bytes] = {}

    @property
    def busy(self) -> bool:
        """Say whether it was asked to run something and has not said that it is done."""
        return bool(self._pending)

    @property
    def idle_s(self) -> float:
        """Return how long nobody has used it; 0 while it works."""
        return 0.0 if self.busy else time.monotonic() - self._used_at

    def begin(self) -> None:
        """Count from 0 on: its use begins now."""
        self.executions = 0
        self.touch()

    def touch(self) -> None:
        """Count a use that no connection shows."""
        self._used_at = time.monotonic()

    def opened(self, connection: int, port: int) -> None:
        """Note which of the kernel's ports a connection leads to."""
        self._ports[connection] = port

    def closed(self, connection: int) -> None:
        """Forget a connection."""
        self._ports.pop(connection, None)
        self._inward.pop(connection, None)
        self._outward.pop(connection, None)

    def inward(self, connection: int, data: bytes) -> None:
        """Look at what goes into the sandbox: requests of ours and of the person."""
        port = self._ports.get(connection)
        if port == HEARTBEAT:
            return
        self.touch()
        if port == SHELL:
            self._inward[connection] = self._note_requests(self._inward.get(connection, b"") + data)

    def outward(self, connection: int, data: bytes) -> None:
        """Look at what comes out of the sandbox: what the kernel says of its state."""
        self.answered = True
        port = self._ports.get(connection)
        if port == HEARTBEAT:
            return
        self.touch()
        if port == IOPUB:
            self._outward[connection] = self._note_states(self._outward.get(connection, b"") + data)

    def _note_requests(self, data: bytes) -> bytes:
        """Count the requests; return the end of the data, which may hold the start of the next."""
        done = 0
        while (found := data.find(REQUEST, done)) >= 0:
            end = data.find(b"}", found)
            if end < 0:
                return data[max(done, found - KEPT_BYTES) :][: 2 * KEPT_BYTES]
            request = _message_id(data[data.rfind(b"{", done, found) : end + 1])
            if request and len(self._pending) < MAX_PENDING:
                self.executions += 1
                self._pending.add(request)
            done = end + 1
        return data[max(done, len(data) - KEPT_BYTES) :]

    def _note_states(self, data: bytes) -> bytes:
        """Take the executions off that have ended; return the end of the data, as above."""
        done = 0
        while (found := data.find(STATE, done)) >= 0:
            end = data.find(b"}", found)
            if end < 0:
                return data[max(done, found - KEPT_BYTES) :][: 2 * KEPT_BYTES]
            if b'"idle"' in data[found:end]:
                # The parent's header stands before the content, and is the last that has an id.
                parents = MESSAGE_ID.findall(data, max(done, found - KEPT_BYTES), found)
                if parents:
                    self._pending.discard(parents[-1].decode("utf-8", "replace"))
            done = end + 1
        return data[max(done, len(data) - KEPT_BYTES) :]


def _message_id(header: bytes) -> str:
    """Return the id in a message's header; empty where the bytes are no header."""
    try:
        read = json.loads(header)
    except ValueError:
        return ""
    named = read.get("msg_id") if isinstance(read, dict) else None
    return named if isinstance(named, str) else ""

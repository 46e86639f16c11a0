"""What a sandboxed kernel says, read by someone who does not believe it.

The kernel's messages are signed with a key that the kernel itself holds, so each of them may be
forged, malformed or endless.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from gptoss_lab.sandbox.outputs import counted, strip_ansi
from gptoss_lab.sandbox.runtime import Exit
from gptoss_lab.schemas.execution import RunStatus

LATE_MESSAGE_S = 10.0
FLOOD_FACTOR = 8
THREAD_BYTES = 128 << 10
MAX_MESSAGE_BYTES = 8 << 20
LONGEST_JSON_ESCAPE = 12
MAX_ERROR_CHARACTERS = 4096
# IRkernel says "abort" of a cell that was interrupted, ipykernel "aborted" of one that it skipped.
REPLIES: dict[object, RunStatus] = {"ok": "ok", "abort": "interrupted", "aborted": "interrupted"}

# What the relay says when it cut off a sandbox that sent too much.
RELAY_FULL = "bytes came out of the sandbox"

INTERRUPTED = "KeyboardInterrupt"

Channel = Literal["shell", "iopub", "exit", "stop"]


@dataclass(frozen=True, slots=True)
class Message:
    """What of a kernel message is looked at."""

    kind: str
    parent: str
    content: Mapping[str, Any]
    size: int


class Outputs(Protocol):
    """Where the messages of one cell go. `add` may be called in a thread, one at a time."""

    truncated: bool

    def add(self, kind: str, content: Mapping[str, Any]) -> None:
        """Take one iopub message of this cell."""


@dataclass(slots=True)
class CellRun:
    """How one cell did. `alive` says whether the kernel can run another."""

    status: RunStatus
    outputs: Outputs
    duration_s: float = 0.0
    execution_count: int | None = None
    error: str = ""
    alive: bool = True


def exit_status(exit_: Exit) -> RunStatus:
    """Say what the end of the sandbox means for the cell that ran."""
    if exit_.oom:
        return "oom"
    if exit_.lost:
        return "sandbox_lost"
    return "output_limit" if RELAY_FULL in exit_.reason else "died"


class Execution:
    """One execution in progress: what was seen of its end.

    It ends when both its reply and the kernel's idle status arrived; `late` is when waiting for
    the second of them ends. `stopped` is the reason when we interrupted it.

    Args:
        request: The id of our request.
        run: Where the outcome goes.
        max_bytes: How much is kept; several times that is a flood.
        max_messages: How many messages are kept, likewise.
    """

    def __init__(self, request: str, run: CellRun, *, max_bytes: int, max_messages: int) -> None:
        self.run = run
        self.stopped: RunStatus | None = None
        self.late = float("inf")
        self._request = request
        self._replied = False
        self._idle = False
        self._bytes = max_bytes * FLOOD_FACTOR
        self._messages = max_messages * FLOOD_FACTOR

    @property
    def done(self) -> bool:
        """Say whether both signs of the end were seen."""
        return self._replied and self._idle

    @property
    def half_done(self) -> bool:
        """Say whether one of them was."""
        return self._replied or self._idle

    @property
    def flooded(self) -> bool:
        """Say whether far more arrived than is kept."""
        return self._bytes < 0 or self._messages < 0

    async def take(self, channel: Channel, message: Message) -> None:
        """Take one message; everything counts, but only answers to our request are looked at."""
        self._bytes -= message.size
        self._messages -= 1
        if message.parent != self._request:
            return
        if channel == "shell" and message.kind == "execute_reply":
            self._reply(message.content)
        elif message.size > MAX_MESSAGE_BYTES and message.kind != "stream":
            self.run.outputs.truncated = True
        elif channel == "iopub" and message.kind == "status":
            self._idle = self._idle or message.content.get("execution_state") == "idle"
        elif channel == "iopub" and message.size > THREAD_BYTES:
            await asyncio.to_thread(self.run.outputs.add, message.kind, message.content)
        elif channel == "iopub":
            self.run.outputs.add(message.kind, message.content)
        if self.half_done and self.late == float("inf"):
            self.late = time.monotonic() + LATE_MESSAGE_S

    def _reply(self, content: Mapping[str, Any]) -> None:
        self._replied = True
        run = self.run
        run.alive = True
        run.execution_count = counted(content.get("execution_count"))
        answer = content.get("status")
        if answer == "error":
            name, value = (content.get(key) for key in ("ename", "evalue"))
            run.error = strip_ansi(f"{name}: {value}")[:MAX_ERROR_CHARACTERS]
        run.status = self.stopped or REPLIES.get(answer if isinstance(answer, str) else "", "error")
        if run.status == "error" and content.get("ename") == INTERRUPTED:
            run.status = "interrupted"


def read_message(session: Any, parts: list[bytes], size: int) -> Message | None:
    """Read a message that anyone in the sandbox may have made; None when it is not one.

    Of one that is too large only its kind, its parent and the start of a stream's text are read.
    """
    try:
        _, rest = session.feed_identities(parts, copy=True)
        if size > MAX_MESSAGE_BYTES:
            header, parent, content = session.unpack(rest[1]), session.unpack(rest[2]), _start_of(rest[4])
        else:
            message = session.deserialize(rest, content=True, copy=True)
            header, parent, content = (message[key] for key in ("header", "parent_header", "content"))
        kind, request = header["msg_type"], parent.get("msg_id", "")
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        return None
    if not (isinstance(kind, str) and isinstance(content, dict)):
        return None
    return Message(kind, str(request), content, size)


def _start_of(content: bytes) -> dict[str, Any]:
    """Read the start of a stream's text, whatever place it is cut at; nothing of other contents."""
    text = content[:MAX_MESSAGE_BYTES].decode("utf-8", "ignore")
    for dropped in range(LONGEST_JSON_ESCAPE):
        try:
            read = json.loads(f'{text[: len(text) - dropped]}"}}')
        except ValueError:
            continue
        return read if isinstance(read, dict) and set(read) == {"name", "text"} else {}
    return {}

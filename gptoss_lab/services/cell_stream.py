"""The outputs of one cell as events, filtered and within bounds, as they come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from gptoss_lab.sandbox.output_text import TextFilter
from gptoss_lab.sandbox.outputs import SHOWN, clean_content, content_bytes
from gptoss_lab.schemas.runs import (
    CellError,
    ClearOutput,
    Display,
    ExecutionEvent,
    Result,
    Stderr,
    Stdout,
    Truncated,
    UpdateDisplay,
)

StreamName = Literal["stdout", "stderr"]


class CellStream:
    """Turns the messages of one cell into events.

    `add` may be called in a thread, but never at the same time as `take`.

    Args:
        cell: The number of the cell.
        max_bytes: How much content is told of; then one `Truncated`, and after it only an error.
        max_messages: How many messages are told of, likewise.
    """

    def __init__(self, cell: int, *, max_bytes: int, max_messages: int) -> None:
        self.truncated = False
        self._cell = cell
        self._max_bytes = max_bytes
        self._max_messages = max_messages
        self._bytes = 0
        self._messages = 0
        # A colour may be cut in two between messages: its beginning waits for the rest.
        self._filters: dict[StreamName, TextFilter] = {"stdout": TextFilter(), "stderr": TextFilter()}
        self._events: list[ExecutionEvent] = []
        self._told_truncated = False
        self._told_last_error = False

    def add(self, kind: str, content: Mapping[str, Any]) -> None:
        """Take one iopub message of this cell; others than outputs are ignored."""
        if kind not in SHOWN or (self.truncated and kind != "error"):
            return
        self._messages += 1
        if self._messages > self._max_messages:
            self.truncated = True
        if kind == "stream":
            self._add_stream(content)
            return
        self._bytes += content_bytes(content)
        if self._bytes > self._max_bytes:
            self.truncated = True
        if kind == "error" and self.truncated:
            self._add_last_error(content)
        elif not self.truncated and (cleaned := clean_content(kind, content)) is not None:
            self._flush()
            self._events.append(_event(self._cell, kind, cleaned))

    def take(self, *, end: bool = False) -> list[ExecutionEvent]:
        """Return what is new, in order. With `end`, nothing comes after it."""
        if end:
            self._flush()
        events, self._events = self._events, []
        if self.truncated and not self._told_truncated:
            self._told_truncated = True
            what: Literal["bytes", "messages"] = (
                "messages" if self._messages > self._max_messages else "bytes"
            )
            limit = self._max_messages if what == "messages" else self._max_bytes
            place = len(events) - int(bool(events) and isinstance(events[-1], CellError))
            events.insert(place, Truncated(cell=self._cell, what=what, limit=limit))
        return events

    def _add_stream(self, content: Mapping[str, Any]) -> None:
        name: StreamName = "stderr" if content.get("name") == "stderr" else "stdout"
        text = content.get("text")
        if not isinstance(text, str) or self.truncated:
            return
        left = self._max_bytes - self._bytes
        if len(text) > left or len(encoded := text.encode("utf-8", "replace")) > left:
            self.truncated = True
            text = text[:left].encode("utf-8", "replace")[:left].decode("utf-8", "ignore")
            self._bytes = self._max_bytes
        else:
            self._bytes += len(encoded)
        other: StreamName = "stdout" if name == "stderr" else "stderr"
        self._flush(other)
        self._say(name, self._filters[name].feed(text))

    def _add_last_error(self, content: Mapping[str, Any]) -> None:
        if not self._told_last_error:
            self._told_last_error = True
            self._flush()
            self._events.append(_event(self._cell, "error", clean_content("error", content) or {}))

    def _flush(self, *names: StreamName) -> None:
        for name in names or ("stdout", "stderr"):
            self._say(name, self._filters[name].flush())

    def _say(self, name: StreamName, text: str) -> None:
        cleaned = clean_content("stream", {"text": text})
        if cleaned and cleaned["text"]:
            make = Stderr if name == "stderr" else Stdout
            self._events.append(make(cell=self._cell, text=cleaned["text"]))


def _event(cell: int, kind: str, cleaned: Mapping[str, Any]) -> ExecutionEvent:
    """Return the event that tells cleaned content."""
    if kind == "error":
        traceback = tuple(cleaned["traceback"])
        return CellError(cell=cell, ename=cleaned["ename"], evalue=cleaned["evalue"], traceback=traceback)
    if kind == "clear_output":
        return ClearOutput(cell=cell, wait=cleaned["wait"])
    shown = {"cell": cell, "data": cleaned["data"], "metadata": cleaned["metadata"]}
    label = cleaned.get("transient", {}).get("display_id", "")
    if kind == "execute_result":
        return Result(**shown, execution_count=cleaned["execution_count"])
    if kind == "update_display_data":
        return UpdateDisplay(**shown, display=label)
    return Display(**shown, display=label)

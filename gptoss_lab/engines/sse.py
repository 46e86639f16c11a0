"""Server-sent events out of bytes.

Lines end with LF or CRLF only: a reader of text lines would also cut at U+2028 and others, which
JSON may hold as they are.

Source: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
"""

from __future__ import annotations

from gptoss_lab.errors import EngineProtocolError

MAX_EVENT_BYTES = 4 << 20


class SseDecoder:
    """Returns the data of each event; pieces need not align with lines or characters."""

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []
        self._size = 0

    def feed(self, piece: bytes) -> list[str]:
        """Take a piece of the stream and return the data of the events that it completes.

        Raises:
            EngineProtocolError: An event is larger than any server sends.
        """
        *lines, self._rest = (self._rest + piece).split(b"\n")
        events = []
        for line in lines:
            field = line.removesuffix(b"\r")
            if field.startswith(b"data:"):
                self._data.append(field[5:].removeprefix(b" "))
                self._size += len(field)
            elif not field and self._data:
                events.append(b"\n".join(self._data).decode("utf-8", errors="replace"))
                self._data, self._size = [], 0
        if self._size + len(self._rest) > MAX_EVENT_BYTES:
            raise EngineProtocolError("The model service sent an event that is too large")
        return events

    def finish(self) -> list[str]:
        """Return the last event where the stream ended without an empty line."""
        return self.feed(b"\n\n") if self._rest or self._data else []

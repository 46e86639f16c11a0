"""Server-sent events out of bytes, with a bound on each.

Source: https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
"""

from __future__ import annotations

import codecs
import re

from gptoss_lab.client.errors import ProtocolError

_BREAK = re.compile(rb"\r\n|\n|\r(?=.)", re.DOTALL)


class Frames:
    """Takes bytes as they come and gives the data of each event that is complete.

    Names and numbers of events are not looked at: the data says them too. Comments, such as heartbeats, and
    events without data give nothing.

    Args:
        max_bytes: What one event may hold at most.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._rest = bytearray()
        self._looked = 0
        self._data: list[bytes] = []
        self._size = 0
        self._first = True

    def take(self, chunk: bytes) -> list[bytes]:
        """Return the data of the events that these bytes complete.

        Raises:
            ProtocolError: An event is larger than may be.
        """
        self._rest += chunk
        complete: list[bytes] = []
        start = 0
        for found in _BREAK.finditer(self._rest, self._looked):
            line = bytes(self._rest[start : found.start()])
            start = found.end()
            data = self._line(line)
            if data is not None:
                complete.append(data)
        del self._rest[:start]
        # The last byte is looked at again: a line feed may follow a carriage return.
        self._looked = max(0, len(self._rest) - 1)
        if self._size + len(self._rest) > self._max_bytes:
            raise ProtocolError(f"The server sends an event of more than {self._max_bytes >> 20} MB")
        return complete

    def _line(self, line: bytes) -> bytes | None:
        if self._first:
            self._first, line = False, line.removeprefix(codecs.BOM_UTF8)
        if not line:
            data, self._data, self._size = self._data, [], 0
            return b"\n".join(data) if data else None
        name, _, value = line.partition(b":")
        if name == b"data":
            self._data.append(value.removeprefix(b" "))
            self._size += len(value)
        return None

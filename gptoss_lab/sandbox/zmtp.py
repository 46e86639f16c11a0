"""How big the messages on one of a kernel's connections are.

A client's socket gathers a whole message before it hands it on, so that a single one could take
all of this machine's memory. The sizes stand in the stream ahead of the bytes.

Source: https://rfc.zeromq.org/spec/23/
"""

from __future__ import annotations

from gptoss_lab.sandbox.frames import FrameError

GREETING_BYTES = 64
SIGNATURE_BYTES = 10
SIGNATURE_START = 0xFF
MAJOR_VERSION = 3
MORE, LONG = 1, 2


class MessageMeter:
    """Follows what a kernel sends on one connection, whatever the cuts between reads.

    Args:
        limit_bytes: The most that one message may have, all its parts together.
    """

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._head = bytearray()
        self._greeted = False
        self._left = 0
        self._size = 0

    def feed(self, data: bytes) -> None:
        """Read on.

        Raises:
            FrameError: A message is announced that is over the limit, or this is not ZMTP 3.
        """
        position = 0
        while position < len(data):
            if self._left:
                step = min(self._left, len(data) - position)
                self._left -= step
            else:
                step = 1
                self._head.append(data[position])
                if self._greeted:
                    self._read_size()
                else:
                    self._read_greeting()
            position += step

    def _read_greeting(self) -> None:
        head = self._head
        if len(head) <= SIGNATURE_BYTES:
            return
        # The older versions have other frames, whose sizes would be misread here.
        if head[0] != SIGNATURE_START or not head[SIGNATURE_BYTES - 1] & 1 or head[-1] < MAJOR_VERSION:
            raise FrameError("the kernel does not speak ZMTP 3")
        self._greeted = True
        self._left = GREETING_BYTES - len(head)
        head.clear()

    def _read_size(self) -> None:
        head = self._head
        flags = head[0]
        if len(head) < (9 if flags & LONG else 2):
            return
        self._left = int.from_bytes(head[1:], "big")
        self._size += len(head) + self._left
        if self._size > self._limit:
            raise FrameError(f"a message of more than {self._limit >> 20} MiB came out of the sandbox")
        if not flags & MORE:
            self._size = 0
        head.clear()

"""A server that sends the bytes that a test gives it, one script for each connection, and then hangs up."""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from threading import Thread

from typing_extensions import Self

Script = Sequence[bytes | float]
"""What is sent, piece by piece; a number is a pause in seconds."""


def head(status: str = "200 OK", *fields: str) -> bytes:
    """Return the head of an answer that ends when the connection does."""
    return "\r\n".join((f"HTTP/1.1 {status}", "Connection: close", *fields, "", "")).encode()


def stream(*pieces: bytes | float) -> Script:
    """Return a stream of events."""
    return (head("200 OK", "Content-Type: text/event-stream"), *pieces)


def event(seq: int, kind: str = "stage", rest: str = '"stage": "collect"') -> bytes:
    """Return an event."""
    return f'id: {seq}\ndata: {{"seq": {seq}, "job": "j", "type": "{kind}", {rest}}}\n\n'.encode()


LAST = event(9, "done", '"state": "done", "cells": 0')


class RawServer:
    """Listens on a free port. What comes after the last script gets that once more.

    Attributes:
        asked: The heads of the requests and what came of their bodies, as they came.
    """

    def __init__(self, *scripts: Script) -> None:
        self.scripts = list(scripts)
        self.asked: list[str] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.settimeout(0.02)
        self._open = True
        self._thread = Thread(target=self._serve)
        self._talking: list[Thread] = []

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}/user/ada/"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._open = False
        for thread in (self._thread, *self._talking):
            thread.join()
        self._listening.close()

    def _serve(self) -> None:
        while self._open:
            try:
                connection, _ = self._listening.accept()
            except TimeoutError:
                continue
            talking = Thread(target=self._answer, args=(connection,))
            self._talking.append(talking)
            talking.start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(5)
            self.asked.append(_request(connection))
            self._play(connection, self.scripts[min(len(self.asked), len(self.scripts)) - 1])

    def _play(self, connection: socket.socket, script: Script) -> None:
        try:
            for piece in script:
                if isinstance(piece, bytes):
                    connection.sendall(piece)
                    continue
                until = time.monotonic() + piece
                while self._open and time.monotonic() < until:
                    time.sleep(0.01)
        except OSError:
            return  # the client has left: that is its right


def _request(connection: socket.socket) -> str:
    """Return a request, read to its end."""
    data = b""
    while b"\r\n\r\n" not in data and (piece := connection.recv(1 << 16)):
        data += piece
    top, _, body = data.partition(b"\r\n\r\n")
    sizes = [line for line in top.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    while sizes and len(body) < int(sizes[0].partition(b":")[2]) and (piece := connection.recv(1 << 16)):
        body += piece
    return (top + b"\r\n\r\n" + body).decode("latin-1")

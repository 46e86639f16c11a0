"""A small OpenAI-compatible chat server that answers from recorded streams.

    python -m tests.fakes.chat_server --port 0 --script groupby

prints its address and serves until it is stopped. The streams have the wire form of vLLM 0.32. In a
stream `DOC_ID` stands for the passage of the prompt that speaks of groupby, else for its first one.
A request whose last message holds `[[script:NAME]]` is answered with that script, whatever its own.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from typing_extensions import Self

from tests.fakes.chat_families import ServerKind
from tests.fakes.chat_papers import paper_recording

MODEL = "gpt-oss-20b"
STREAMS = Path(__file__).parent / "streams"
SCRIPTS = (
    "groupby",
    "sleeper",
    "slow",
    "endless",
    "repair",
    "refuse401",
    "error500",
    "silent",
    "silent_midway",
    "cut",
    "cut_clean",
    "notjson",
    "html",
    "redirect",
    "no_models",
    "no_developer",
    "reasoning_only",
    "harmony_garbage",
    "split_utf8",
    "error_event",
    "final_in_reasoning",
    "final_json",
    "tool_call_in_content",
    "tool_calls",
    "assistantfinal",
    "broken_utf8",
    "surrogates",
    "null_content",
    "empty_stop",
    "repetition",
    "reasoning_loop",
    "content_loop",
    "prose_loop",
    "refusal",
    "spelled_end",
    "typographic",
    "unfenced",
    "harmony_error",
    "tired",
    "edit_cell",
    "fix_cell",
    "redo_cell",
    "explain_cell",
    "example_cell",
    "port_cell",
    "edit_many",
    "paper",
    "half",
)
_ASKED = re.compile(r"\[\[script:(\w+)\]\]")
_LABEL = re.compile(r"doc:([A-Za-z0-9_.\-]+) ===([^\n]*)")
_HTML = b"<!DOCTYPE html><html><body>It works!</body></html>"


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any] = field(default_factory=dict)


class ChatServer:
    """The server, as an asynchronous context manager.

    Args:
        script: What it does with a request; one of `SCRIPTS`.
        port: The TCP port of 127.0.0.1; 0 picks a free one.
        delay_ms: The pause before each event of a stream.
        socket: The path of a unix socket to listen on instead.
        kind: Which server it passes for, with its own list of models and its own refusals.

    Attributes:
        requests: What was received, in order.
        aborted: How many streams the client has left before their end.
        hides_window: It tells its window only where it refuses.
    """

    def __init__(
        self,
        script: str = "groupby",
        *,
        port: int = 0,
        delay_ms: float = 0,
        socket: str = "",
        kind: ServerKind | None = None,
    ) -> None:
        if script not in SCRIPTS:
            raise ValueError(f"No script {script!r}; there are {', '.join(SCRIPTS)}")
        self.script = script
        self.requests: list[Received] = []
        self.aborted = 0
        self.url = ""
        self._port = port
        self._socket = socket
        self._kind = kind or ServerKind()
        self._delay_s = delay_ms / 1000
        self.hides_window = False
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        if self._socket:
            self._server = await asyncio.start_unix_server(self._accept, self._socket)
            self.url = f"unix://{self._socket}"
        else:
            self._server = await asyncio.start_server(self._accept, "127.0.0.1", self._port)
            self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            request = await _read_request(reader)
            if request:
                self.requests.append(request)
                await self._answer(request, reader, writer)
        except ConnectionError:
            self.aborted += 1
        finally:
            self._tasks.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _answer(
        self, request: Received, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        script = self._script_for(request)
        refusal = self._refusal(request, script)
        if refusal:
            _respond(writer, *refusal)
        elif request.path.endswith("/models"):
            listing = self._kind.listing([] if script == "no_models" else [MODEL])
            _respond(writer, "200 OK", "application/json", listing, self._kind.headers)
        elif script == "silent":
            await asyncio.sleep(3600)
        else:
            await self._stream(_pieces(request, script), script, reader, writer)
        await writer.drain()

    def _script_for(self, request: Received) -> str:
        messages = request.body.get("messages") or [{}]
        asked = _ASKED.search(str(messages[-1].get("content")))
        return asked[1] if asked and asked[1] in SCRIPTS else self.script

    def _refusal(self, request: Received, script: str) -> tuple[str, str, bytes] | None:
        if not request.path.startswith("/v1/"):
            told = b"" if self.hides_window else self._kind.told(request.path, MODEL)
            missing = ("404 Not Found", "application/json", _error("Not Found"))
            return ("200 OK", "application/json", told) if told else missing
        fixed = {
            "refuse401": ("401 Unauthorized", "application/json", _error("Unauthorized")),
            "html": ("200 OK", "text/html; charset=utf-8", _HTML),
            "redirect": ("307 Temporary Redirect\r\nLocation: http://127.0.0.1:9/v1", "text/plain", b""),
        }
        if script in fixed:
            return fixed[script]
        if script == "error500":
            key = request.headers.get("authorization", "").removeprefix("Bearer ")
            return (
                "500 Internal Server Error",
                "application/json",
                _error(f"CUDA out of memory {key}\n  at x"),
            )
        roles = {message["role"] for message in request.body.get("messages", [])}
        if script == "no_developer" and "developer" in roles:
            return "400 Bad Request", "application/json", _error("Unexpected message role: developer")
        return self._kind.refusal(request.body) if request.body else None

    async def _stream(
        self,
        pieces: Iterator[bytes],
        script: str,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"
            b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        )
        delay_s = self._delay_s or (0.2 if script == "slow" else 0)
        gone = asyncio.ensure_future(reader.read(1))  # ends when the client goes away
        try:
            for piece in pieces:
                if delay_s:
                    await asyncio.wait({gone}, timeout=delay_s)
                if gone.done():
                    raise ConnectionResetError
                writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
                await writer.drain()
            if script == "silent_midway":
                await asyncio.sleep(3600)
            if script == "cut":
                writer.transport.abort()
                return
            writer.write(b"0\r\n\r\n")
        finally:
            gone.cancel()


def _pieces(request: Received, script: str) -> Iterator[bytes]:
    content = recorded(_recording(request, script), request.body)
    events = content.split(b"\n\n")[:-1]
    if script in {"cut", "cut_clean", "silent_midway"}:
        events = events[: len(events) - 12]
    if script == "notjson":
        events = [*events[:40], b"data: Internal Server Error", *events[40:]]
    if script == "split_utf8":
        yield from (content[start : start + 7] for start in range(0, len(content), 7))
        return
    yield from (event + b"\n\n" for event in events)


def _recording(request: Received, script: str) -> str:
    if script == "tired":  # thinks without an end unless the effort is low
        return "groupby" if request.body.get("reasoning_effort") == "low" else "reasoning_only"
    if script == "paper":
        return paper_recording(request.body.get("messages", []))
    if script == "repair":
        last = request.body["messages"][-1]["content"]
        return "repair_second" if "\n# Repair\n" in last else "repair_first"
    return script if (STREAMS / f"{script}.sse").exists() else "groupby"


def recorded(name: str, body: dict[str, Any]) -> bytes:
    """Return a recorded stream, with the placeholder filled from the prompt."""
    prompt = "\n".join(str(message.get("content")) for message in body.get("messages", []))
    labels = _LABEL.findall(prompt)
    fitting = [label for label, title in labels if "groupby" in title.lower()]
    label = (fitting or [label for label, _ in labels] or ["none"])[0]
    return (STREAMS / f"{name}.sse").read_bytes().replace(b"DOC_ID", label.encode())


async def _read_request(reader: asyncio.StreamReader) -> Received | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    line, *fields = head.rstrip().split("\r\n")
    method, path, _ = line.split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (row.partition(":") for row in fields)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Received(method, path, headers, json.loads(body) if body else {})


def _respond(writer: asyncio.StreamWriter, status: str, kind: str, body: bytes, headers: str = "") -> None:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{headers}"
    writer.write(head.encode() + b"Connection: close\r\n\r\n" + body)


def _error(message: str) -> bytes:
    return json.dumps({"error": {"message": message, "type": "error", "code": None}}).encode()


async def _serve(script: str, port: int, delay_ms: float) -> None:
    async with ChatServer(script, port=port, delay_ms=delay_ms) as server:
        print(server.url, flush=True)  # noqa: T201 - the caller reads it
        await asyncio.Event().wait()


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--script", choices=SCRIPTS, default="groupby")
    parser.add_argument("--delay-ms", type=float, default=0)
    options = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(options.script, options.port, options.delay_ms))


if __name__ == "__main__":
    main()

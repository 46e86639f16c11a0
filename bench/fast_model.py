"""A model server that is all speed: it streams numbers at a set rate, each the time it was sent.

    python -m bench.fast_model --rate 300 --tokens 1500

prints its address and serves. With `--rate 0` it sends as fast as the reader takes.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import re
import time

MODEL = "fast-model"
_TOKENS_PER_LINE = 8
_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
    b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
)
_MODELS = json.dumps({"object": "list", "data": [{"id": MODEL, "object": "model"}]}).encode()


def _event(delta: dict[str, str], reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
    chunk = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": MODEL, "choices": [choice]}
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


def _frame(piece: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(piece), piece)


async def _stream(writer: asyncio.StreamWriter, rate: float, tokens: int) -> None:
    before, after = _event({"content": " SENT;"}).split(b" SENT")
    writer.write(_HEAD + _frame(_event({"role": "assistant", "content": ""})))
    writer.write(_frame(_event({"content": "```python\n0;"})))
    began = time.monotonic()
    for number in range(tokens):
        if rate:
            await asyncio.sleep(began + (number + 1) / rate - time.monotonic())
        space = rb"\n" if number % _TOKENS_PER_LINE == 0 else b" "
        writer.write(_frame(b"%b%b%d%b" % (before, space, time.monotonic_ns(), after)))
        await writer.drain()
    writer.write(_frame(_event({"content": "\n```\n"})) + _frame(_event({}, "stop")))
    writer.write(_frame(b"data: [DONE]\n\n") + _frame(b""))
    await writer.drain()


async def _serve(rate: float, tokens: int) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: (\d+)", head)
            await reader.readexactly(int(length[1]) if length else 0)  # unread bytes would reset the close
            if b"/models" in head.split(b"\r\n", 1)[0]:
                size = b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(_MODELS)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + size + _MODELS)
                await writer.drain()
            else:
                await _stream(writer, rate, tokens)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    await server.serve_forever()


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=300, help="tokens per second; 0 is without a pause")
    parser.add_argument("--tokens", type=int, default=1500)
    options = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(options.rate, options.tokens))


if __name__ == "__main__":
    main()

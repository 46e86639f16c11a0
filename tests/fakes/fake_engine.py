"""An engine that plays one, for tests of its supervisor; a script of the standard library.

    python fake_engine.py --uds SOCKET --log recorded.log

prints the recorded lines, then serves health, one-token chat, metrics and sleep on the socket. Flags
make it misbehave at the start; `POST /fake/WORD` does while it serves.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import time
from pathlib import Path


class FakeEngine:
    """Serves one socket as it was told to."""

    def __init__(self, given: argparse.Namespace) -> None:
        self.given = given
        self.hanging = False
        self.sick = False
        self.tokens = 0
        self.over = asyncio.Event()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request, and close."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        method, path = head.split(" ", 2)[:2]
        status, body = await self.reply(method, path.partition("?")[0], head)
        writer.write(
            f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode()
        )
        await writer.drain()
        writer.close()

    async def reply(self, method: str, path: str, head: str) -> tuple[int, str]:
        """Return status and body."""
        if path == "/health":
            return (503 if self.sick else 200), ""
        if path == "/metrics":
            self.tokens += 1 if self.given.busy else 0
            return 200, f'vllm:generation_tokens_total{{engine="0"}} {self.tokens}.0\n'
        if path == "/v1/chat/completions":
            return await self.chat(head)
        if method == "POST" and path.startswith("/fake/"):
            return self.obey(path.removeprefix("/fake/"))
        say(f"asked {method} {path}")
        return (404, "") if path == "/sleep" and self.given.no_sleep else (200, "")

    async def chat(self, head: str) -> tuple[int, str]:
        """Give a token, if at all."""
        key = os.environ.get("VLLM_API_KEY", "")
        if f"authorization: bearer {key}".lower() not in head.lower():
            return 401, '{"error": "no key"}'
        if self.hanging:
            await asyncio.sleep(1000)
        if self.given.refuse:
            return 500, '{"error": "it is broken"}'
        self.tokens += 1
        return 200, '{"choices": [{"message": {"content": "y"}}]}'

    def obey(self, word: str) -> tuple[int, str]:
        """Misbehave from now on."""
        if word == "crash":
            say("RuntimeError: the fake crashed")
            os._exit(1)
        if word == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        self.hanging = self.hanging or word == "hang"
        self.sick = self.sick or word == "sick"
        return 200, ""

    async def serve(self) -> None:
        """Listen until SIGTERM, and then for the time of a drain."""
        loop = asyncio.get_running_loop()
        if not self.given.ignore_term:
            loop.add_signal_handler(signal.SIGTERM, self.over.set)
        server = await asyncio.start_unix_server(self.answer, self.given.uds)
        say("INFO:     Application startup complete.")
        await self.over.wait()
        say("draining")
        await asyncio.sleep(self.given.drain)
        server.close()
        say("drained")


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def fork_child(note: str) -> None:
    """Leave a child behind that has a session of its own and minds no signal, as its pid says in a file."""
    if os.fork() == 0:
        os.setsid()
        if os.fork():
            os._exit(0)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        Path(note).write_text(str(os.getpid()), "ascii")
        while True:
            time.sleep(1)


def parse() -> argparse.Namespace:
    """Read what it shall play."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--uds", required=True)
    parser.add_argument("--log", default="", help="a file of lines to print first")
    parser.add_argument("--line-s", type=float, default=0.0, help="between two of them")
    parser.add_argument("--exit", type=int, default=None, help="end with this status instead of serving")
    parser.add_argument("--kill", action="store_true", help="end by SIGKILL instead of serving")
    parser.add_argument("--once", default="", help="a file; where it exists, --exit and --kill are ignored")
    parser.add_argument(
        "--late", default="", help="a file; where it exists, --exit and --kill begin to count"
    )
    parser.add_argument("--silent", action="store_true", help="never serve")
    parser.add_argument("--garbage", type=int, default=0, help="bytes of noise to print")
    parser.add_argument("--ignore-term", action="store_true")
    parser.add_argument("--child", default="", help="fork one that gets away, and write its pid there")
    parser.add_argument("--drain", type=float, default=0.0)
    parser.add_argument("--refuse", action="store_true", help="answer chat with 500")
    parser.add_argument("--busy", action="store_true", help="metrics always show new tokens")
    parser.add_argument("--no-sleep", action="store_true")
    return parser.parse_args()


def fails(given: argparse.Namespace) -> bool:
    """Say whether --exit and --kill count in this life."""
    if given.once and Path(given.once).exists():
        return False
    if given.once:
        Path(given.once).touch()
    return not given.late or Path(given.late).exists()


def print_first(given: argparse.Namespace) -> None:
    """Print noise and the recorded lines."""
    if given.garbage:
        sys.stdout.buffer.write(os.urandom(1 << 16) * (given.garbage >> 16))
        sys.stdout.flush()
    lines = Path(given.log).read_text(encoding="utf-8").splitlines(keepends=True) if given.log else []
    for line in lines:
        sys.stdout.write(line)
        sys.stdout.flush()
        time.sleep(given.line_s)


def main() -> None:
    """Play."""
    given = parse()
    if given.ignore_term:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if given.child:
        fork_child(given.child)
    print_first(given)
    if fails(given):
        if given.kill:
            os.kill(os.getpid(), signal.SIGKILL)
        if given.exit is not None:
            sys.exit(given.exit)
    while given.silent:
        time.sleep(1)
    asyncio.run(FakeEngine(given).serve())


if __name__ == "__main__":
    main()

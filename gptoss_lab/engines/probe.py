"""Questions to programs and files of this machine: bounded in time, in size, and in what is believed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

TIMEOUT_S = 10.0
MOST_BYTES = 1 << 20
SHOWN_CHARS = 160
PLACES = ("/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/usr/lib/wsl/lib", "/opt/rocm/bin")

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Reply:
    """What a program said; `problem` says in words why it said nothing that can be used."""

    text: str = ""
    problem: str = ""


def find_program(name: str) -> str | None:
    """Return where a program lies: in the absolute folders of PATH, or where systems keep such ones."""
    named = [folder for folder in os.environ.get("PATH", "").split(os.pathsep) if folder.startswith("/")]
    return shutil.which(name, path=os.pathsep.join([*named, *PLACES]))


async def ask(command: Sequence[str], *, timeout_s: float = TIMEOUT_S) -> Reply:
    """Run a program and return its standard output; what hangs or floods is killed."""
    name = os.path.basename(command[0])  # noqa: PTH119 - a word, not a file
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, "LC_ALL": "C", "NO_COLOR": "1"},
        )
    except OSError as error:
        return Reply(problem=f"{name} cannot be run: {error.strerror}")
    reading = asyncio.ensure_future(_read(process))
    try:
        await asyncio.wait({reading}, timeout=timeout_s)
        if not reading.done():
            return Reply(problem=f"{name} did not answer within {timeout_s:.0f} s")
        raw = reading.result()
    finally:
        reading.cancel()
        await _end(process)
    if raw is None:
        return Reply(problem=f"{name} said more than {MOST_BYTES >> 20} MiB")
    text = raw.decode("utf-8", "replace")
    if process.returncode:
        return Reply(problem=f"{name} failed: {one_line(text) or f'exit status {process.returncode}'}")
    return Reply(text)


async def look(question: Callable[[], Result], *, timeout_s: float = TIMEOUT_S) -> Result | None:
    """Return what a blocking question finds, or None where it hangs or cannot be answered.

    A file system that went away blocks whoever asks it for ever: the thread is left behind, and no
    end of a program waits for it.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Result | None] = loop.create_future()

    def settle(found: Result | None) -> None:
        if not answer.done():
            answer.set_result(found)

    def run() -> None:
        found: Result | None = None
        try:
            with contextlib.suppress(OSError, ValueError):
                found = question()
        finally:
            with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(settle, found)

    threading.Thread(target=run, name="gptoss-probe", daemon=True).start()
    await asyncio.wait({answer}, timeout=timeout_s)
    return answer.result() if answer.done() else None


def one_line(text: str) -> str:
    """Return the first line that says something, short and without control characters."""
    lines = ("".join(letter for letter in line if letter.isprintable()).strip() for line in text.splitlines())
    return next((line for line in lines if line), "")[:SHOWN_CHARS]


async def _read(process: asyncio.subprocess.Process) -> bytes | None:
    """Return all that it says, or None where that is too much."""
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    raw = b""
    while block := await process.stdout.read(1 << 16):
        raw += block
        if len(raw) > MOST_BYTES:
            return None
    await process.wait()
    return raw


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    # What it left unread, or a child that lives on, would hold the pipe open, and the wait with it.
    process._transport.close()  # type: ignore[attr-defined]  # noqa: SLF001 - asyncio has no other way
    await asyncio.shield(process.wait())

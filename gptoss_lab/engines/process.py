"""An engine's process, as this server holds it: below its tether."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT, Process, SubprocessStreamProtocol
from collections.abc import Callable, Iterable
from pathlib import Path

import psutil

from gptoss_lab.engines.launch import LaunchCommand

_TETHER = Path(__file__).with_name("tether.py")
_PIECE_BYTES = 4096  # so little that reading its lines holds no other work up
_BUFFER_BYTES = 65_536
_LAST_WORDS_S = 2.0
_TETHER_PATIENCE_S = 5.0
_ROUND_BYTES = 1 << 20


class EngineProcess:
    """A started engine. It is made by `start`, and over when `wait` returns.

    Args:
        process: Its tether, whose end is that of all of it.
        transport: What holds the tether's pipes.
        patience_s: How long the engine has to end after a stop.
        on_output: Takes each piece of its output, in order.
    """

    def __init__(
        self,
        process: Process,
        transport: asyncio.SubprocessTransport,
        patience_s: float,
        on_output: Callable[[bytes], None],
    ) -> None:
        self.pid = process.pid
        self._process = process
        self._transport = transport
        self._patience_s = patience_s
        self._known: list[psutil.Process] = []
        self._reading = asyncio.create_task(self._read(on_output), name="engine-output")

    @classmethod
    async def start(
        cls, command: LaunchCommand, socket: Path, patience_s: float, on_output: Callable[[bytes], None]
    ) -> EngineProcess:
        """Start an engine under a tether of its own, in a session of its own.

        Raises:
            OSError: The machine cannot start another process.
        """
        loop = asyncio.get_running_loop()
        transport, protocol = await loop.subprocess_exec(
            lambda: SubprocessStreamProtocol(limit=_BUFFER_BYTES, loop=loop),
            *(sys.executable, "-I", "-S", str(_TETHER)),
            *("--patience", str(patience_s), "--socket", str(socket), "--", *command.argv),
            stdin=PIPE,
            stdout=PIPE,
            stderr=STDOUT,
            env=dict(command.env),
            cwd=command.cwd,
            start_new_session=True,
        )
        return cls(Process(transport, protocol, loop), transport, patience_s, on_output)

    @property
    def running(self) -> bool:
        """Whether anything of it may be left."""
        return self._process.returncode is None

    async def wait(self) -> int:
        """Wait for its end and its last words, and return its status, negative for a signal.

        What `on_output` raises is raised here: an engine that nobody reads would stand still.
        """
        ended = asyncio.ensure_future(self._process.wait())
        try:
            await asyncio.wait({ended, self._reading}, return_when=asyncio.FIRST_COMPLETED)
            if self._reading.done() and not self._reading.cancelled():
                self._reading.result()
            code = await ended
        finally:
            ended.cancel()
        if code == -signal.SIGKILL and self._known:  # perhaps the tether's own, and not the engine's
            await asyncio.to_thread(_kill, self._known)
        await asyncio.wait({self._reading}, timeout=_LAST_WORDS_S)
        return code

    def ask(self) -> None:
        """Ask it to end: it drains, and is killed when its time is over."""
        if self.running:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGTERM)

    def drop(self) -> None:
        """Let go of it: it ends within two seconds, whatever it was at."""
        stdin = self._transport.get_pipe_transport(0)
        if stdin is not None:
            stdin.close()

    async def end(self, *, drain: bool) -> int:
        """End it with everything below it, and return its status; cancelled, it has let go of it."""
        patience_s = self._patience_s if drain else 0.0
        try:
            self.ask() if drain else self.drop()
            waiting = asyncio.ensure_future(self._process.wait())
            await asyncio.wait({waiting}, timeout=patience_s + _TETHER_PATIENCE_S)
            waiting.cancel()
            if self.running:
                await asyncio.to_thread(lambda: _kill(_tree(self.pid)))
            return await self.wait()
        finally:
            self.release()

    def release(self) -> None:
        """Give the pipes back; what still runs ends by that."""
        self.drop()
        if not self.running:
            self._transport.close()
        self._reading.cancel()

    async def resident_bytes(self) -> int | None:
        """Measure the memory of it and all below, in MiB steps; None when it is over."""
        self._known = await asyncio.to_thread(_grown, self._known, self.pid)
        return await asyncio.to_thread(_resident_bytes, self._known)

    async def _read(self, on_output: Callable[[bytes], None]) -> None:
        stdout = self._process.stdout
        while stdout and (piece := await stdout.read(_PIECE_BYTES)):
            on_output(piece)
            await asyncio.sleep(0)  # a flood is read from the buffer, which gives no other task its turn


def _kill(processes: Iterable[psutil.Process]) -> None:
    """Kill from the bottom up: a tether that cannot act any more is killed last."""
    for process in reversed(list(processes)):
        with contextlib.suppress(psutil.Error):
            process.kill()  # psutil kills no other process that was given the same number


def _resident_bytes(processes: Iterable[psutil.Process]) -> int | None:
    own, shared = [], []
    for process in processes:
        with contextlib.suppress(psutil.Error):
            memory = process.memory_info()
            shared.append(getattr(memory, "shared", 0))
            own.append(memory.rss - shared[-1])
    total = sum(own) + max(shared, default=0)  # what is shared, such as libraries, counts once
    return total // _ROUND_BYTES * _ROUND_BYTES if own else None


def _grown(known: list[psutil.Process], pid: int) -> list[psutil.Process]:
    """Add what came to what is known: what lost its parent since is no longer found below it."""
    below = _tree(pid)
    return [*below, *(process for process in known if process not in below and process.is_running())]


def _tree(pid: int) -> list[psutil.Process]:
    try:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    except psutil.Error:
        return []

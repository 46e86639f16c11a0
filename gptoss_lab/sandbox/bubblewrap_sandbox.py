"""One started bubblewrap sandbox: its pipes, its signals, its end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
from collections import deque
from dataclasses import replace
from typing import IO, Any

from gptoss_lab.sandbox.agent.mux import READY
from gptoss_lab.sandbox.bubblewrap_cgroup import Cgroup
from gptoss_lab.sandbox.bubblewrap_command import Command
from gptoss_lab.sandbox.bubblewrap_watchdog import KILLED, Watchdog
from gptoss_lab.sandbox.frames import signal_frame
from gptoss_lab.sandbox.runtime import Exit, ResourceUsage
from gptoss_lab.schemas.execution import Limits

READ_LIMIT_BYTES = 1 << 20
LAST_WORDS_CHUNKS = 4
END_WORDS_S = 1.0


class BubblewrapSandbox:
    """A sandbox that runs as a child of this process and dies with it."""

    copies_data = False

    def __init__(self, sandbox_id: str, image_id: str, limits: Limits, cgroup: Cgroup) -> None:
        self.id = sandbox_id
        self.image_id = image_id
        self.reader = asyncio.StreamReader(READ_LIMIT_BYTES)
        self._cgroup = cgroup
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[Exit] = self._loop.create_future()
        self._last_words: deque[bytes] = deque(maxlen=LAST_WORDS_CHUNKS)
        self._transports: list[asyncio.BaseTransport] = []
        self._listener: asyncio.Task[None] | None = None
        self._closing: asyncio.Future[None] | None = None
        self._killed = False
        self._process: subprocess.Popen[bytes] | None = None
        self._held: IO[bytes] | None = None

    @property
    def ended(self) -> bool:
        """Say whether the sandbox has ended."""
        return self._ended.done()

    def keep(self, held: IO[bytes] | None) -> None:
        """Close a file when the sandbox is closed, and not before."""
        self._held = held

    async def start(self, command: Command, config: bytes) -> None:
        """Start `bwrap` and wait for the agent's handshake.

        The child is made in the loop's own thread: it asks the kernel to die with the thread
        that made it.

        Raises:
            OSError: `bwrap` cannot be started.
            EOFError: It ended before the handshake, or said something else.
        """
        process = subprocess.Popen(  # noqa: S603, ASYNC220 - our own command; a few milliseconds, in this thread
            self._cgroup.command(command.argv),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=command.fds,
            env={"PATH": os.environ.get("PATH", os.defpath)},
            cwd="/",
            bufsize=0,
        )
        self._process = process
        self._watchdog = Watchdog(process, self._limits, self._on_exit, bounded=self._cgroup.controllers)
        self._watchdog.start()
        await self._connect(process)
        await self.write(config)
        ready = await self.reader.readexactly(len(READY))
        if ready != READY:
            raise EOFError("the agent's handshake was not understood")

    async def write(self, data: bytes) -> None:
        """Send relay bytes, in whole frames; returns once they are accepted.

        Raises:
            ConnectionError: The sandbox has ended.
        """
        self._writer.write(data)
        await self._writer.drain()

    async def wait(self) -> Exit:
        """Return once the sandbox has ended."""
        return await asyncio.shield(self._ended)

    async def signal(self, signum: int) -> None:
        """Deliver a signal to the kernel's process group; 0 does nothing."""
        if signum == signal.SIGKILL:
            await self.kill()
        elif signum and not self._ended.done():
            # Nobody waits for its delivery: a kernel that does not read holds up all that is ahead of it.
            with contextlib.suppress(ConnectionError):
                self._writer.write(signal_frame(signum))

    async def kill(self) -> None:
        """End the sandbox now and return once it has ended."""
        self._killed = True
        await asyncio.to_thread(self._watchdog.kill)
        await self.wait()

    async def usage(self) -> ResourceUsage:
        """Measure what the sandbox uses now."""
        return await asyncio.to_thread(self._measure)

    async def close(self) -> None:
        """Kill, then release every descriptor, task and group. Idempotent."""
        if self._closing is None:
            self._closing = asyncio.ensure_future(self._close())
        await asyncio.shield(self._closing)

    async def complaint(self) -> str:
        """Say why a start failed: what was written to standard error last, or how the sandbox ended."""
        if self._listener is None:
            return ""
        parts: list[asyncio.Future[Any]] = [self._listener, self._ended]
        await asyncio.wait(parts, timeout=END_WORDS_S)
        words = b"".join(self._last_words).decode("utf-8", "replace").strip()[-2000:]
        if words or not self._ended.done():
            return words
        ended = self._ended.result()
        return ended.reason or f"it ended with status {ended.code}"

    async def _close(self) -> None:
        try:
            await self._end()
        finally:
            if self._held is not None:
                self._held.close()

    async def _end(self) -> None:
        if self._process is not None:
            await self.kill()
            await asyncio.to_thread(self._watchdog.join)
            self._release(self._process)
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.gather(self._listener, return_exceptions=True)
        await asyncio.to_thread(self._cgroup.remove)

    def _measure(self) -> ResourceUsage:
        usage = self._watchdog.usage()
        if "memory" not in self._cgroup.controllers:
            return usage
        return replace(usage, throttled_s=self._cgroup.throttled_s(), oom_kills=self._cgroup.oom_kills())

    def _release(self, process: subprocess.Popen[bytes]) -> None:
        for transport in self._transports:
            if not transport.is_closing():
                # close() would first wait until everything is written
                transport.abort() if isinstance(transport, asyncio.WriteTransport) else transport.close()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()

    async def _connect(self, process: subprocess.Popen[bytes]) -> None:
        loop = self._loop
        assert process.stdin and process.stdout and process.stderr  # noqa: S101, PT018 - all are pipes
        transport, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(self.reader), process.stdout
        )
        errors = asyncio.StreamReader()
        error_transport, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(errors), process.stderr
        )
        write_transport, protocol = await loop.connect_write_pipe(
            asyncio.streams.FlowControlMixin, process.stdin
        )
        self._writer = asyncio.StreamWriter(write_transport, protocol, None, loop)
        self._transports = [transport, error_transport, write_transport]
        self._listener = asyncio.create_task(self._listen(errors))

    async def _listen(self, errors: asyncio.StreamReader) -> None:
        """Keep the pipe empty: a kernel that writes to it must never block."""
        while chunk := await errors.read(4096):
            self._last_words.append(chunk)

    def _on_exit(self, code: int) -> None:
        verdict = self._watchdog.verdict
        if verdict is None:
            oom = code == KILLED and not self._killed and self._cgroup.oom_kills() > 0
            reason = "it used more memory than its limit" if oom else "it was killed" if self._killed else ""
            verdict = Exit(code, oom=oom, reason=reason)
        # A loop that was closed has nobody left to tell.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._set_ended, verdict)

    def _set_ended(self, verdict: Exit) -> None:
        if not self._ended.done():
            self._ended.set_result(verdict)

"""Carry a sandboxed kernel's five sockets to five unix sockets on this machine.

The kernel listens on TCP ports of its own empty network. Each connection that a Jupyter client
makes to one of our unix sockets becomes one numbered connection on the sandbox's byte stream. A
sixth socket leads to the agent's file service.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from pathlib import Path

from gptoss_lab.errors import SandboxError
from gptoss_lab.sandbox.activity import Activity
from gptoss_lab.sandbox.agent.files import FILES_PORT
from gptoss_lab.sandbox.agent.mux import HEADER, PORTS
from gptoss_lab.sandbox.frames import (
    CHUNK_BYTES,
    Frame,
    FrameError,
    FrameParser,
    close_frame,
    data_frame,
    open_frame,
)
from gptoss_lab.sandbox.runtime import Sandbox
from gptoss_lab.sandbox.within import within
from gptoss_lab.sandbox.zmtp import MessageMeter

LOG = logging.getLogger(__name__)

MAX_PATH_BYTES = 107
CONNECTION_BUFFER_BYTES = 8 << 20
STALL_TIMEOUT_S = 10.0
LOST_AFTER_S = 3.0
MAX_CONNECTIONS = 256
CHANNELS = ("shell", "iopub", "stdin", "control", "hb")
FILES_NUMBER = 6


def inner_ports() -> dict[str, int]:
    """Return the kernel's ports inside the sandbox, by the names of a connection file."""
    return {f"{channel}_port": port for channel, port in zip(CHANNELS, PORTS, strict=True)}


def outer_ports() -> dict[str, int]:
    """Return the numbers that stand for the ports in the names of our unix sockets."""
    return {f"{channel}_port": number for number, channel in enumerate(CHANNELS, 1)}


class Relay:
    """The outer end of one sandbox's connections.

    A fault in one connection ends that connection. A fault in the frames, more than `byte_limit`
    bytes from the sandbox, or a message of more than `message_limit`, ends the sandbox; `reason`
    then says why. What a reader of files asked for counts for neither: it asks chunk by chunk. Where
    its stream ends and the sandbox does not, it is `lost`, and ended too.
    """

    def __init__(
        self, sandbox: Sandbox, folder: Path, *, byte_limit: int | None, message_limit: int | None = None
    ) -> None:
        self.reason = ""
        self.bytes_in = 0
        self.bytes_out = 0
        self._counted_bytes = 0
        self.lost = False
        self.activity = Activity()
        self._sandbox = sandbox
        self._folder = folder
        self._byte_limit = byte_limit
        self._message_limit = message_limit
        self._meters: dict[int, MessageMeter] = {}
        self._servers: list[asyncio.Server] = []
        self._writers: dict[int, asyncio.StreamWriter] = {}
        self._file_connections: set[int] = set()
        self._clients: set[asyncio.Task[None]] = set()
        self._last = 0
        self._write_lock = asyncio.Lock()
        self._pump_task: asyncio.Task[None] | None = None
        self._closing = False

    @property
    def address(self) -> str:
        """What a connection file calls `ip` with the ipc transport."""
        return str(self._folder / "k")

    @property
    def files_address(self) -> str:
        """The unix socket that leads to the file service."""
        return f"{self.address}-{FILES_NUMBER}"

    async def start(self) -> None:
        """Bind the sockets and start to carry.

        Raises:
            SandboxError: The folder's path is too long for a unix socket, or not writable.
        """
        paths = self._paths()
        for path in paths:
            if len(os.fsencode(path)) > MAX_PATH_BYTES:
                raise SandboxError(
                    f"The socket path {path} is longer than {MAX_PATH_BYTES} bytes",
                    hint="Set XDG_RUNTIME_DIR to a folder with a short path.",
                )
        try:
            for path, port in zip(paths, (*PORTS, FILES_PORT), strict=True):
                await self._bind(path, port)
        except OSError as error:
            await self.close()
            raise SandboxError(f"The sockets in {self._folder} cannot be made: {error.strerror}") from error
        self._pump_task = asyncio.create_task(self._pump(), name=f"relay-{self._sandbox.id}")

    def hold(self, *, byte_limit: int | None, message_limit: int | None) -> None:
        """Count from 0 on, and hold what follows to other limits: someone else uses the sandbox now."""
        self.bytes_in = self.bytes_out = self._counted_bytes = 0
        self._byte_limit, self._message_limit = byte_limit, message_limit
        self.activity.begin()

    async def close(self) -> None:
        """Leave no task, descriptor or socket file. Idempotent; the sandbox itself lives on."""
        self._closing = True
        loop = asyncio.get_running_loop()
        for listener in [listener for server in self._servers for listener in server.sockets]:
            # A server that closes after it accepted a client, but before it served it, leaks its socket.
            loop.remove_reader(listener.fileno())
        await _settle()
        for server in self._servers:
            server.close()
        tasks = [*self._clients, *([self._pump_task] if self._pump_task else [])]
        current = asyncio.current_task()
        for task in tasks:
            if task is not current:
                task.cancel()
        await asyncio.gather(*(task for task in tasks if task is not current), return_exceptions=True)
        for server in self._servers:
            await server.wait_closed()
        await _settle()
        self._servers.clear()
        self._pump_task = None
        for path in self._paths():
            _unlink(path)

    def _paths(self) -> list[Path]:
        return [Path(f"{self.address}-{number}") for number in (*outer_ports().values(), FILES_NUMBER)]

    async def _bind(self, path: Path, port: int) -> None:
        _unlink(path)

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if self._closing:
                writer.transport.abort()
                return
            task = asyncio.get_running_loop().create_task(self._carry(reader, writer, port))
            self._clients.add(task)

            def ended(task: asyncio.Task[None]) -> None:
                self._clients.discard(task)
                if task.cancelled():  # perhaps before its first step, so that it closed nothing itself
                    writer.transport.abort()

            task.add_done_callback(ended)

        server = await asyncio.start_unix_server(accept, path, limit=CHUNK_BYTES)
        self._servers.append(server)
        os.chmod(path, 0o600)  # noqa: PTH101 - one short system call

    async def _send(self, frame: bytes) -> None:
        async with self._write_lock:
            await self._sandbox.write(frame)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
        """Carry one client's bytes inwards until either side ends."""
        if self._closing or len(self._writers) >= MAX_CONNECTIONS:
            writer.transport.abort()
            return
        connection = self._register(writer, port)
        writer.transport.set_write_buffer_limits(high=CONNECTION_BUFFER_BYTES)
        try:
            await self._send(open_frame(connection, port))
            while chunk := await reader.read(CHUNK_BYTES):
                self.bytes_out += len(chunk)
                self.activity.inward(connection, chunk)
                await self._send(data_frame(connection, chunk))
        except (OSError, SandboxError) as error:
            LOG.debug("connection %d of %s ended: %s", connection, self._sandbox.id, error)
        finally:
            self._meters.pop(connection, None)
            self._file_connections.discard(connection)
            self.activity.closed(connection)
            known = self._writers.pop(connection, None) is not None
            if known:
                writer.transport.abort()
        if known and not self._closing:
            with contextlib.suppress(OSError, SandboxError):
                await self._send(close_frame(connection))

    def _register(self, writer: asyncio.StreamWriter, port: int) -> int:
        """Give a client its number, and say how what it is told is measured."""
        self._last += 1
        self._writers[self._last] = writer
        self.activity.opened(self._last, port)
        if port == FILES_PORT:
            self._file_connections.add(self._last)
        elif self._message_limit is not None:
            self._meters[self._last] = MessageMeter(self._message_limit)
        return self._last

    async def _pump(self) -> None:
        """Carry the sandbox's bytes outwards until its stream ends."""
        parser = FrameParser()
        try:
            while chunk := await self._sandbox.reader.read(CHUNK_BYTES):
                self.bytes_in += len(chunk)
                for frame in parser.feed(chunk):
                    self._measure(frame)
                    await self._deliver(frame)
                await asyncio.sleep(0)  # a full buffer is read without a pause; others need the loop
        except FrameError as error:
            await self._end(error.message)
        except OSError as error:
            LOG.debug("the stream of %s ended: %s", self._sandbox.id, error)
        finally:
            self._closing = True
            for writer in list(self._writers.values()):
                writer.close()
        if not self.reason:
            await self._end_when_lost(parser)

    async def _end_when_lost(self, parser: FrameParser) -> None:
        """A stream ends with its sandbox; one that ends alone leaves a kernel that nobody can reach."""
        try:
            await within(self._sandbox.wait(), LOST_AFTER_S)
        except asyncio.TimeoutError:
            self.lost = True
            reason = "the connection to the sandbox was lost"
            try:
                parser.finish()
            except FrameError as error:
                reason = f"{reason}: {error.message}"
            await self._end(reason)

    def _measure(self, frame: Frame) -> None:
        """Hold a frame against the limits.

        Raises:
            FrameError: It is over one.
        """
        size = len(frame.payload or b"")
        if frame.connection in self._file_connections:
            return
        self._counted_bytes += HEADER.size + size
        if self._byte_limit is not None and self._counted_bytes > self._byte_limit:
            raise FrameError(f"more than {self._byte_limit} bytes came out of the sandbox")
        meter = self._meters.get(frame.connection)
        if meter is not None and frame.payload is not None:
            meter.feed(frame.payload)

    async def _deliver(self, frame: Frame) -> None:
        if not 0 < frame.connection <= self._last:
            raise FrameError(f"connection {frame.connection} was never opened")
        if frame.payload is None:
            self._file_connections.discard(frame.connection)
            writer = self._writers.pop(frame.connection, None)
            if writer is not None:
                writer.close()
            return
        writer = self._writers.get(frame.connection)
        if writer is None or writer.is_closing():
            return
        self.activity.outward(frame.connection, frame.payload)
        writer.write(frame.payload)
        if writer.transport.get_write_buffer_size() < CONNECTION_BUFFER_BYTES:
            return
        try:
            await within(writer.drain(), STALL_TIMEOUT_S)
        except asyncio.TimeoutError:
            LOG.warning("a client of sandbox %s reads too slowly; its connection is closed", self._sandbox.id)
            writer.transport.abort()
        except OSError:
            writer.transport.abort()

    async def _end(self, reason: str) -> None:
        self.reason = reason
        LOG.warning("sandbox %s is ended: %s", self._sandbox.id, reason)
        await self._sandbox.kill()


async def _settle() -> None:
    """Let the loop finish connections that were just accepted or just dropped: a few turns each."""
    for _ in range(4):
        await asyncio.sleep(0)


def _unlink(path: Path) -> None:
    path.unlink(missing_ok=True)

"""One sandboxed kernel, from its start to its end, as a caller who trusts nothing it says.

The kernel's messages are signed with a key that the kernel itself holds, so each of them may be
forged: only those that answer our own request count, and every wait has an end.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager

from gptoss_lab.errors import SandboxError
from gptoss_lab.sandbox.pool import WarmKernel
from gptoss_lab.sandbox.runtime import Exit
from gptoss_lab.sandbox.within import within
from gptoss_lab.schemas.execution import RunStatus
from gptoss_lab.services.kernel_messages import (
    THREAD_BYTES,
    CellRun,
    Channel,
    Execution,
    Message,
    Outputs,
    exit_status,
    read_message,
)

READY_TIMEOUT_S = 60.0
ASK_AGAIN_S = 0.1
INTERRUPT_GRACE_S = 3.0
USAGE_TIMEOUT_S = 2.0
SETTLE_S = 0.3
EXIT_POLL_S = 0.02
QUEUE_LENGTH = 256
IDLE_BYTES = 64 << 20
TURN_MESSAGES = 32
"""So many messages are read before others get the loop: a flood must not keep it."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one cell may take. Several times the bytes or messages that are kept end it.

    One without `history` leaves no trace in the kernel's; a silent one would not be heard from R.
    """

    timeout_s: float
    max_bytes: int
    max_messages: int
    history: bool = True


class KernelSession:
    """A started kernel. Make one with `kernel_start.start_session`; always `close` it."""

    def __init__(self, manager: AsyncKernelManager) -> None:
        self._manager = manager
        self._client: AsyncKernelClient | None = None
        self._queue: asyncio.Queue[tuple[Channel, Message | Exit | RunStatus]] = asyncio.Queue(QUEUE_LENGTH)
        self._tasks: list[asyncio.Task[None]] = []
        self._closing: asyncio.Task[None] | None = None
        self._exit: Exit | None = None
        self._given_up = False

    @property
    def provisioner(self) -> Any:
        """The provisioner, which knows the sandbox."""
        return self._manager.provisioner

    @property
    def id(self) -> str:
        """The sandbox's name."""
        return str(self.provisioner.kernel_id)

    @property
    def alive(self) -> bool:
        """Say whether the sandbox runs, as far as is known."""
        ended = self._given_up or self._exit is not None or self.provisioner.exit is not None
        return self._client is not None and not ended

    async def start(self, **asked: Any) -> None:
        """Start the kernel and wait until it answers.

        Args:
            **asked: What the provisioner is asked for.

        Raises:
            SandboxError: It did not start, or ended before it answered.
        """
        try:
            await self._manager.start_kernel(**asked)
        finally:
            _retrieve(self._manager.ready)
        client: AsyncKernelClient = self._manager.client(context=self._manager.context)
        self._client = client
        client.start_channels(stdin=False, hb=False, control=False)
        sockets: dict[Channel, Any] = {
            "shell": client.shell_channel.socket,
            "iopub": client.iopub_channel.socket,
        }
        for name, socket in sockets.items():
            self._tasks.append(asyncio.create_task(self._pump(name, socket, client.session)))
        self._tasks.append(asyncio.create_task(self._watch()))
        await within(self._until_ready(client), READY_TIMEOUT_S)

    async def run_cell(
        self, code: str, outputs: Outputs, bounds: Bounds, *, told: Callable[[], None] = lambda: None
    ) -> CellRun:
        """Run one cell.

        Args:
            code: The cell's source.
            outputs: Where what it shows goes.
            bounds: How long it may take before it is interrupted, and how much it may say.
            told: Called after each message, on the loop.
        """
        run = CellRun("sandbox_lost", outputs, alive=False)
        if self._client is None or self._exit is not None:
            run.error = self._exit.reason if self._exit else "the kernel was not started"
            return run
        self._drop_old()
        started = time.monotonic()
        request = self._client.execute(code, store_history=bounds.history, allow_stdin=False)
        waiting = Execution(request, run, max_bytes=bounds.max_bytes, max_messages=bounds.max_messages)
        try:
            await self._follow(waiting, started + bounds.timeout_s, told)
        finally:
            run.duration_s = time.monotonic() - started
        if run.status == "timeout":
            run.error = f"it was stopped after {bounds.timeout_s:g} s"
        elif run.status == "output_limit":
            outputs.truncated = True
            run.error = (
                f"it was stopped: it wrote far more than {bounds.max_bytes} bytes "
                f"or {bounds.max_messages} messages"
            )
        return run

    async def stop(self, status: RunStatus) -> None:
        """Interrupt the cell that runs, which then ends with `status`; kill it if it does not heed."""
        await self._queue.put(("stop", status))

    async def discard(self) -> None:
        """Read and drop what is said between two cells, until the sandbox ends; to be cancelled.

        One that floods us while nobody uses it is ended.
        """
        left = IDLE_BYTES
        while left > 0:
            _, message = await self._queue.get()
            if isinstance(message, Exit):
                return
            left -= message.size if isinstance(message, Message) else 0
            await asyncio.sleep(0)
        await self.provisioner.kill()

    async def peak_memory_bytes(self) -> int | None:
        """Return the sandbox's peak so far, where it can be told in time."""
        try:
            usage = await within(self.provisioner.usage(), USAGE_TIMEOUT_S)
        except (SandboxError, asyncio.TimeoutError):
            return None
        peak: int | None = usage.peak_memory_bytes
        return peak

    async def close(self) -> None:
        """End the sandbox and leave nothing behind. Idempotent; finishes even when cancelled."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close())
        await asyncio.shield(self._closing)

    async def detach(self) -> WarmKernel:
        """Give the kernel away as it is, and end the session without it.

        Raises:
            SandboxLostError: It has ended.
        """
        await self._disconnect()
        warm: WarmKernel = await self.provisioner.detach()
        await self.close()
        return warm

    async def _close(self) -> None:
        await self._disconnect()
        await self._manager.shutdown_kernel(now=True)

    async def _disconnect(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client is not None:
            # stop_channels() would first open the channels that we never used.
            self._client.shell_channel.stop()
            self._client.iopub_channel.stop()

    def _drop_old(self) -> None:
        """Forget what came between two cells. The end of the sandbox is remembered elsewhere."""
        while not self._queue.empty():
            self._queue.get_nowait()

    async def _follow(self, waiting: Execution, deadline: float, told: Callable[[], None]) -> None:
        """Read until the cell has ended; interrupt it at the deadline, kill it after a grace."""
        count = 0
        while not waiting.done:
            count += 1
            try:
                channel, message = await self._next(min(deadline, waiting.late), count)
            except asyncio.TimeoutError:
                if waiting.half_done:
                    waiting.run.outputs.truncated = (
                        True  # what the second sign would have come after is not known
                    )
                    return
                if waiting.stopped:
                    await self._give_up(waiting)
                    return
                deadline = await self._interrupt(waiting, "timeout")
                continue
            if isinstance(message, Exit):
                self._note_exit(waiting, message)
                return
            if isinstance(message, Message):
                await waiting.take(channel, message)
                told()
            stop = "output_limit" if waiting.flooded else None if isinstance(message, Message) else message
            if stop is not None and not waiting.stopped:
                deadline = await self._interrupt(waiting, stop)

    async def _next(self, deadline: float, count: int) -> tuple[Channel, Message | Exit | RunStatus]:
        """Return the next message; waiting for one that is there costs no task.

        Raises:
            asyncio.TimeoutError: None came in time.
        """
        left = deadline - time.monotonic()
        if left > 0 and not self._queue.empty():
            if count % TURN_MESSAGES == 0:
                await asyncio.sleep(0)
            return self._queue.get_nowait()
        return await within(self._queue.get(), max(0.0, left))

    async def _interrupt(self, waiting: Execution, status: RunStatus) -> float:
        waiting.stopped = status
        with contextlib.suppress(SandboxError, OSError):
            await within(self._manager.interrupt_kernel(), INTERRUPT_GRACE_S)
        return time.monotonic() + INTERRUPT_GRACE_S

    async def _give_up(self, waiting: Execution) -> None:
        """The interrupt was not heeded: the sandbox ends, with its state."""
        waiting.run.status = waiting.stopped or "died"
        waiting.run.alive = False
        self._given_up = True
        await self.provisioner.kill()

    def _note_exit(self, waiting: Execution, exit_: Exit) -> None:
        waiting.run.status = waiting.stopped or exit_status(exit_)
        waiting.run.error = waiting.run.error or exit_.reason or f"the kernel ended with status {exit_.code}"
        waiting.run.alive = False

    async def _until_ready(self, client: AsyncKernelClient) -> None:
        """Ask until both channels have answered: a subscription may begin after the first answer.

        Raises:
            SandboxError: The kernel ended.
        """
        seen: set[Channel] = set()
        requests = {client.kernel_info()}
        while seen < {"shell", "iopub"}:
            try:
                channel, message = await within(self._queue.get(), ASK_AGAIN_S)
            except asyncio.TimeoutError:
                if seen:  # it runs, but one channel was not connected in time for the first answer
                    requests.add(client.kernel_info())
                continue
            if isinstance(message, Exit):
                reason = message.reason or f"status {message.code}"
                raise SandboxError(f"The kernel ended before it was ready: {reason}")
            if isinstance(message, Message) and message.parent in requests:
                seen.add(channel)

    async def _pump(self, name: Channel, socket: Any, session: Any) -> None:
        """Move messages from one socket into the queue; drop what cannot be read."""
        for count in itertools.count(1):
            if count % TURN_MESSAGES == 0:
                await asyncio.sleep(0)  # what is there already is received without a pause
            parts = await socket.recv_multipart()
            size = sum(map(len, parts))
            if size > THREAD_BYTES:
                message = await asyncio.to_thread(read_message, session, parts, size)
            else:
                message = read_message(session, parts, size)
            if message is not None:
                await self._queue.put((name, message))

    async def _watch(self) -> None:
        """Put the sandbox's end into the queue, behind what it said last."""
        while self.provisioner.exit is None:  # noqa: ASYNC110 - a cached value, no call
            await asyncio.sleep(EXIT_POLL_S)
        await asyncio.sleep(SETTLE_S)
        self._exit = self.provisioner.exit
        await self._queue.put(("exit", self._exit))


def _retrieve(ready: Any) -> None:
    """Look at a failure that is raised elsewhere already, so that asyncio does not report it again."""
    if ready.done() and not ready.cancelled():
        ready.exception()

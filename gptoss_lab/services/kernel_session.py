"""One sandboxed kernel, from its start to its end, as a caller who trusts nothing it says.

The kernel's messages are signed with a key that the kernel itself holds, so each of them may be
forged: only those that answer our own request count, and every wait has an end.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from jupyter_client.manager import AsyncKernelManager
from traitlets import TraitError
from traitlets.config import Config

from gptoss_lab.errors import ImageMissingError, PolicyError, SandboxError
from gptoss_lab.folders import run_dir
from gptoss_lab.sandbox.outputs import CellOutputs
from gptoss_lab.sandbox.runtime import Exit
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.config import SandboxConfig
from gptoss_lab.schemas.execution import LimitOverrides, RunStatus
from gptoss_lab.schemas.sandboxes import SandboxPurpose
from gptoss_lab.services.kernel_messages import (
    THREAD_BYTES,
    CellRun,
    Channel,
    Execution,
    Message,
    exit_status,
    read_message,
)

PROVISIONER = "gptoss-sandbox"
KERNELS: dict[Language, str] = {"python": "gptoss-python", "r": "gptoss-r"}
READY_TIMEOUT_S = 60.0
ASK_AGAIN_S = 0.1
INTERRUPT_GRACE_S = 3.0
USAGE_TIMEOUT_S = 2.0
SETTLE_S = 0.3
EXIT_POLL_S = 0.02
QUEUE_LENGTH = 256


class KernelSession:
    """A started kernel. Make one with `start_session`; always `close` it."""

    def __init__(self, manager: AsyncKernelManager) -> None:
        self._manager = manager
        self._client: AsyncKernelClient | None = None
        self._queue: asyncio.Queue[tuple[Channel, Message | Exit]] = asyncio.Queue(QUEUE_LENGTH)
        self._tasks: list[asyncio.Task[None]] = []
        self._closing: asyncio.Task[None] | None = None
        self._exit: Exit | None = None

    @property
    def provisioner(self) -> Any:
        """The provisioner, which knows the sandbox."""
        return self._manager.provisioner

    async def start(
        self, limits: LimitOverrides, *, purpose: SandboxPurpose = "execute", owner: str = ""
    ) -> None:
        """Start the kernel and wait until it answers.

        Raises:
            SandboxError: It did not start, or ended before it answered.
        """
        asked = limits.model_dump(exclude_none=True)
        try:
            await self._manager.start_kernel(gptoss_limits=asked, gptoss_purpose=purpose, gptoss_owner=owner)
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
        await asyncio.wait_for(self._until_ready(client), READY_TIMEOUT_S)

    async def run_cell(
        self, code: str, *, timeout_s: float, max_bytes: int, max_messages: int, silent: bool = False
    ) -> CellRun:
        """Run one cell and collect what it shows.

        Args:
            code: The cell's source.
            timeout_s: How long it may take before it is interrupted.
            max_bytes: How much output is kept; several times that ends the cell.
            max_messages: How many messages are kept, likewise.
            silent: Leave no trace in the kernel's history.
        """
        outputs = CellOutputs(max_bytes=max_bytes, max_messages=max_messages)
        run = CellRun("sandbox_lost", outputs, alive=False)
        if self._client is None or self._exit is not None:
            run.error = self._exit.reason if self._exit else "the kernel was not started"
            return run
        started = time.monotonic()
        request = self._client.execute(code, silent=silent, store_history=not silent, allow_stdin=False)
        waiting = Execution(request, run, max_bytes=max_bytes, max_messages=max_messages)
        try:
            await self._follow(waiting, started + timeout_s)
        finally:
            run.duration_s = time.monotonic() - started
        if run.status == "timeout":
            run.error = f"it was stopped after {timeout_s:g} s"
        elif run.status == "output_limit":
            outputs.truncated = True
            run.error = f"it was stopped: it wrote far more than {max_bytes} bytes or {max_messages} messages"
        return run

    async def peak_memory_bytes(self) -> int | None:
        """Return the sandbox's peak so far, where it can be told in time."""
        try:
            usage = await asyncio.wait_for(self.provisioner.usage(), USAGE_TIMEOUT_S)
        except (SandboxError, asyncio.TimeoutError):
            return None
        peak: int | None = usage.peak_memory_bytes
        return peak

    async def close(self) -> None:
        """End the sandbox and leave nothing behind. Idempotent; finishes even when cancelled."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close())
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client is not None:
            # stop_channels() would first open the channels that we never used.
            self._client.shell_channel.stop()
            self._client.iopub_channel.stop()
        await self._manager.shutdown_kernel(now=True)

    async def _follow(self, waiting: Execution, deadline: float) -> None:
        """Read until the cell has ended; interrupt it at the deadline, kill it after a grace."""
        while not waiting.done:
            left = min(deadline, waiting.late) - time.monotonic()
            try:
                channel, message = await asyncio.wait_for(self._queue.get(), max(0.0, left))
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
            await waiting.take(channel, message)
            if waiting.flooded and not waiting.stopped:
                deadline = await self._interrupt(waiting, "output_limit")

    async def _interrupt(self, waiting: Execution, status: RunStatus) -> float:
        waiting.stopped = status
        with contextlib.suppress(SandboxError, OSError):
            await asyncio.wait_for(self._manager.interrupt_kernel(), INTERRUPT_GRACE_S)
        return time.monotonic() + INTERRUPT_GRACE_S

    async def _give_up(self, waiting: Execution) -> None:
        """The interrupt was not heeded: the sandbox ends, with its state."""
        waiting.run.status = waiting.stopped or "died"
        waiting.run.alive = False
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
                channel, message = await asyncio.wait_for(self._queue.get(), ASK_AGAIN_S)
            except asyncio.TimeoutError:
                if seen:  # it runs, but one channel was not connected in time for the first answer
                    requests.add(client.kernel_info())
                continue
            if isinstance(message, Exit):
                reason = message.reason or f"status {message.code}"
                raise SandboxError(f"The kernel ended before it was ready: {reason}")
            if message.parent in requests:
                seen.add(channel)

    async def _pump(self, name: Channel, socket: Any, session: Any) -> None:
        """Move messages from one socket into the queue; drop what cannot be read."""
        while True:
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


async def start_session(
    name: str,
    config: SandboxConfig,
    limits: LimitOverrides,
    *,
    purpose: SandboxPurpose = "execute",
    owner: str = "",
) -> KernelSession:
    """Start a kernel in a fresh sandbox.

    Args:
        name: The kernelspec to start.
        config: What the provisioner may do.
        limits: A narrowing of it.
        purpose: What the list of sandboxes says that it is for.
        owner: Who sees it in that list.

    Raises:
        PolicyError: The kernelspec is not one of a sandbox.
        SandboxError: The kernel did not start.
    """
    await asyncio.to_thread(_check_kernel, name)
    manager = AsyncKernelManager(
        kernel_name=name,
        connection_file=str(run_dir() / f"kernel-{uuid.uuid4()}.json"),
        config=Config({"GptossLabApp": {"sandbox": config.model_dump()}}),
    )
    session = KernelSession(manager)
    started = False
    try:
        await session.start(limits, purpose=purpose, owner=owner)
        started = True
    except asyncio.TimeoutError as error:
        raise SandboxError(f"The kernel did not answer within {READY_TIMEOUT_S:.0f} s") from error
    except (RuntimeError, OSError, ImportError, TraitError) as error:
        raise SandboxError(f"The sandbox kernel {manager.kernel_name} did not start: {error}") from error
    finally:
        if not started:
            await session.close()
    return session


def _check_kernel(name: str) -> None:
    try:
        spec = KernelSpecManager().get_kernel_spec(name)
    except (NoSuchKernel, ValueError) as error:
        raise ImageMissingError(
            f"The kernel {name} is not installed",
            hint="Install gptoss-lab again: its kernels are part of it.",
        ) from error
    named = spec.metadata.get("kernel_provisioner", {})
    if not isinstance(named, dict) or named.get("provisioner_name") != PROVISIONER:
        raise PolicyError(
            f"The kernel {name} does not run in a sandbox",
            hint="Generated code runs in sandbox kernels only; choose gptoss-python or gptoss-r.",
        )


def _retrieve(ready: Any) -> None:
    """Look at a failure that is raised elsewhere already, so that asyncio does not report it again."""
    if ready.done() and not ready.cancelled():
        ready.exception()

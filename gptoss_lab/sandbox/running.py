"""One running kernel: its sandbox, its relay, its place in the registry, and how it ended."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Callable
from dataclasses import replace

from gptoss_lab.errors import SandboxError
from gptoss_lab.sandbox.monitor import Monitor, usage_of
from gptoss_lab.sandbox.registry import REGISTRY, SandboxRecord
from gptoss_lab.sandbox.relay import Relay
from gptoss_lab.sandbox.runtime import Exit, ResourceUsage, Sandbox

LOG = logging.getLogger(__name__)

KILLED = 128 + signal.SIGKILL


class RunningKernel:
    """What a provisioner holds of a kernel that was started.

    Args:
        sandbox: The started sandbox.
        relay: Its relay, started.
        record: What the registry is to know of it; it is entered here.
        overdue: Ends the kernel where its manager must know; called once, after `exit_reason` is set.
    """

    def __init__(
        self, sandbox: Sandbox, relay: Relay, record: SandboxRecord, overdue: Callable[[], None]
    ) -> None:
        self.sandbox = sandbox
        self.relay = relay
        self.record = record
        self.exit: Exit | None = None
        self.overdue = overdue
        self._usage = ResourceUsage()
        self._reason = ""
        self._asked = False
        self._closing: asyncio.Task[None] | None = None
        record.control = self
        REGISTRY.enter(record)
        self._watch = asyncio.create_task(self._remember_end(), name=f"end-of-{record.id}")
        self._monitor = Monitor(record, self.usage, self._end_overdue)

    async def hand_over(self, record: SandboxRecord, overdue: Callable[[], None]) -> None:
        """Go on under another record: the kernel was claimed, and its use and its age begin now."""
        await self._monitor.close()
        REGISTRY.leave(self.record)
        record.usage, record.control = self.record.usage, self
        self.record, self.overdue = record, overdue
        REGISTRY.enter(record)
        self._monitor = Monitor(record, self.usage, self._end_overdue)

    async def usage(self) -> ResourceUsage:
        """Measure what it uses; the last figures once it has ended."""
        if self.exit is None:
            self._usage = await self.sandbox.usage()
        return self._usage

    async def wait(self) -> None:
        """Return once it has ended and all is known of how."""
        await asyncio.shield(self._watch)

    async def signal(self, signum: int) -> None:
        """Deliver a signal; nothing once it has ended."""
        if self.exit is None:
            await self.sandbox.signal(signum)

    async def kill(self) -> None:
        """End it now, because someone asked for it."""
        self.ask()
        await self.sandbox.kill()

    async def stop(self, reason: str) -> None:
        """End it now; whoever uses it is told the reason."""
        self._reason = self._reason or reason
        await self.kill()

    def ask(self) -> None:
        """Note that its end is wanted, so that the end is no error."""
        self._asked = True

    async def close(self) -> None:
        """End it and release everything. Idempotent; finishes even when the caller is cancelled."""
        self.ask()
        if self._closing is None:
            self._closing = asyncio.create_task(self._close())
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        await self._monitor.close()
        await self.relay.close()
        try:
            await self.sandbox.close()
        except SandboxError as error:  # what it held here is released; the reaper looks for the rest
            LOG.warning("The sandbox %s did not end cleanly: %s", self.record.id, error.message)
        finally:
            await asyncio.wait({self._watch})  # cancelled where the runtime never said how it ended
            self.exit = self.exit or Exit(KILLED, reason="nobody knows how the sandbox ended", lost=True)
            REGISTRY.leave(self.record)

    def _end_overdue(self, reason: str) -> None:
        self._reason = self.record.last_error = reason
        level = logging.DEBUG if self.record.purpose == "warm" else logging.WARNING
        LOG.log(level, "The sandbox %s is ended: %s.", self.record.id, reason)
        self.overdue()

    async def _remember_end(self) -> None:
        ended = await self.sandbox.wait()
        with contextlib.suppress(OSError, SandboxError):  # the last sample then stays
            self._usage = await self.sandbox.usage()
        self.record.usage = usage_of(self._usage)
        reason = self._reason or self.relay.reason or ended.reason
        self.exit = replace(ended, reason=reason, lost=ended.lost or self.relay.lost)
        why = "" if self._asked else spoken_end(self.exit)
        if why:
            self.record.last_error = why
            LOG.warning("The sandbox %s ended: %s.", self.record.id, why)
        REGISTRY.leave(self.record)


def spoken_end(exit_: Exit) -> str:
    """Say why a kernel ended; empty where it ended by itself and well."""
    if exit_.reason or not exit_.code:
        return exit_.reason
    return f"the kernel ended with status {exit_.code}"

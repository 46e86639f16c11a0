"""Sandboxes that live on between executions, each its owner's alone.

They wait here. Whoever runs something takes one with `use`: one at a time, the others queue.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Protocol

from gptoss_lab.errors import LimitReachedError, NotFoundError, SandboxLostError, TooBusyError
from gptoss_lab.schemas.execution import RunStatus
from gptoss_lab.services.kernel_start import Wanted

LOG = logging.getLogger(__name__)
RETRY_AFTER_S = 30.0


class Session(Protocol):
    """What of a `KernelSession` is used here."""

    @property
    def id(self) -> str:
        """The sandbox's name."""

    @property
    def alive(self) -> bool:
        """Say whether it runs."""

    @property
    def provisioner(self) -> Any:
        """The provisioner, which knows the sandbox."""

    async def stop(self, status: RunStatus) -> None:
        """Interrupt the cell that runs; it ends with `status`."""

    async def discard(self) -> None:
        """Drop what is said between two cells, until the sandbox ends; to be cancelled."""

    async def close(self) -> None:
        """End the sandbox and leave nothing behind."""


Start = Callable[[Wanted], Awaitable[Session]]


class KeptSandbox:
    """One kept sandbox.

    Args:
        session: The session of its kernel; it is closed here.
        wanted: What was started, and for whom.
        start: Starts it anew.
        ended: Called when it has ended and was not started again.
    """

    def __init__(
        self, session: Session, wanted: Wanted, start: Start, ended: Callable[[KeptSandbox], None]
    ) -> None:
        self.id = session.id
        self.wanted = replace(wanted, sandbox=session.id)
        self.session = session
        self._start = start
        self._ended = ended
        self._lock = asyncio.Lock()
        self._gone = False
        self._restarts = 0
        self._resting: asyncio.Task[None] | None = None
        self._rest()

    @property
    def owner(self) -> str:
        """Who may see, use and steer it."""
        return self.wanted.owner

    @property
    def in_use(self) -> bool:
        """Say whether something runs in it, or begins or ends it."""
        return self._lock.locked()

    @asynccontextmanager
    async def use(self) -> AsyncIterator[Session]:
        """Have it alone; wait for whoever has it now.

        Raises:
            SandboxLostError: It has ended.
        """
        async with self._lock:
            await self._wake()
            if not self._usable():
                await self._leave()
                raise SandboxLostError(f"The sandbox {self.id} has ended{self._why()}")
            try:
                yield self.session
            finally:
                if self._usable():
                    self._rest()
                else:
                    await asyncio.shield(self._leave())

    async def interrupt(self) -> None:
        """Interrupt the cell that runs; without one nothing happens."""
        if self.in_use and self.session.alive:
            await self.session.stop("interrupted")

    async def restart(self, *, image: str | None = None, data: tuple[str, ...] | None = None) -> None:
        """End it with all its state, whatever runs, and start it anew under its name.

        Args:
            image: The image to start from now on; the same as before when None.
            data: What of a person's files is shown from now on, likewise.

        Raises:
            SandboxLostError: It had been ended before.
            SandboxError: It does not start; it is gone then.
        """
        if image is not None:
            self.wanted = replace(self.wanted, image=image)
        if data is not None:
            self.wanted = replace(self.wanted, data=data)
        self._restarts += 1
        try:
            await self.session.provisioner.kill()  # what runs in it ends, and gives it free
            async with self._lock:
                await self._start_again()
        finally:
            self._restarts -= 1
            if not self.session.alive:  # it was not started again after all
                await asyncio.shield(self._leave())

    async def end(self) -> None:
        """End it now, whatever runs in it. Idempotent."""
        await self.session.provisioner.kill()
        async with self._lock:
            await self._wake()
            await asyncio.shield(self.session.close())
            self._go()

    async def _start_again(self) -> None:
        await self._wake()
        if self._gone:
            raise SandboxLostError(f"The sandbox {self.id} has ended{self._why()}")
        await asyncio.shield(self.session.close())
        try:
            self.session = await self._start(self.wanted)
        except BaseException:
            self._go()
            raise
        self._rest()

    def _rest(self) -> None:
        self._resting = asyncio.create_task(self._wait(self.session), name=f"kept-{self.id}")

    async def _wake(self) -> None:
        resting, self._resting = self._resting, None
        if resting is not None and resting is not asyncio.current_task():
            resting.cancel()
            await asyncio.gather(resting, return_exceptions=True)

    async def _wait(self, session: Session) -> None:
        """Keep its connections empty; once it has ended by itself, or for its age, let it go."""
        await session.discard()
        async with self._lock:
            if session is self.session:
                await asyncio.shield(self._leave())

    async def _leave(self) -> None:
        """Let it go, unless it is about to be started again."""
        if not self._restarts:
            await self.session.close()
            self._go()

    def _go(self) -> None:
        if not self._gone:
            self._gone = True
            self._ended(self)

    def _usable(self) -> bool:
        return not self._gone and self.session.alive

    def _why(self) -> str:
        exit_ = self.session.provisioner.exit
        return f": {exit_.reason}" if exit_ is not None and exit_.reason else ""


class KeptSandboxes:
    """The kept sandboxes of this server, by id.

    Args:
        room: How many there may be at once.
        start: Starts one.
        most: How many of these one owner may have; 0 for all of them.
    """

    def __init__(self, room: int, start: Start, *, most: int = 0) -> None:
        self._room = room
        self._most = most
        self._start = start
        self._kept: dict[str, KeptSandbox] = {}
        self._starting: Counter[str] = Counter()

    async def start(self, wanted: Wanted) -> KeptSandbox:
        """Start one and keep it.

        Raises:
            TooBusyError: As many as may be are kept already.
            SandboxError: It does not start.
        """
        async with self.place(wanted.owner):
            return self.add(await self._start(wanted), wanted)

    @asynccontextmanager
    async def place(self, owner: str) -> AsyncIterator[None]:
        """Hold a place for one that is about to start; `add` it within.

        Raises:
            TooBusyError: As many as may be are kept already.
            LimitReachedError: The owner keeps as many as one may.
        """
        if len(self._kept) + self._starting.total() >= self._room:
            raise TooBusyError(
                f"{self._room} sandboxes are kept already", hint="End one of them, or wait until one ends."
            )
        own = sum(kept.owner == owner for kept in self._kept.values()) + self._starting[owner]
        if self._most and own >= self._most:
            raise LimitReachedError(
                f"You keep {own} sandboxes already", hint="End one of them.", retry_after_s=RETRY_AFTER_S
            )
        self._starting[owner] += 1
        try:
            yield
        finally:
            self._starting[owner] -= 1
            if not self._starting[owner]:
                del self._starting[owner]

    def add(self, session: Session, wanted: Wanted) -> KeptSandbox:
        """Keep a sandbox that was started, from now on."""
        kept = KeptSandbox(session, wanted, self._start, self._forget)
        self._kept[kept.id] = kept
        return kept

    def find(self, sandbox: str, owner: str) -> KeptSandbox:
        """Return an owner's kept sandbox.

        Raises:
            NotFoundError: There is none, or it is someone else's.
        """
        kept = self._kept.get(sandbox)
        if kept is None or kept.owner != owner:
            raise NotFoundError(f"There is no kept sandbox {sandbox[:64]}")
        return kept

    async def close(self) -> None:
        """End them all."""
        results = await asyncio.gather(
            *(kept.end() for kept in list(self._kept.values())), return_exceptions=True
        )
        for result in results:
            if isinstance(result, BaseException):
                LOG.warning("a kept sandbox did not end cleanly: %s", result)

    def _forget(self, kept: KeptSandbox) -> None:
        if self._kept.get(kept.id) is kept:
            del self._kept[kept.id]

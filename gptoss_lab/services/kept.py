"""Sandboxes that live on between executions, each its owner's alone.

They wait here. Whoever runs something takes one with `use`: one at a time, the others queue.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Protocol

from gptoss_lab.errors import NotFoundError, SandboxLostError, TooBusyError
from gptoss_lab.schemas.execution import RunStatus

LOG = logging.getLogger(__name__)


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


Again = Callable[[], Awaitable[Session]]


class KeptSandbox:
    """One kept sandbox.

    Args:
        session: The session of its kernel; it is closed here.
        owner: Who may see, use and steer it.
        again: Starts a new session like this one, with the same id.
        ended: Called when it has ended and was not started again.
    """

    def __init__(
        self, session: Session, owner: str, again: Again, ended: Callable[[KeptSandbox], None]
    ) -> None:
        self.id = session.id
        self.owner = owner
        self.session = session
        self._again = again
        self._ended = ended
        self._lock = asyncio.Lock()
        self._gone = False
        self._restarts = 0
        self._resting: asyncio.Task[None] | None = None
        self._rest()

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

    async def restart(self, again: Again | None = None) -> None:
        """End it with all its state, whatever runs, and start it anew under its name.

        Args:
            again: How to start it from now on; as before when None.

        Raises:
            SandboxLostError: It had been ended before.
            SandboxError: It does not start; it is gone then.
        """
        self._again = again or self._again
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
            self.session = await self._again()
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
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self._kept: dict[str, KeptSandbox] = {}
        self._starting = 0

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Hold a place for one that is about to start; `add` it within.

        Raises:
            TooBusyError: As many as may be are kept already.
        """
        if len(self._kept) + self._starting >= self._room:
            raise TooBusyError(
                f"{self._room} sandboxes are kept already", hint="End one of them, or wait until one ends."
            )
        self._starting += 1
        try:
            yield
        finally:
            self._starting -= 1

    def add(self, session: Session, owner: str, again: Again) -> KeptSandbox:
        """Keep a sandbox from now on."""
        kept = KeptSandbox(session, owner, again, self._forget)
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

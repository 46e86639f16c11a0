"""A kernel session in memory: what `services.kept` needs of one."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

from gptoss_lab.sandbox.runtime import Exit
from gptoss_lab.schemas.execution import RunStatus


class FakeSession:
    """A session whose sandbox lives until `die`. `history` holds what was asked of it."""

    def __init__(self, name: str = "s1") -> None:
        self.id = name
        self.history: list[str] = []
        self.provisioner = SimpleNamespace(exit=None, kill=self._kill)
        self.dead = asyncio.Event()

    @property
    def alive(self) -> bool:
        """Say whether nobody ended it."""
        return self.provisioner.exit is None

    def die(self, reason: str) -> None:
        """End as a sandbox does."""
        self.provisioner.exit = self.provisioner.exit or Exit(137, reason=reason)
        self.dead.set()

    async def stop(self, status: RunStatus) -> None:
        """Remember it."""
        self.history.append(f"stop {status}")

    async def discard(self) -> None:
        """Wait for the end."""
        self.history.append("discard")
        await self.dead.wait()

    async def close(self) -> None:
        """Remember it."""
        self.history.append("close")
        self.die("closed")

    async def _kill(self) -> None:
        self.history.append("kill")
        self.die("killed")

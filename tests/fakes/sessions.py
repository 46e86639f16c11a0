"""A kernel session in memory: what `services.kept` needs of one."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace

from gptoss_lab.errors import SandboxError
from gptoss_lab.sandbox.registry import Registry
from gptoss_lab.sandbox.runtime import Exit
from gptoss_lab.schemas.execution import RunStatus
from gptoss_lab.services.kernel_start import Wanted
from tests.fakes.records import make_record


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


class FakeStarter:
    """Starts sessions in memory; `failure` is raised instead. `wanted` holds what was asked for.

    With a registry each is entered there, as a provisioner does.
    """

    def __init__(self, registry: Registry | None = None, folder: Path | None = None) -> None:
        self.wanted: list[Wanted] = []
        self.sessions: list[FakeSession] = []
        self.failure: SandboxError | None = None
        self._registry = registry
        self._folder = folder or Path()

    async def __call__(self, wanted: Wanted) -> FakeSession:
        """Start one."""
        self.wanted.append(wanted)
        if self.failure:
            raise self.failure
        name = wanted.sandbox or f"s{len(self.sessions) + 1}"
        self.sessions.append(FakeSession(name))
        if self._registry is not None:
            fields = {"purpose": wanted.purpose, "owner": wanted.owner, "kernel": wanted.kernel}
            self._registry.enter(make_record(self._folder, name, **fields))
        return self.sessions[-1]

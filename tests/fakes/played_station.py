"""A station over sessions that run nothing."""

from __future__ import annotations

import asyncio
from typing import Any

from gptoss_lab.schemas.config import SandboxConfig
from gptoss_lab.schemas.runs import ExecutionEvent
from gptoss_lab.services.execution import ExecutionService
from tests.fakes.played_sessions import PlayedSession, PlayedStarts
from tests.fakes.run_station import RunStation
from tests.fakes.runtime import FakeRuntime

SOON_S = 10


class Station(RunStation):
    """A station over sessions that run nothing."""

    def __init__(self, starts: PlayedStarts, runtime: FakeRuntime, **config: Any) -> None:
        settings = SandboxConfig(**config)
        execution = ExecutionService(config=settings, runtimes=(runtime,))
        super().__init__(execution, settings, starts, check=False)
        self.starts = starts

    async def session(self, number: int) -> PlayedSession:
        """Wait for a session."""
        while len(self.starts.sessions) <= number:  # noqa: ASYNC110 - another task makes it
            await asyncio.sleep(0.01)
        return self.starts.sessions[number]

    async def close(self) -> None:
        """Close all; nothing is left open."""
        await super().close()
        assert all(session.closed for session in self.starts.sessions)
        assert sum(session.overlaps for session in self.starts.sessions) == 0


def kinds(events: list[ExecutionEvent]) -> list[str]:
    """Return the types of the events."""
    return [event.type for event in events]


async def soon(coming: Any) -> Any:
    """Await something that must not take long."""
    return await asyncio.wait_for(coming, SOON_S)

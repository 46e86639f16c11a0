"""The start of an engine: from its first line until it gave its first token."""

from __future__ import annotations

import asyncio
from datetime import datetime, timezone

from gptoss_lab.engines.board import StatusBoard
from gptoss_lab.engines.health import EngineProbe
from gptoss_lab.engines.hosting import Hosting
from gptoss_lab.engines.launch import LineFact
from gptoss_lab.engines.start_history import start_key
from gptoss_lab.engines.start_progress import StartProgress
from gptoss_lab.schemas.model import LOADING, EngineFailure, EnginePhase

_UNAUTHORIZED = 401
_FACTS = ("weights_bytes", "kv_bytes", "kv_tokens")


class EngineLoading:
    """Follows a start by what the engine prints, and believes only its health and a token.

    Args:
        hosting: What it is started with.
        board: Where phase, progress and memory are written.
    """

    def __init__(self, hosting: Hosting, board: StatusBoard) -> None:
        self._hosting = hosting
        self._board = board
        self._progress = StartProgress({}, _now())
        self._began_s = _now()
        self._over = False

    async def recall(self) -> None:
        """Remember how long the last such start took."""
        key = start_key(self._hosting.launcher.kind, self._hosting.setting)
        self._progress = StartProgress(await self._hosting.history.load(key), self._began_s)
        self._board.put(progress=self._progress.at(_now()))

    def read(self, line: str) -> None:
        """Take a line of its output."""
        fact = self._hosting.launcher.read_line(line)
        if fact is None:
            return
        memory = {name: getattr(fact, name) for name in _FACTS if getattr(fact, name) is not None}
        if memory:
            self._board.put(memory=self._board.status.memory.model_copy(update=memory))
        if fact.version:
            self._board.put(version=fact.version)
        if not self._over:
            self._follow(fact)

    async def load(self, probe: EngineProbe) -> EngineFailure | None:
        """Wait until it serves; return why it does not, unless it has ended by itself."""
        patience = self._hosting.patience
        while await probe.health(patience.health_s) != "well":
            if self._left_s() <= 0:
                return self._late("its weights are not served yet")
            await asyncio.sleep(patience.poll_s)
            self._board.put(progress=self._progress.at(_now()))
        self._enter("warming", "The first token")
        fault = await probe.fault(max(self._left_s(), patience.poll_s))
        if fault is None:
            await self._finish()
            return None
        if self._left_s() <= 0:
            return self._late(fault.words)
        return EngineFailure(
            phase="warming",
            code="refused_key" if fault.status == _UNAUTHORIZED else "crashed",
            message=f"The model was loaded, but {fault.words}",
            hint="`jupyter gptoss model logs` shows what it said.",
        )

    def _follow(self, fact: LineFact) -> None:
        if fact.phase is not None:
            self._enter(fact.phase, fact.message)
        if fact.phase is None or fact.phase == self._progress.phase:
            self._progress.advance(fact.fraction, fact.message)
            self._board.put(progress=self._progress.at(_now()))

    def _enter(self, phase: EnginePhase, message: str) -> None:
        if phase in LOADING and self._progress.enter(phase, _now()):
            self._progress.advance(None, message)
            self._board.put(phase=phase, progress=self._progress.at(_now()))

    async def _finish(self) -> None:
        self._over = True
        self._progress.finish(_now())
        key = start_key(self._hosting.launcher.kind, self._hosting.setting)
        await self._hosting.history.save(key, self._progress.durations_s)
        ready_at = datetime.now(timezone.utc).isoformat(timespec="seconds")
        self._board.put(phase="ready", progress=None, failure=None, ready_at=ready_at)

    def _left_s(self) -> float:
        return self._began_s + self._hosting.setting.start_timeout_s - _now()

    def _late(self, what: str) -> EngineFailure:
        timeout_s = self._hosting.setting.start_timeout_s
        return EngineFailure(
            phase=self._progress.phase,
            code="timeout",
            message=f"The model was not ready in {timeout_s:g} s: {what}",
            hint="Raise start_timeout_s, or set eager for a faster start; the log shows what took so long.",
        )


def _now() -> float:
    return asyncio.get_running_loop().time()

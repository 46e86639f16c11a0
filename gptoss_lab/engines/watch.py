"""The watch over an engine that serves: its health, its memory, its rest."""

from __future__ import annotations

import asyncio

from gptoss_lab.engines.board import StatusBoard
from gptoss_lab.engines.health import EngineProbe, Health, work_done
from gptoss_lab.engines.hosting import Hosting
from gptoss_lab.engines.oom import OomCount
from gptoss_lab.engines.process import EngineProcess
from gptoss_lab.schemas.model import EngineFailure, FailureCode

_OVERLOADED = frozenset({408, 409, 429})  # a refusal is an answer too
_SLEEP = "/sleep?level=1&mode=wait"
_WAKE = "/wake_up"
_MOVE_S = 120.0  # weights go to the host's memory and back


class EngineWatch:
    """Looks after one engine until it is idle for too long; finds it dead or hung.

    Args:
        hosting: What it was started with.
        board: Where memory and sleep are written.
        probe: How it is asked.
        oom: Looked at again and again, so that only what happened last is asked of it.
    """

    def __init__(self, hosting: Hosting, board: StatusBoard, probe: EngineProbe, oom: OomCount) -> None:
        self._hosting = hosting
        self._board = board
        self._probe = probe
        self._oom = oom
        self._woken = asyncio.Event()
        self.verdict: asyncio.Future[EngineFailure] = asyncio.get_running_loop().create_future()

    async def rest(self, process: EngineProcess) -> None:
        """Watch until it was idle for so long that it shall stop."""
        patience = self._hosting.patience
        silent = 0
        self._board.used_at_s = max(self._board.used_at_s, _now())
        while not self._idle() or await self._slept():
            await self._oom.grown()
            resident_bytes = await process.resident_bytes()
            memory = self._board.status.memory.model_copy(update={"resident_bytes": resident_bytes})
            self._board.put(memory=memory)
            await asyncio.sleep(min(patience.watch_s, self._until_idle_s()))
            health = await self._probe.health(patience.health_s)
            silent = silent + 1 if health in {"silent", "absent"} else 0
            if health == "dead" or silent >= patience.silent_looks:
                self._condemn_for(health)

    async def lives(self) -> bool:
        """Look whether it still gives tokens; if it does not, it is condemned."""
        patience = self._hosting.patience
        if self.verdict.done():
            return False
        beats, before = self._board.beats, work_done(await self._probe.metrics(patience.health_s))
        health = await self._probe.health(patience.health_s)
        if health != "well":
            self._condemn_for(health)
            return False
        fault = await self._probe.fault(patience.probe_s)
        if fault is None or self._board.beats > beats or fault.status in _OVERLOADED:
            return True
        after = work_done(await self._probe.metrics(patience.health_s))
        if before is not None and after is not None and after > before:
            return True  # it is only slow: others have its tokens
        code: FailureCode = "hung" if fault.status is None else "crashed"
        self._condemn(code, f"The model answers for its health, but {fault.words}")
        return False

    def wake(self) -> None:
        """Wake it from its sleep."""
        self._woken.set()

    def _idle(self) -> bool:
        return self._hosting.idle_stop_s > 0 and not self._board.in_use and self._until_idle_s() <= 0

    def _until_idle_s(self) -> float:
        if self._hosting.idle_stop_s <= 0 or self._board.in_use:
            return self._hosting.patience.watch_s
        return max(self._board.used_at_s + self._hosting.idle_stop_s - _now(), 0.0)

    async def _slept(self) -> bool:
        """Put it to sleep until someone wakes it; say False where it cannot sleep."""
        if not self._hosting.setting.sleep:
            return False
        self._woken.clear()
        self._board.put(phase="sleeping")
        if not await self._probe.post(_SLEEP, _MOVE_S):
            return False
        await self._woken.wait()
        if not await self._probe.post(_WAKE, _MOVE_S):
            self._condemn("hung", "The model did not wake up")
            return True
        self._board.used_at_s = _now()
        self._board.put(phase="ready")
        return True

    def _condemn_for(self, health: Health) -> None:
        if health == "dead":
            self._condemn("crashed", "The model's engine has ended; its server says so")
        else:
            self._condemn("hung", "The model does not answer for its health any more")

    def _condemn(self, code: FailureCode, message: str) -> None:
        if self.verdict.done() or self._board.status.phase == "draining":
            return
        hint = "It is started again. If this happens often, lower max_num_seqs or look at its log."
        phase = self._board.status.phase
        self.verdict.set_result(EngineFailure(phase=phase, code=code, message=message, hint=hint))
        self._board.put(phase="restarting")


def _now() -> float:
    return asyncio.get_running_loop().time()

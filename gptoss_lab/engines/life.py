"""One life of a hosted engine: from its start to its end, whichever way that comes."""

from __future__ import annotations

import asyncio
import os
import secrets
from typing import Any, cast, get_args

from gptoss_lab.engines.board import StatusBoard
from gptoss_lab.engines.health import EngineProbe, preload
from gptoss_lab.engines.hosting import Hosting
from gptoss_lab.engines.launch import Endpoint, LaunchCommand
from gptoss_lab.engines.loading import EngineLoading
from gptoss_lab.engines.log_ring import LogRing
from gptoss_lab.engines.oom import OomCount
from gptoss_lab.engines.process import EngineProcess
from gptoss_lab.engines.watch import EngineWatch
from gptoss_lab.errors import EngineLoadError, StorageError
from gptoss_lab.folders import run_dir
from gptoss_lab.schemas.model import EngineFailure, EnginePhase, FailureCode

TAIL_LINES = 40
_MAX_SOCKET_BYTES = 107  # of `sockaddr_un`, without its NUL
_STOP_MARGIN_S = 5.0
_CODES = frozenset(get_args(FailureCode))


class EngineLife:
    """Starts an engine, follows it until it serves, watches it, and ends it.

    Args:
        hosting: What it is started with.
        board: Where its state is written.
        stopping: Set by whoever wants it to end.
    """

    def __init__(self, hosting: Hosting, board: StatusBoard, stopping: asyncio.Event) -> None:
        self._hosting = hosting
        self._board = board
        self._stopping = stopping
        self._loading = EngineLoading(hosting, board)
        self._oom = OomCount()
        self._process: EngineProcess | None = None
        self._dropped = False
        self.watch: EngineWatch | None = None
        self.endpoint: Endpoint | None = None
        self.probe: EngineProbe | None = None
        self.log = LogRing()
        self.served_s = 0.0

    async def run(self) -> EngineFailure | None:
        """Live; return why it ended, or None where it was asked to, or idle."""
        try:
            endpoint, command = await asyncio.to_thread(self._prepared)
        except EngineLoadError as error:
            code = cast("FailureCode", error.reason) if error.reason in _CODES else "crashed"
            return self._failure(code, error.message, error.hint)
        except StorageError as error:
            return self._failure("port_or_socket", error.message, error.hint)
        self.log = LogRing(endpoint.key)
        await self._loading.recall()
        await self._oom.grown()
        patience_s = self._hosting.setting.shutdown_timeout_s + _STOP_MARGIN_S
        try:
            process = await EngineProcess.start(command, endpoint.socket, patience_s, self._on_output)
        except OSError as error:
            message = f"No process can be started: {error.strerror}"
            return self._failure("oom_host", message, "Free memory on this machine, then start again.")
        self._process, self.endpoint, self.probe = process, endpoint, EngineProbe(endpoint)
        try:
            return await self._explained(await self._attend(process, self.probe))
        finally:
            self.endpoint = None
            if process.running:  # we were cancelled
                await process.end(drain=False)
            process.release()
            await self.probe.close()

    def drop(self) -> None:
        """Let go of it now: it is gone within two seconds."""
        self._dropped = True
        if self._process:
            self._process.drop()

    def _prepared(self) -> tuple[Endpoint, LaunchCommand]:
        """Choose a socket and a key of its own, so that no two engines of one folder meet.

        Raises:
            StorageError: The folder for sockets cannot be used.
        """
        preload()
        socket = run_dir() / f"engine-{secrets.token_hex(6)}.sock"
        if len(os.fsencode(socket)) > _MAX_SOCKET_BYTES:
            hint = "Set XDG_RUNTIME_DIR to a folder of yours with a shorter path."
            raise StorageError(f"The path {socket} is too long for a socket", hint=hint)
        endpoint = Endpoint(socket, self._hosting.setting.served_name, secrets.token_urlsafe(32))
        return endpoint, self._hosting.launcher.command(self._hosting.setting, endpoint)

    async def _attend(self, process: EngineProcess, probe: EngineProbe) -> EngineFailure | None:
        """Wait for whatever comes first: its end, ours, a verdict, or the end of its work."""
        self.watch = EngineWatch(self._hosting, self._board, probe, self._oom)
        ended = asyncio.create_task(process.wait(), name="engine-end")
        working = asyncio.create_task(self._work(process, probe, self.watch), name="engine-work")
        stopping = asyncio.create_task(self._stopping.wait(), name="engine-stop")
        tasks: set[asyncio.Future[Any]] = {ended, working, stopping, self.watch.verdict}
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            phase = self._board.status.phase
            if not working.done():  # what it would see of the end is no news
                working.cancel()
                await asyncio.wait({working})
            if stopping.done():
                await self._leave(process)
                return None
            if ended.done():
                return self._diagnosed(phase, ended.result())
            failure = self.watch.verdict.result() if self.watch.verdict.done() else working.result()
            if failure is not None:
                return await self._end(process, failure)
            await self._leave(process)
            return None
        finally:
            for task in (ended, working, stopping):
                task.cancel()
            await asyncio.wait({ended, working, stopping})

    async def _work(
        self, process: EngineProcess, probe: EngineProbe, watch: EngineWatch
    ) -> EngineFailure | None:
        """Load, warm up, serve; return a failure, or None when it was idle for too long."""
        failure = await self._loading.load(probe)
        if failure is None:
            loop = asyncio.get_running_loop()
            began_s = loop.time()
            try:
                await watch.rest(process)
            finally:
                self.served_s = loop.time() - began_s
        return failure

    async def _leave(self, process: EngineProcess) -> None:
        """End it in order: what it is at may come to its end, unless the server is in a hurry."""
        self._board.put(phase="draining", progress=None)
        await process.end(drain=not self._dropped)

    async def _end(self, process: EngineProcess, failure: EngineFailure) -> EngineFailure:
        """End it for a failure; one that said itself that it is dead may leave its last words first."""
        if failure.code != "crashed" or failure.phase == "warming":
            await process.end(drain=False)
            return self._with_tail(failure)
        ended = asyncio.create_task(process.wait())
        await asyncio.wait({ended}, timeout=self._hosting.patience.leave_s)
        ended.cancel()
        if process.running:
            await process.end(drain=False)
            return self._with_tail(failure)
        found = self._diagnosed(failure.phase, await process.wait())
        return self._with_tail(failure) if found.code == "crashed" else found

    async def _explained(self, failure: EngineFailure | None) -> EngineFailure | None:
        """Name the want of memory where the system killed something just now."""
        if failure is None or failure.code != "crashed" or not await self._oom.grown():
            return failure
        message = "The system ended a part of the engine, because memory ran out"
        hint = "Close other programs, or lower max_model_len, max_num_seqs or kv_cache_bytes."
        return failure.model_copy(update={"code": "oom_host", "message": message, "hint": hint})

    def _on_output(self, piece: bytes) -> None:
        for line in self.log.feed(piece):
            self._loading.read(line)

    def _diagnosed(self, phase: EnginePhase, code: int) -> EngineFailure:
        self.log.finish()
        found = self._hosting.launcher.diagnose(phase, code, self.log.lines, self._hosting.setting)
        return self._with_tail(found)

    def _failure(self, code: FailureCode, message: str, hint: str) -> EngineFailure:
        return EngineFailure(phase=self._board.status.phase, code=code, message=message, hint=hint)

    def _with_tail(self, failure: EngineFailure) -> EngineFailure:
        tail = failure.log_tail or self.log.lines[-TAIL_LINES:]
        return failure.model_copy(update={"log_tail": tuple(tail)})

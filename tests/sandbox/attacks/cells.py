"""Cells that run as generated code does, in a fresh sandbox of one runtime, watched from outside."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from gptoss_lab.sandbox.catalog import make_runtimes
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.config import SandboxConfig
from gptoss_lab.schemas.execution import CellVerification, ExecutionRequest, LimitOverrides
from gptoss_lab.services.execution import ExecutionService
from tests.sandbox.attacks.outside import Outside
from tests.sandbox.attacks.target import GONE_WITHIN_S, init_of
from tests.sandbox.conformance import until


class Cells:
    """Runs cells, and remembers the sandbox of the last run."""

    def __init__(self, runtime: str, language: Language, docker_host: str = "", **maxima: Any) -> None:
        self.runtime = runtime
        self.language: Language = language
        self._config = SandboxConfig.model_validate({
            "runtime": runtime,
            "docker_host": docker_host,
            "limits": maxima,
        })
        self.service = ExecutionService(config=self._config, runtimes=make_runtimes(self._config))
        self.outside: Outside | None = None
        self.leaves_at_once = True

    async def run(self, *sources: str, **limits: Any) -> list[CellVerification]:
        """Run cells, one after the other whatever becomes of them; the sandbox must be gone afterwards."""
        asked = LimitOverrides.model_validate({"cell_timeout_s": 30, "memory_bytes": 512 << 20, **limits})
        request = ExecutionRequest(
            cells=("1", *sources), language=self.language, limits=asked, stop_on_error=False
        )
        done: list[CellVerification] = []
        async with contextlib.aclosing(self.service.run(request)) as runs:
            async for _, cell in runs:
                done.append(cell)
                if len(done) == 1:
                    (session,) = self.service._sessions
                    self.outside = Outside(await init_of(session.provisioner, self._config.docker_host))
        assert done.pop(0).status == "ok"
        assert self.outside is not None
        await until(
            lambda: not self.leaves_at_once or self.outside is None or self.outside.gone, GONE_WITHIN_S
        )
        return done


@contextlib.asynccontextmanager
async def cells(
    runtime: str, language: Language, docker_host: str = "", **maxima: Any
) -> AsyncIterator[Cells]:
    """Have the service for the block; `maxima` are the server's limits where they are not the usual ones."""
    made = Cells(runtime, language, docker_host, **maxima)
    try:
        yield made
    finally:
        await made.service.close()


def text_of(cell: CellVerification) -> str:
    """Return what a cell printed."""
    return "".join(str(output.get("text", "")) for output in cell.outputs)

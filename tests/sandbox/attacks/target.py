"""A sandboxed kernel under attack."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from gptoss_lab.sandbox.docker_sandbox import SANDBOX_LABEL
from gptoss_lab.sandbox.provisioner import SandboxProvisioner
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.execution import Limits
from tests.sandbox.attacks.daemon import Daemon
from tests.sandbox.attacks.outside import Outside, children
from tests.sandbox.conformance import LIMITS, Kernel, until

GONE_WITHIN_S = 5.0


class Target(Kernel):
    """A kernel of a language in a runtime. `outside` is what this machine sees of it."""

    def __init__(self, runtime: str, language: Language = "python", limits: Limits = LIMITS) -> None:
        super().__init__(runtime, limits, language)
        self.runtime = runtime
        self.language: Language = language
        self._outside: Outside | None = None

    @property
    def outside(self) -> Outside:
        """What this machine sees of the sandbox that started last; it may have ended."""
        assert self._outside is not None
        return self._outside

    async def start(self, **options: Any) -> None:
        """Start, and find the sandbox from outside."""
        await super().start(**options)
        await self.find()

    async def find(self) -> None:
        """Find the sandbox that runs now, as after a restart."""
        self._outside = Outside(await init_of(self.provisioner))

    async def run(self, code: str, timeout_s: float = 30) -> tuple[str, str]:
        """Run code; fail at once when the sandbox ends meanwhile."""
        work = asyncio.ensure_future(super().run(code, timeout_s))
        end = asyncio.ensure_future(self.ended(timeout_s + 60))
        await asyncio.wait({work, end}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            await asyncio.wait({work}, timeout=1)  # what it said last may be on its way
        if work.done():
            end.cancel()
            await asyncio.gather(end, return_exceptions=True)
            return work.result()
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        raise AssertionError(f"the sandbox ended: {end.result()}")

    async def lives(self) -> None:
        """Check that the kernel still answers and that the sandbox is the one that was started."""
        one = {"python": "print(6 * 7)", "r": "cat(6 * 7)"}[self.language]
        assert await self.out(one, 60) == "42"
        assert self.outside.init in self.outside.pids()

    async def leaves_nothing(self) -> None:
        """End it; every process of it must be gone soon, and its container too."""
        kernel_id = str(self.provisioner.kernel_id)
        await self.stop()
        await until(lambda: self.outside.gone, GONE_WITHIN_S)
        if self.runtime == "docker":
            label = f"{SANDBOX_LABEL}={kernel_id}"
            await until(lambda: not Daemon().ours(label), GONE_WITHIN_S)


@contextlib.asynccontextmanager
async def target(runtime: str, language: Language = "python", **options: Any) -> AsyncIterator[Target]:
    """Start a kernel, and end it after the block without a trace.

    Args:
        runtime: What isolates it.
        language: What it speaks.
        options: Limits, by name.
    """
    limits = LIMITS.model_copy(update=options)
    made = Target(runtime, language, limits)
    try:
        await made.start()
        yield made
    finally:
        if made._outside is None:
            await made.stop()
        else:
            await made.leaves_nothing()


async def init_of(provisioner: SandboxProvisioner, docker_host: str = "") -> int:
    """Return the init of a running sandbox, as this machine numbers it."""
    if provisioner.runtime_name == "docker":
        facts = await asyncio.to_thread(Daemon(docker_host).container, str(provisioner.kernel_id))
        return int(facts["State"]["Pid"])
    kernel = provisioner._kernel
    assert kernel is not None
    sandbox: Any = kernel.sandbox
    return children(sandbox._process.pid)[0]

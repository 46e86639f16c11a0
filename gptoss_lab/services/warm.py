"""Start kernels for the warm pool, tried out before they wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gptoss_lab.errors import SandboxError
from gptoss_lab.sandbox.outputs import CellOutputs
from gptoss_lab.sandbox.pool import WarmKernel, WarmPool
from gptoss_lab.schemas.execution import LimitOverrides
from gptoss_lab.services.kernel_session import Bounds, KernelSession
from gptoss_lab.services.kernel_start import KERNELS, Wanted, start_session

if TYPE_CHECKING:
    from gptoss_lab.schemas.base import Language
    from gptoss_lab.schemas.config import SandboxConfig

TRIAL: dict[Language, str] = {"python": "pass", "r": "invisible(NULL)"}
TRIAL_BOUNDS = Bounds(timeout_s=20.0, max_bytes=4096, max_messages=16, history=False)


def make_pool(config: SandboxConfig) -> WarmPool:
    """Return the pool that the configuration asks for; it keeps a place for a start that is not alike."""
    most = config.max_sandboxes - 1
    python = min(config.warm.python, most)
    sizes: dict[Language, int] = {"python": python, "r": min(config.warm.r, most - python)}

    async def start(language: Language) -> WarmKernel:
        return await start_warm(language, config)

    return WarmPool(sizes, start, memory_bytes=config.limits.memory_bytes)


async def start_warm(language: Language, config: SandboxConfig) -> WarmKernel:
    """Start a kernel, and let it run one statement: what it does only once is done then.

    Raises:
        SandboxError: It does not start, or does not run.
    """
    wanted = Wanted(KERNELS[language], LimitOverrides(), purpose="warm", owner="")
    session = await start_session(wanted, config)
    try:
        await _try_out(session, TRIAL[language])
        return await session.detach()
    except BaseException:
        await session.close()
        raise


async def _try_out(session: KernelSession, code: str) -> None:
    outputs = CellOutputs(max_bytes=TRIAL_BOUNDS.max_bytes, max_messages=TRIAL_BOUNDS.max_messages)
    run = await session.run_cell(code, outputs, TRIAL_BOUNDS)
    if run.status != "ok":
        raise SandboxError(f"A kernel that was to be kept warm does not run: {run.error or run.status}")

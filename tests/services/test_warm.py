"""The warm pool over real services: its size here, its kernels where they can run."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import pytest

from gptoss_lab.sandbox.outputs import CellOutputs
from gptoss_lab.sandbox.pool import WarmPool
from gptoss_lab.sandbox.registry import REGISTRY
from gptoss_lab.schemas.config import SandboxConfig
from gptoss_lab.schemas.execution import LimitOverrides
from gptoss_lab.services.kernel_session import Bounds, KernelSession
from gptoss_lab.services.kernel_start import KERNELS, Wanted, start_session
from gptoss_lab.services.warm import make_pool
from tests.sandbox.conformance import require_image

CLAIMS = 20
BOUNDS = Bounds(timeout_s=60, max_bytes=10_000, max_messages=100)


@pytest.mark.parametrize(
    ("most", "warm", "sizes"),
    [
        (4, {}, {"python": 1, "r": 0}),
        (4, {"python": 2, "r": 2}, {"python": 2, "r": 1}),
        (1, {"python": 1, "r": 1}, {"python": 0, "r": 0}),
        (2, {"python": 16}, {"python": 1, "r": 0}),
    ],
)
def test_a_place_is_left_for_a_cold_start(most: int, warm: dict[str, int], sizes: dict[str, int]) -> None:
    """By default one Python kernel waits; all that wait are fewer than there may be sandboxes."""
    config = SandboxConfig.model_validate({"max_sandboxes": most, "warm": warm})
    assert make_pool(config)._sizes == sizes


async def _ready(pool: WarmPool) -> None:
    async def until() -> None:
        while pool.waiting < 1:  # noqa: ASYNC110 - a pool has nothing to wait on
            await asyncio.sleep(0.05)

    await asyncio.wait_for(until(), 120)


async def _value(session: KernelSession, code: str) -> str:
    outputs = CellOutputs(max_bytes=BOUNDS.max_bytes, max_messages=BOUNDS.max_messages)
    run = await session.run_cell(code, outputs, BOUNDS)
    assert (run.status, run.execution_count) == ("ok", 1)
    (output,) = outputs.outputs()
    data: dict[str, Any] = output["data"]
    return str(data["text/plain"])


def _held() -> tuple[int, int]:
    return len(os.listdir("/proc/self/fd")), len(asyncio.all_tasks())  # noqa: PTH208 - names only


@pytest.mark.parametrize(
    "runtime",
    [
        pytest.param("docker", marks=pytest.mark.docker),
        pytest.param("bubblewrap", marks=pytest.mark.bubblewrap),
    ],
)
async def test_claims_are_single_use_and_leave_nothing(runtime: Any) -> None:
    """Twenty claims: each kernel is another one, and neither tasks, descriptors nor sandboxes gather."""
    await require_image(runtime)
    config = SandboxConfig(runtime=runtime)
    pool = make_pool(config)
    pool.open()
    pool.wake()
    held: list[tuple[int, int]] = []
    try:
        values = [await _claim(pool, config, str(number), held) for number in range(CLAIMS)]
    finally:
        await pool.close()
    assert values == list(map(str, range(CLAIMS)))
    assert max(held[1:]) <= (held[0][0] + 2, held[0][1] + 2)
    assert all(record.ended is not None for record in REGISTRY)


async def _claim(pool: WarmPool, config: SandboxConfig, number: str, held: list[tuple[int, int]]) -> str:
    await _ready(pool)
    (spare,) = (record for record in REGISTRY if record.purpose == "warm" and record.ended is None)
    session = await start_session(Wanted(KERNELS["python"], LimitOverrides()), config)
    record = REGISTRY.get(session.id)
    assert record is not None
    assert (record.relay is spare.relay, record.purpose) == (True, "verify")
    value = await _value(session, f"globals().setdefault('mine', {number})")
    await session.close()
    await _ready(pool)
    held.append(_held())
    return value

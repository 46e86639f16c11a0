"""Started kernels that wait for their single use."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gptoss_lab.errors import SandboxUnavailableError
from gptoss_lab.sandbox import pool as pool_module
from gptoss_lab.sandbox.pool import Likeness, WarmKernel, WarmPool, claim, has_memory
from gptoss_lab.sandbox.registry import REGISTRY
from gptoss_lab.sandbox.running import RunningKernel
from gptoss_lab.sandbox.runtime import Exit, LaunchSpec
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.execution import Limits
from tests.fakes.records import make_record
from tests.fakes.runtime import FakeRuntime, FakeSandbox

SPEC = LaunchSpec(
    sandbox_id="a",
    language="python",
    image_id="sha256:one",
    argv=["python3"],
    connection_info={"key": "k"},
    limits=Limits(),
    env={"LANG": "C.UTF-8"},
)
PLAIN = Likeness.of(SPEC, "docker", "")


class Kitchen:
    """Makes warm kernels in memory. `made` holds their sandboxes."""

    def __init__(self, folder: Path) -> None:
        self.made: list[FakeSandbox] = []
        self.runtimes: list[FakeRuntime] = []
        self.failure: Exception | None = None
        self.spec = SPEC
        self.limits = Limits()
        self._folder = folder

    async def __call__(self, language: Language) -> WarmKernel:
        if self.failure:
            raise self.failure
        number = len(self.made)
        sandbox, runtime = FakeSandbox(f"warm{number}"), FakeRuntime()
        record = make_record(self._folder, f"warm{number}", purpose="warm", limits=self.limits)
        record.activity.answered = True
        kernel = RunningKernel(sandbox, record.relay, record, lambda: None)
        folder = self._folder / f"sockets{number}"
        folder.mkdir()
        self.made.append(sandbox)
        self.runtimes.append(runtime)
        return WarmKernel(
            kernel, Likeness.of(self.spec, "docker", ""), folder, {"ip": "x"}, (runtime,), language
        )


@pytest.fixture
def kitchen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kitchen:
    """What starts kernels."""
    monkeypatch.setattr(pool_module, "REFILL_AFTER_S", 0.0)
    return Kitchen(tmp_path)


@pytest.fixture
async def pool(kitchen: Kitchen) -> AsyncIterator[WarmPool]:
    """A pool of two, opened."""
    made = WarmPool({"python": 2}, kitchen, memory_bytes=1)
    made.open()
    yield made
    await made.close()


async def _until(pool: WarmPool, waiting: int) -> None:
    for _ in range(2000):
        if pool.waiting == waiting:
            return
        await asyncio.sleep(0.005)
    pytest.fail(f"{pool.waiting} kernels wait, not {waiting}")


@pytest.mark.parametrize(
    "change",
    [
        {"image_id": "sha256:two"},
        {"argv": ("python3", "-X", "dev")},
        {"env": {}},
        {"isolation": "require-gvisor"},
        {"limits": Limits(memory_bytes=1 << 30)},
        {"limits": Limits(pids=20)},
        {"limits": Limits(cpus=0.5)},
        {"limits": Limits(disk_bytes=1 << 20)},
        {"language": "r"},
        {"labels": {"a": "b"}},
    ],
)
def test_what_differs_is_not_alike(change: dict[str, Any]) -> None:
    """Whatever a started sandbox holds must be the same."""
    assert Likeness.of(replace(SPEC, **change), "docker", "") != PLAIN
    assert Likeness.of(SPEC, "bubblewrap", "") != PLAIN
    assert Likeness.of(SPEC, "docker", "tcp://elsewhere") != PLAIN


def test_names_keys_and_outer_limits_do_not_matter() -> None:
    """They are set, or hold, from outside."""
    limits = Limits(cell_timeout_s=1, output_bytes=2000, idle_s=5, ttl_s=6)
    other = replace(SPEC, sandbox_id="b", connection_info={}, limits=limits, argv=("python3",))
    assert Likeness.of(other, "docker", "") == PLAIN


async def test_nothing_is_started_before_the_first_use(pool: WarmPool, kitchen: Kitchen) -> None:
    """A server whose sandboxes nobody uses pays nothing."""
    await asyncio.sleep(0.05)
    assert kitchen.made == []
    assert claim(PLAIN) is None
    await _until(pool, 2)
    assert {record.purpose for record in REGISTRY if record.id.startswith("warm")} == {"warm"}


async def test_each_is_handed_over_once_and_replaced(pool: WarmPool, kitchen: Kitchen) -> None:
    """The pool is full again soon; closing it ends what waits, not what was claimed."""
    pool.wake()
    await _until(pool, 2)
    first = claim(PLAIN)
    assert first is not None
    assert claim(replace(PLAIN, host="tcp://elsewhere")) is None
    await _until(pool, 2)
    second = claim(PLAIN)
    assert second is not None
    assert second.kernel is not first.kernel
    await pool.close()
    await pool.close()
    assert [sandbox.closed for sandbox in kitchen.made[:2]] == [False, False]
    assert all(sandbox.closed for sandbox in kitchen.made[2:])
    assert all(runtime.closed for runtime in kitchen.runtimes[2:])
    assert claim(PLAIN) is None
    for warm in (first, second):
        await warm.close()
        assert not warm.folder.exists()


async def test_a_new_image_replaces_what_waits(pool: WarmPool, kitchen: Kitchen) -> None:
    """The first start that knows it is cold; those after it are warm again."""
    pool.wake()
    await _until(pool, 2)
    kitchen.spec = replace(SPEC, image_id="sha256:two")
    newer = Likeness.of(kitchen.spec, "docker", "")
    assert claim(newer) is None
    await _until(pool, 2)
    assert [sandbox.closed for sandbox in kitchen.made[:2]] == [True, True]
    found = claim(newer)
    assert found is not None
    await found.close()


async def test_one_that_dies_while_it_waits_is_replaced(pool: WarmPool, kitchen: Kitchen) -> None:
    """Nobody is handed a dead kernel."""
    pool.wake()
    await _until(pool, 2)
    kitchen.made[0].end(Exit(137, reason="killed"))
    while not kitchen.made[0].closed:  # noqa: ASYNC110 - a fake has nothing to wait on
        await asyncio.sleep(0.005)
    found = claim(PLAIN)
    assert found is not None
    assert found.kernel.sandbox is kitchen.made[1]
    await _until(pool, 2)
    await found.close()


async def test_what_nobody_needs_is_given_up(kitchen: Kitchen) -> None:
    """After the idle time of a sandbox the memory is free again, until the next use."""
    kitchen.limits = Limits(idle_s=0.2)
    pool = WarmPool({"python": 1}, kitchen, memory_bytes=1)
    pool.open()
    pool.wake()
    await _until(pool, 1)
    await _until(pool, 0)
    await asyncio.sleep(0.1)
    assert len(kitchen.made) == 1
    pool.wake()
    await _until(pool, 1)
    await pool.close()
    assert all(sandbox.closed for sandbox in kitchen.made)


async def test_a_failure_puts_the_pool_to_sleep(pool: WarmPool, kitchen: Kitchen) -> None:
    """It does not try again and again; the next use does."""
    kitchen.failure = SandboxUnavailableError("no daemon answers")
    pool.wake()
    await asyncio.sleep(0.05)
    assert pool.waiting == 0
    kitchen.failure = None
    assert claim(PLAIN) is None
    await _until(pool, 2)


async def test_a_machine_without_room_keeps_none(
    pool: WarmPool, kitchen: Kitchen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The memory is somebody else's to use."""
    monkeypatch.setattr(pool_module, "has_memory", lambda _wanted: False)
    pool.wake()
    await asyncio.sleep(0.05)
    assert kitchen.made == []


async def test_a_closed_or_unopened_pool_serves_nobody(kitchen: Kitchen) -> None:
    """The command line makes one and does not open it."""
    pool = WarmPool({"python": 1}, kitchen, memory_bytes=1)
    pool.wake()
    assert claim(PLAIN) is None
    await asyncio.sleep(0.05)
    assert kitchen.made == []
    await pool.close()


def test_free_memory_is_read(tmp_path: Path) -> None:
    """In kibibytes; a system that does not tell has enough."""
    meminfo = tmp_path / "meminfo"
    assert has_memory(1 << 40, meminfo)
    meminfo.write_text("MemTotal: 10 kB\nMemAvailable:       8 kB\n")
    assert has_memory(8192, meminfo)
    assert not has_memory(8193, meminfo)

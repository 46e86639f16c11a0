"""Where a provisioner's work goes on."""

from __future__ import annotations

import asyncio
import threading

import pytest
from jupyter_client.manager import AsyncKernelManager, KernelManager

from gptoss_lab.sandbox.home import THREAD, Home, at_home, is_blocking


class Worker:
    """Does its work in some thread, and leaves a task behind."""

    def __init__(self, parent: object) -> None:
        self.parent = parent
        self.thread = ""
        self.later = threading.Event()
        self._task: asyncio.Task[None] | None = None

    @at_home
    async def work(self, left: int, *, right: int = 0) -> int:
        """Add, and go on after the return."""
        self.thread = threading.current_thread().name
        self._task = asyncio.create_task(self._go_on())
        return left + right

    @at_home
    async def work_twice(self) -> int:
        """Call a verb from a verb."""
        return await self.work(1) + await self.work(2)

    async def _go_on(self) -> None:
        await asyncio.sleep(0)
        self.later.set()


def test_work_of_a_blocking_manager_goes_on_between_its_calls() -> None:
    """The loop of the call has ended; what the call started still runs."""
    worker = Worker(KernelManager())
    assert asyncio.run(worker.work(1, right=2)) == 3
    assert worker.thread == THREAD
    assert worker.later.wait(30)


def test_a_verb_may_call_another() -> None:
    """At home already, it is not sent there again."""
    assert asyncio.run(Worker(KernelManager()).work_twice()) == 3


async def test_work_of_an_asynchronous_manager_stays_with_it() -> None:
    """Its loop runs on, and what it holds belongs to that loop."""
    worker = Worker(AsyncKernelManager())
    assert await worker.work(1) == 1
    assert worker.thread == threading.current_thread().name
    assert await asyncio.to_thread(worker.later.wait, 30)


async def test_an_error_comes_back() -> None:
    """What goes wrong at home is the caller's to know."""

    async def fail() -> None:
        await asyncio.sleep(0)
        raise ValueError("at home")

    with pytest.raises(ValueError, match="at home"):
        await Home().run(fail())


async def test_a_cancel_reaches_the_work() -> None:
    """A caller who gives up ends the work too."""
    begun, ended = threading.Event(), threading.Event()

    async def endless() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    task = asyncio.create_task(Home().run(endless()))
    assert await asyncio.to_thread(begun.wait, 30)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(ended.wait, 30)


def test_only_kernel_managers_block() -> None:
    """A provisioner without one, as in a test, works with its caller."""
    assert is_blocking(KernelManager())
    assert not is_blocking(AsyncKernelManager())
    assert not is_blocking(None)

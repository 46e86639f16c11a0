"""Where a kernel's relay lives while no verb of its provisioner is running.

A relay must run for as long as its kernel. The loop of an `AsyncKernelManager` does; a blocking
`KernelManager`, which `jupyter run` and many scripts use, runs a loop for each call and lets it
stand in between. Its provisioner does its work in a thread of this process instead.
"""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar, cast

from jupyter_client.manager import AsyncKernelManager, KernelManager

THREAD = "gptoss-sandboxes"

T = TypeVar("T")
Verb = TypeVar("Verb", bound=Callable[..., Coroutine[Any, Any, Any]])


class Home:
    """A loop that always runs, in a thread that starts when the first work is sent there."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._starting = threading.Lock()

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do the work there and return what it returns; a cancel reaches it."""
        loop = self._running()
        if loop is asyncio.get_running_loop():
            return await work
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, loop))

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._starting:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                # A daemon: a client that ends without a goodbye is not held up, and its sandboxes,
                # whose switches its end throws, end with it.
                threading.Thread(target=self._loop.run_forever, name=THREAD, daemon=True).start()
            return self._loop


HOME = Home()


def at_home(verb: Verb) -> Verb:
    """Let a provisioner's verb run where what it starts can go on: with its caller, or at home."""

    @functools.wraps(verb)
    async def run(self: Any, *args: Any, **kwargs: Any) -> Any:
        work = verb(self, *args, **kwargs)
        return await (HOME.run(work) if is_blocking(self.parent) else work)

    return cast("Verb", run)


def is_blocking(manager: object) -> bool:
    """Say whether a kernel manager's loop stands still between its calls."""
    return isinstance(manager, KernelManager) and not isinstance(manager, AsyncKernelManager)

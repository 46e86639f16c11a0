"""One generation at a time, and a bounded line of those that wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event

from gptoss_lab.engines.worker.faults import Aborted, GenerationError, Refused, is_out_of_memory
from gptoss_lab.engines.worker.generate import Step
from gptoss_lab.engines.worker.report import say_fault

_RETRY_AFTER_S = 5
_BEAT_S = 5.0


@dataclass(frozen=True, slots=True)
class Alive:
    """Nothing new, but things go on: somebody's generation has moved."""


@dataclass(slots=True, eq=False)
class _Place:
    abort: Event = field(default_factory=Event)
    steps: asyncio.Queue[Step | Exception | None] = field(default_factory=asyncio.Queue)
    at_work: bool = False


class Line:
    """Lets generations run in one thread, first come, first served.

    Args:
        max_waiting: How many may wait; more are refused.
        on_out_of_memory: Is called in that thread when a generation has died of it.

    Attributes:
        running: How many run: 0 or 1.
        waiting: How many wait.
    """

    def __init__(self, max_waiting: int, on_out_of_memory: Callable[[], None]) -> None:
        self.running = 0
        self.waiting = 0
        self._beats = 0
        self._max_waiting = max_waiting
        self._on_out_of_memory = on_out_of_memory
        self._turn = asyncio.Lock()
        self._places: set[_Place] = set()
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="generate")

    def require_room(self) -> None:
        """Refuse one more when the line is full.

        Raises:
            Refused: Too many wait.
        """
        if self.running and self.waiting >= self._max_waiting:
            raise Refused(503, "Too many requests wait for this model", retry_after_s=_RETRY_AFTER_S)

    async def run(self, work: Callable[[Event], Iterator[Step]]) -> AsyncGenerator[Step | Alive, None]:
        """Wait for the turn, then yield the steps. Closing the iterator gives the generation up.

        Args:
            work: Returns the steps; its event is set when it is to give up.

        Raises:
            Aborted: The worker is stopped.
            GenerationError: It failed.
        """
        place = _Place()
        self._places.add(place)
        task = asyncio.ensure_future(self._take_turn(work, place))
        try:
            while (step := await self._next(place)) is not None:
                if isinstance(step, Exception):
                    raise step
                yield step
        finally:
            place.abort.set()
            self._places.discard(place)
            if not place.at_work:
                task.cancel()

    def abort_all(self) -> None:
        """Give all up."""
        for place in self._places:
            place.abort.set()

    async def close(self) -> None:
        """Give all up, and wait until nothing runs."""
        self.abort_all()
        await asyncio.to_thread(self._threads.shutdown)

    async def _next(self, place: _Place) -> Step | Exception | Alive | None:
        if not place.steps.empty():
            return place.steps.get_nowait()
        seen = self._beats
        getting = asyncio.ensure_future(place.steps.get())
        try:
            while not getting.done():
                await asyncio.wait({getting}, timeout=_BEAT_S)
                if not getting.done() and self._beats != seen:
                    return Alive()
            return getting.result()
        finally:
            getting.cancel()

    async def _take_turn(self, work: Callable[[Event], Iterator[Step]], place: _Place) -> None:
        self.waiting += 1
        try:
            await self._turn.acquire()
        finally:
            self.waiting -= 1
        place.at_work, self.running = True, 1
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._threads, self._work, work, place, loop)
        finally:
            self.running = 0
            self._turn.release()

    def _work(
        self, work: Callable[[Event], Iterator[Step]], place: _Place, loop: asyncio.AbstractEventLoop
    ) -> None:
        end: Exception | None = None
        try:
            for step in work(place.abort):
                loop.call_soon_threadsafe(self._put, place, step)
        except Aborted as aborted:
            end = aborted
        except Exception as error:  # noqa: BLE001 - whatever it is, the request is told and the worker goes on
            say_fault("generation", error)
            end = GenerationError(type(error).__name__, out_of_memory=is_out_of_memory(error))
        if (
            isinstance(end, GenerationError) and end.out_of_memory
        ):  # here no frame of it holds memory any more
            self._on_out_of_memory()
        loop.call_soon_threadsafe(self._put, place, end)

    def _put(self, place: _Place, step: Step | Exception | None) -> None:
        self._beats += 1
        place.steps.put_nowait(step)

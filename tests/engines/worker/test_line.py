"""One at a time, and a bounded line."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import aclosing
from threading import Event

import pytest

from gptoss_lab.engines.worker import line as line_module
from gptoss_lab.engines.worker.faults import Aborted, GenerationError, Refused
from gptoss_lab.engines.worker.generate import Ended, Picked, Step
from gptoss_lab.engines.worker.line import Alive, Line


def held(go: Event) -> Callable[[Event], Iterator[Step]]:
    """Return work that says one token, then waits for its cue or its abort."""

    def work(abort: Event) -> Iterator[Step]:
        yield Picked(1)
        while not go.wait(0.005):
            if abort.is_set():
                raise Aborted
        yield Ended("stop")

    return work


async def collect(line: Line, work: Callable[[Event], Iterator[Step]]) -> list[object]:
    """Return all steps."""
    return [step async for step in line.run(work)]


async def expect(line: Line, *, running: int, waiting: int) -> None:
    """Wait until so many run and wait."""
    while (line.running, line.waiting) != (running, waiting):  # noqa: ASYNC110 - what runs sets no event
        await asyncio.sleep(0.005)


async def test_one_runs_and_the_others_follow_in_order() -> None:
    """First come, first served."""
    line, go, order = Line(8, print), Event(), list[str]()

    async def ask(name: str) -> None:
        await collect(line, held(go))
        order.append(name)

    tasks = []
    for number, name in enumerate("abc"):
        tasks.append(asyncio.ensure_future(ask(name)))
        await expect(line, running=1, waiting=number)
    go.set()
    await asyncio.gather(*tasks)
    assert order == ["a", "b", "c"]
    await line.close()


async def test_a_full_line_refuses_and_says_when_to_come_back() -> None:
    """One runs, one waits, and that is all."""
    line, go = Line(1, print), Event()
    tasks = [asyncio.ensure_future(collect(line, held(go))) for _ in range(2)]
    await expect(line, running=1, waiting=1)
    with pytest.raises(Refused) as refused:
        line.require_room()
    assert (refused.value.status, refused.value.retry_after_s) == (503, 5)
    go.set()
    await asyncio.gather(*tasks)
    line.require_room()
    await line.close()


async def test_who_leaves_is_given_up_at_work_and_in_line() -> None:
    """The thread is free for the next at once."""
    line, go = Line(8, print), Event()
    async with aclosing(line.run(held(go))) as first:
        assert await first.__anext__() == Picked(1)
        waiting = asyncio.ensure_future(collect(line, held(go)))
        await expect(line, running=1, waiting=1)
        waiting.cancel()
        await expect(line, running=1, waiting=0)
    await expect(line, running=0, waiting=0)
    go.set()
    assert await collect(line, held(go)) == [Picked(1), Ended("stop")]
    await line.close()


async def test_a_fault_is_told_by_its_kind_and_the_line_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    """Its words may quote the prompt; memory that lacked is given back."""
    cleaned: list[bool] = []
    line = Line(8, lambda: cleaned.append(True))

    def fail(_: Event) -> Iterator[Step]:
        yield Picked(1)
        raise MemoryError("secret prompt")

    with pytest.raises(GenerationError) as failed:
        await collect(line, fail)
    assert (failed.value.kind, failed.value.out_of_memory, cleaned) == ("MemoryError", True, [True])
    logged = capsys.readouterr().out
    assert "MemoryError at test_line.py" in logged
    assert "secret" not in logged
    go = Event()
    go.set()
    assert await collect(line, held(go)) == [Picked(1), Ended("stop")]
    await line.close()


async def test_who_waits_sees_that_things_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client's patience lasts as long as the engine moves."""
    monkeypatch.setattr(line_module, "_BEAT_S", 0.01)
    line, go, step = Line(8, print), Event(), Event()

    def walk(abort: Event) -> Iterator[Step]:
        while not go.is_set() and not abort.is_set():
            if step.wait(0.002):
                yield Picked(1)

    running = asyncio.ensure_future(collect(line, walk))
    await expect(line, running=1, waiting=0)
    async with aclosing(line.run(held(go))) as waits:
        beat = asyncio.ensure_future(waits.__anext__())
        await asyncio.sleep(0.05)
        assert not beat.done()
        step.set()
        assert await beat == Alive()
    go.set()
    await running
    await line.close()


async def test_a_stop_gives_all_up() -> None:
    """Whoever is there is told."""
    line, go = Line(8, print), Event()
    tasks = [asyncio.ensure_future(collect(line, held(go))) for _ in range(3)]
    await expect(line, running=1, waiting=2)
    line.abort_all()
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(end) for end in ends] == [Aborted] * 3
    await line.close()

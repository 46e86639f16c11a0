"""Sandboxes that live on between executions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from gptoss_lab.errors import NotFoundError, SandboxError, SandboxLostError, TooBusyError
from gptoss_lab.schemas.execution import LimitOverrides
from gptoss_lab.services.kept import KeptSandboxes
from gptoss_lab.services.kernel_start import Wanted
from tests.fakes.sessions import FakeSession, FakeStarter

OWNER = "anna"


ANNAS = Wanted("gptoss-python", LimitOverrides(), purpose="execute", owner=OWNER)


@pytest.fixture
def starter() -> FakeStarter:
    """What starts them."""
    return FakeStarter()


@pytest.fixture
async def kept(starter: FakeStarter) -> AsyncIterator[KeptSandboxes]:
    """Room for two."""
    made = KeptSandboxes(2, starter)
    yield made
    await made.close()


async def _until_gone(kept: KeptSandboxes, name: str = "s1") -> None:
    while True:
        try:
            kept.find(name, OWNER)
        except NotFoundError:
            return
        await asyncio.sleep(0)


async def test_only_its_owner_finds_it(kept: KeptSandboxes) -> None:
    """To everybody else it is not there."""
    kept.add(FakeSession(), ANNAS)
    assert kept.find("s1", OWNER).owner == OWNER
    for name, owner in (("s1", "bernd"), ("s2", OWNER)):
        with pytest.raises(NotFoundError):
            kept.find(name, owner)


async def test_one_at_a_time_uses_it(kept: KeptSandboxes) -> None:
    """The second waits; in between its connections are kept empty."""
    session = FakeSession()
    one = kept.add(session, ANNAS)
    await asyncio.sleep(0)
    order: list[str] = []

    async def work(name: str) -> None:
        async with one.use():
            order.append(f"{name} in")
            await asyncio.sleep(0.01)
            order.append(f"{name} out")

    await asyncio.gather(work("a"), work("b"))
    await asyncio.sleep(0)
    assert order == ["a in", "a out", "b in", "b out"]
    assert session.history.count("discard") == 3


async def test_one_that_ends_while_it_rests_is_let_go(kept: KeptSandboxes) -> None:
    """Nothing of it stays, and its place is free."""
    session = FakeSession()
    one = kept.add(session, ANNAS)
    await asyncio.sleep(0)
    session.die("it was idle for 30 minutes")
    await asyncio.wait_for(_until_gone(kept), 5)
    assert session.history[-1] == "close"
    with pytest.raises(SandboxLostError, match="idle for 30 minutes"):
        async with one.use():
            pytest.fail("it has ended")


async def test_one_that_ends_in_use_is_let_go_after(kept: KeptSandboxes) -> None:
    """Whoever used it sees its end first."""
    session = FakeSession()
    async with kept.add(session, ANNAS).use() as used:
        session.die("out of memory")
        assert used is session
        assert kept.find("s1", OWNER).session is session
    with pytest.raises(NotFoundError):
        kept.find("s1", OWNER)
    assert session.history[-1] == "close"


async def test_an_interrupt_reaches_only_what_runs(kept: KeptSandboxes) -> None:
    """Without a cell there is nothing to interrupt."""
    session = FakeSession()
    one = kept.add(session, ANNAS)
    await one.interrupt()
    assert "stop interrupted" not in session.history
    async with one.use():
        await one.interrupt()
    assert "stop interrupted" in session.history


async def test_a_restart_is_a_new_session_of_the_same_name(kept: KeptSandboxes, starter: FakeStarter) -> None:
    """Whatever runs is ended first, and gives it free; it may be another image from then on."""
    one = await kept.start(ANNAS)
    (first,) = starter.sessions
    using = asyncio.Event()

    async def run() -> None:
        async with one.use():
            using.set()
            await first.dead.wait()

    running = asyncio.create_task(run())
    await using.wait()
    await one.restart(image="sha256:new")
    await running
    assert first.history[-1] == "close"
    assert kept.find("s1", OWNER) is one
    async with one.use() as session:
        assert session is starter.sessions[1]
    await one.restart()
    assert [(wanted.sandbox, wanted.image) for wanted in starter.wanted[1:]] == [("s1", "sha256:new")] * 2
    await one.restart(data=("/study",))
    await one.restart()
    assert [wanted.data for wanted in starter.wanted] == [(), (), (), ("/study",), ("/study",)]


async def test_a_restart_that_fails_leaves_nothing(kept: KeptSandboxes, starter: FakeStarter) -> None:
    """A sandbox that does not start again is gone, with the reason told."""
    one = await kept.start(ANNAS)
    starter.failure = SandboxError("no daemon answers")
    with pytest.raises(SandboxError, match="no daemon"):
        await one.restart()
    with pytest.raises(NotFoundError):
        kept.find("s1", OWNER)
    assert starter.sessions[0].history[-1] == "close"


async def test_there_is_room_for_so_many(kept: KeptSandboxes) -> None:
    """Those that are being started count; an end makes room."""
    kept.add(FakeSession("s1"), ANNAS)
    async with kept.place("ada"):
        with pytest.raises(TooBusyError, match="2 sandboxes"):
            async with kept.place("ada"):
                pytest.fail("there is no room")
    kept.add(FakeSession("s2"), ANNAS)
    with pytest.raises(TooBusyError):
        await kept.start(ANNAS)
    await kept.find("s1", OWNER).end()
    async with kept.place("ada"):
        pass


async def test_closing_ends_them_all(starter: FakeStarter) -> None:
    """With their sessions."""
    kept = KeptSandboxes(2, starter)
    sessions = [FakeSession("s1"), FakeSession("s2")]
    for session in sessions:
        kept.add(session, ANNAS)
    await kept.close()
    assert [session.history[-1] for session in sessions] == ["close", "close"]

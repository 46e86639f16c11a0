"""Whose turn it is."""

from __future__ import annotations

import pytest

from gptoss_lab.errors import TooBusyError
from gptoss_lab.schemas.generation import CodeGenerationRequest
from gptoss_lab.schemas.model import QueueState
from gptoss_lab.services.job import Job
from gptoss_lab.services.lanes import Lane, generation_lane
from gptoss_lab.services.transcript import Transcript
from tests.fakes.played import asked

REQUEST = CodeGenerationRequest(task="x")


def lane(slots: int) -> Lane:
    """Return a lane in which nothing runs by itself."""
    return generation_lane(lambda _: None, slots=slots)  # type: ignore[arg-type, return-value]


def add(one: Lane, name: str, owner: str) -> Job:
    """Let a job wait."""
    job = Job(name, owner, REQUEST, Transcript(name, REQUEST), max_events=100, max_bytes=1 << 20)
    one.waiting.append(job)
    return job


def turns(one: Lane) -> list[str]:
    """Let all that waits run, one after the other."""
    order = []
    while (job := one.next()) is not None:
        order.append(job.name)
    return order


def test_owners_take_turns() -> None:
    """The first job of one does not wait for the twenty of another."""
    one = lane(1)
    running = add(one, "a0", "ada")
    assert one.next() is running
    one.running.add(running)
    for number in range(1, 21):
        add(one, f"a{number}", "ada")
    add(one, "b1", "bob")
    add(one, "c1", "cy")
    add(one, "b2", "bob")
    shown = [job.name for job in one.order()]
    one.running.clear()
    taken = turns(one)
    assert taken[:6] == ["b1", "c1", "a1", "b2", "a2", "a3"]
    assert taken == shown


def test_one_owner_is_served_in_order() -> None:
    """As before there were others."""
    one = lane(2)
    for name in "abc":
        add(one, name, "me")
    assert turns(one) == ["a", "b", "c"]


def test_slots_may_change_while_it_works() -> None:
    """A model that takes fewer at a time lets fewer run; what runs goes on."""
    most = [2]
    one = generation_lane(lambda _: None, slots=lambda: most[0])  # type: ignore[arg-type, return-value]
    for name in "abc":
        add(one, name, "me")
    for _ in range(2):
        job = one.next()
        assert job
        one.running.add(job)
    assert one.next() is None
    most[0] = 3
    assert one.next() is not None
    assert one.state() == QueueState(running=2, waiting=0, slots=3)


def test_the_queue_of_each_is_bounded_and_so_is_that_of_all() -> None:
    """Who has filled their own is refused; another is not, until the whole is full."""
    one = lane(1)
    for number in range(8):
        one.admit(REQUEST, "ada")
        add(one, f"a{number}", "ada")
    with pytest.raises(TooBusyError, match="8 of yours wait"):
        one.admit(REQUEST, "ada")
    one.admit(REQUEST, "bob")
    for number in range(56):
        add(one, f"o{number}", f"other{number}")
    with pytest.raises(TooBusyError, match="64 wait"):
        one.admit(asked(), "bob")

"""From a prompt to its answer."""

from __future__ import annotations

from threading import Event

import pytest

from gptoss_lab.engines.worker.faults import Aborted
from gptoss_lab.engines.worker.generate import Ended, Job, Picked, Prefilled, Repetition, generate, repeats
from gptoss_lab.engines.worker.prefix import PrefixStore
from tests.fakes.networks import END, FakeNetwork


def test_a_prompt_is_computed_in_chunks_and_answered_token_by_token() -> None:
    """The last chunk brings the first scores; the last token is not computed."""
    network = FakeNetwork([1, 2, END])
    store = PrefixStore(network.new_cache, 2, 16)
    steps = list(generate(network, store, Job(tuple(range(20)), 9), Event()))
    assert steps == [
        Prefilled(0, 20, 0),
        Prefilled(16, 20, 0),
        Prefilled(20, 20, 0),
        *map(Picked, (1, 2, END)),
        Ended("stop"),
    ]
    assert network.computed == [tuple(range(16)), (16, 17, 18, 19), (1,), (2,)]


def test_a_second_question_on_the_same_text_computes_only_what_is_new() -> None:
    """And what is remembered is the prompt, not the answer."""
    network = FakeNetwork([1, END])
    store = PrefixStore(network.new_cache, 2, 16)
    list(generate(network, store, Job((*range(40), 70), 9), Event()))
    network.computed.clear()
    steps = list(generate(network, store, Job((*range(40), 71), 9), Event()))
    assert steps[0] == Prefilled(32, 41, 32)
    assert network.computed[0] == (*range(32, 40), 71)


def test_it_ends_at_the_most_tokens_and_at_a_repetition() -> None:
    """Each with its reason."""
    network = FakeNetwork([1, 2, 3])
    store = PrefixStore(network.new_cache, 2, 16)
    assert list(generate(network, store, Job((5,), 4), Event()))[-1] == Ended("length")
    job = Job((5,), 400, repetition=Repetition(4, 2, 3))
    steps = list(generate(network, store, job, Event()))
    assert steps[-1] == Ended("repetition")
    assert len([step for step in steps if isinstance(step, Picked)]) == 9


def test_what_was_given_up_is_remembered_only_as_far_as_it_was_computed() -> None:
    """A pass that broke off leaves nothing behind that a later prompt could meet."""
    network = FakeNetwork([1])
    store = PrefixStore(network.new_cache, 2, 16)
    abort = Event()
    steps = generate(network, store, Job(tuple(range(64)), 9), abort)
    assert [next(steps), next(steps)][1] == Prefilled(16, 64, 0)
    abort.set()
    with pytest.raises(Aborted):
        next(steps)
    assert store.tokens == 16
    network.fault = MemoryError()
    with pytest.raises(MemoryError):
        list(generate(network, store, Job(tuple(range(64)), 9), Event()))
    kept = store.take(range(64))
    assert kept.ids == kept.cache.ids == list(range(16))  # type: ignore[attr-defined]  # a fake's


def test_a_pattern_is_one_that_fills_the_end() -> None:
    """Of no other size than the rule's."""
    assert repeats([9, 1, 2, 1, 2, 1, 2], Repetition(4, 1, 3))
    assert not repeats([1, 2, 1, 2, 1, 2, 9], Repetition(4, 1, 3))
    assert not repeats([1, 1, 1], Repetition(4, 2, 3))
    assert not repeats([1, 1, 1], Repetition())

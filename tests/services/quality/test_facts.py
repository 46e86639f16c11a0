"""Facts, and what waits of them."""

from __future__ import annotations

import pytest

from gptoss_lab.services.quality import facts
from gptoss_lab.services.quality.facts import Batch, JobFact, at_rank, seconds_of, size_of


@pytest.mark.parametrize("seconds", [0.00005, 0.0001, 0.004, 0.7, 1, 59.9, 7200])
def test_a_class_is_a_little_above_its_times(seconds: float) -> None:
    """By 9 % at most."""
    assert seconds <= seconds_of(size_of(seconds)) <= max(seconds * 1.0906, facts.SHORTEST_S)


def test_what_is_longer_than_anything_has_a_class() -> None:
    """The last one."""
    assert size_of(1e30) == facts.LONGEST


def test_ranks_are_the_nearest() -> None:
    """Of ten, five stay within the median and all within the last."""
    sizes = [(size_of(1.0), 5), (size_of(2.0), 4), (size_of(100.0), 1)]
    assert at_rank(sizes, 50) == pytest.approx(1.0, rel=0.1)
    assert at_rank(sizes, 90) == pytest.approx(2.0, rel=0.1)
    assert at_rank(sizes, 95) == pytest.approx(100.0, rel=0.1)


def test_what_waits_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest jobs stay, and tallies that are known go on."""
    monkeypatch.setattr(facts, "MAX_WAITING_JOBS", 2)
    monkeypatch.setattr(facts, "MAX_WAITING_TALLIES", 1)
    batch = Batch([JobFact(1, "a", "generate"), JobFact(2, "b", "generate")])
    batch.tally(61, "job", "x")
    later = Batch([JobFact(3, "c", "generate")])
    later.tally(62, "job", "x")
    batch.extend(later)
    later.tally(63, "job", "y")
    batch.extend(later)
    batch.tally(64, "http", "5xx")
    assert [job.job for job in batch.jobs] == ["c", "c"]
    assert dict(batch.tallies) == {(60, "job", "x", 0): 3}

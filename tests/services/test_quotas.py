"""How often one person may ask."""

from __future__ import annotations

import time

import pytest

from gptoss_lab.errors import LimitReachedError
from gptoss_lab.schemas.access_config import AccessConfig
from gptoss_lab.services import quotas
from gptoss_lab.services.quotas import Quotas


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    """A clock of the test's own."""
    return Clock()


def test_a_minutes_worth_is_let_through_then_one_at_a_time(clock: Clock) -> None:
    """The refusal says when the next one is due, and then it is let through."""
    limits = Quotas(AccessConfig(reads_per_minute=3), clock)
    for _ in range(3):
        limits.take("ada", "read")
    with pytest.raises(LimitReachedError, match="3 requests that read in a minute") as caught:
        limits.take("ada", "read")
    assert caught.value.retry_after_s == pytest.approx(20)
    clock.now_s += 20.001
    limits.take("ada", "read")
    with pytest.raises(LimitReachedError):
        limits.take("ada", "read")


def test_persons_and_kinds_are_counted_apart(clock: Clock) -> None:
    """What one has used up, another has; and who may not generate may read."""
    limits = Quotas(AccessConfig(generations_per_hour=1), clock)
    limits.take("ada", "generate")
    limits.take("bob", "generate")
    limits.take("ada", "read")
    with pytest.raises(LimitReachedError, match="generations in an hour"):
        limits.check("ada", "generate")


def test_a_refused_request_costs_nothing(clock: Clock) -> None:
    """Whoever knocks on and on is let in no later than who waits."""
    limits = Quotas(AccessConfig(executions_per_hour=60), clock)
    for _ in range(60):
        limits.take("ada", "execute")
    for _ in range(1000):
        with pytest.raises(LimitReachedError):
            limits.take("ada", "execute")
    clock.now_s += 60.1
    limits.take("ada", "execute")


def test_zero_is_no_limit(clock: Clock) -> None:
    """As everywhere in this section."""
    limits = Quotas(AccessConfig(writes_per_minute=0), clock)
    taken = 0
    for _ in range(10_000):
        limits.take("ada", "write")
        taken += 1
    assert taken == 10_000


def test_setting_the_machines_clock_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A jump of the wall clock by a day, either way, neither locks anybody out nor lets anybody in."""
    limits = Quotas(AccessConfig(reads_per_minute=1))
    limits.take("ada", "read")
    real = time.time
    for jump_s in (86_400, -86_400):
        monkeypatch.setattr(time, "time", lambda jump_s=jump_s: real() + jump_s)
        with pytest.raises(LimitReachedError) as caught:
            limits.take("ada", "read")
        assert caught.value.retry_after_s == pytest.approx(60, abs=5)


def test_those_who_left_are_forgotten(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table of persons is bounded by those who have asked of late."""
    monkeypatch.setattr(quotas, "MAX_BUCKETS", 10)
    limits = Quotas(AccessConfig(), clock)
    for number in range(1000):
        clock.now_s += 60
        limits.take(f"person-{number}", "read")
    assert len(limits._full_at) <= 11

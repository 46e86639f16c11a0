"""What is kept of a job, of a decision and of an answer: counts, seconds and names of ours."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import astuple, dataclass, field, fields
from typing import Literal

TALLY_S = 60
"""The finest step of what is only tallied."""
SHORTEST_S = 1e-4
SIZES_PER_DOUBLING = 8
LONGEST = 8 * 32
MAX_WAITING_JOBS = 20_000
MAX_WAITING_TALLIES = 50_000

Tallied = Literal["stage", "response", "job", "cell", "http"]
Result = Literal["", "good", "partial", "empty", "failed"]


@dataclass(frozen=True, slots=True)
class JobFact:
    """A generation or an execution that ended by itself.

    Attributes:
        at: When it ended, in seconds since the epoch.
        job: Its id, by which decisions on its cells are joined.
        kind: "generate" or "execute".
        docs: Names and versions of what its cells cite.
        result: How a generation went; empty for an execution.
        ok: An execution that ended well.
    """

    at: float
    job: str
    kind: str
    generator: str = ""
    model: str = ""
    templates: str = ""
    docs: str = ""
    result: Result = ""
    unparsed: int = 0
    failed_check: int = 0
    failed_run: int = 0
    checked: int = 0
    ran: int = 0
    rounds: int = 0
    ok: bool = False
    first_text_s: float | None = None
    tokens_per_s: float | None = None
    duration_s: float | None = None


@dataclass(frozen=True, slots=True)
class ReviewFact:
    """What a person decided on a cell, without who it was. `at` is when this server was told."""

    job: str
    cell: str
    at: float
    generator: str
    model: str
    verdict: str


JOB_FIELDS = tuple(one.name for one in fields(JobFact))
REVIEW_FIELDS = tuple(one.name for one in fields(ReviewFact))


@dataclass(slots=True)
class Batch:
    """What waits to be written. It is bounded: beyond that the oldest jobs, and new tallies, are left out."""

    jobs: list[JobFact] = field(default_factory=list)
    reviews: list[ReviewFact] = field(default_factory=list)
    tallies: Counter[tuple[int, Tallied, str, int]] = field(default_factory=Counter)

    def __bool__(self) -> bool:
        return bool(self.jobs or self.reviews or self.tallies)

    def tally(self, at: float, what: Tallied, name: str, size: int = 0, count: int = 1) -> None:
        """Count something in its minute."""
        key = (int(at // TALLY_S) * TALLY_S, what, name, size)
        if key in self.tallies or len(self.tallies) < MAX_WAITING_TALLIES:
            self.tallies[key] += count

    def extend(self, later: Batch) -> None:
        """Take in what came later."""
        self.jobs = [*self.jobs, *later.jobs][-MAX_WAITING_JOBS:]
        self.reviews = [*self.reviews, *later.reviews][-MAX_WAITING_JOBS:]
        for key, count in later.tallies.items():
            if key in self.tallies or len(self.tallies) < MAX_WAITING_TALLIES:
                self.tallies[key] += count


def row_of(fact: JobFact | ReviewFact) -> tuple[object, ...]:
    """Return a fact as a row of the store, in the order of its fields."""
    return astuple(fact)


def size_of(seconds: float) -> int:
    """Return the class that a time falls into; the next one begins at 9 % more."""
    if seconds <= SHORTEST_S:
        return 0
    return min(LONGEST, math.ceil(math.log2(seconds / SHORTEST_S) * SIZES_PER_DOUBLING - 1e-9))


def seconds_of(size: int) -> float:
    """Return the longest time of a class."""
    return float(SHORTEST_S * 2 ** (size / SIZES_PER_DOUBLING))


def at_rank(sizes: Iterable[tuple[int, int]], percent: float) -> float:
    """Return the time that a share of those counted stayed within, by the nearest rank.

    Args:
        sizes: Classes and how many fell into each; not empty.
        percent: The share.
    """
    ordered = sorted(sizes)
    left = max(1, math.ceil(sum(count for _, count in ordered) * percent / 100))
    for size, count in ordered:
        left -= count
        if left <= 0:
            return seconds_of(size)
    return seconds_of(ordered[-1][0])

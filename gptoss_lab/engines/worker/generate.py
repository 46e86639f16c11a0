"""From a prompt to its answer, token by token. Pure but for the model, which is handed in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from threading import Event
from typing import Any, Protocol

from gptoss_lab.engines.worker.faults import Aborted
from gptoss_lab.engines.worker.prefix import PrefixStore


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a token is chosen; a temperature of 0 takes the likeliest."""

    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int = 0
    min_p: float = 0.0
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Repetition:
    """End an answer that repeats a pattern of so many tokens so often; a largest of 0 never does."""

    max_pattern_size: int = 0
    min_pattern_size: int = 1
    min_count: int = 2


@dataclass(frozen=True, slots=True)
class Job:
    """A prompt to continue."""

    ids: tuple[int, ...]
    max_tokens: int
    sampling: Sampling = Sampling()
    repetition: Repetition = Repetition()
    salt: str = ""


@dataclass(frozen=True, slots=True)
class Prefilled:
    """So many tokens of the prompt are computed, `cached` of them by an earlier request."""

    done: int
    total: int
    cached: int


@dataclass(frozen=True, slots=True)
class Picked:
    """The next token of the answer."""

    token: int


@dataclass(frozen=True, slots=True)
class Ended:
    """The answer's end: "stop", "length" or "repetition"."""

    reason: str


Step = Prefilled | Picked | Ended


class Model(Protocol):
    """What computes: a network on a device."""

    stop_ids: frozenset[int]

    def feed(self, cache: Any, ids: Sequence[int], abort: Event, *, scored: bool) -> Any:
        """Compute tokens behind what a cache holds; return the scores of the next one, if asked for.

        Raises:
            Aborted: The event was set meanwhile; the cache may hold a part of the tokens.
        """

    def chooser(self, sampling: Sampling) -> Any:
        """Return what chooses from scores, call by call."""


def generate(model: Model, store: PrefixStore, job: Job, abort: Event) -> Iterator[Step]:
    """Continue a prompt.

    Args:
        model: What computes.
        store: The prompts that are remembered.
        job: What to continue.
        abort: Set from elsewhere to give up.

    Raises:
        Aborted: It was given up.
    """
    kept = store.take(job.ids, job.salt)
    cached = len(kept.ids)
    try:
        scores = None
        yield Prefilled(cached, len(job.ids), cached)
        for start in range(cached, len(job.ids), store.chunk_tokens):
            chunk = job.ids[start : start + store.chunk_tokens]
            end = start + len(chunk)
            scores = model.feed(kept.cache, chunk, abort, scored=end == len(job.ids))
            if len(chunk) == store.chunk_tokens:
                kept.ids += chunk
            yield Prefilled(end, len(job.ids), cached)
        yield from _answer(model, kept.cache, scores, job, abort)
    finally:
        kept.cache.crop_to(len(kept.ids))


def _answer(model: Model, cache: Any, scores: Any, job: Job, abort: Event) -> Iterator[Step]:
    choose = model.chooser(job.sampling)
    picked: list[int] = []
    reason = ""
    while not reason:
        if abort.is_set():
            raise Aborted
        token = choose(scores)
        picked.append(token)
        yield Picked(token)
        reason = _end(picked, job, model.stop_ids)
        if not reason:
            scores = model.feed(cache, (token,), abort, scored=True)
    yield Ended(reason)


def _end(picked: list[int], job: Job, stop_ids: frozenset[int]) -> str:
    if picked[-1] in stop_ids:
        return "stop"
    if repeats(picked, job.repetition):
        return "repetition"
    return "length" if len(picked) >= job.max_tokens else ""


def repeats(picked: list[int], rule: Repetition) -> bool:
    """Say whether the last tokens are one pattern over and over."""
    for size in range(rule.min_pattern_size, rule.max_pattern_size + 1):
        length = size * rule.min_count
        if length > len(picked):
            return False
        if picked[-length:] == picked[-size:] * rule.min_count:
            return True
    return False

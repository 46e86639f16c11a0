"""A network that computes nothing: it says a script, and checks what its cache holds."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event

from gptoss_lab.engines.worker.faults import Aborted
from gptoss_lab.engines.worker.generate import Sampling
from gptoss_lab.engines.worker.prompt import encoding

END = 200002


@dataclass
class FakeCache:
    """The tokens that were computed."""

    ids: list[int] = field(default_factory=list)

    def crop_to(self, length: int) -> None:
        """Forget all behind a length."""
        del self.ids[length:]

    def copy_from(self, other: FakeCache, length: int) -> None:
        """Become another cache, cut back to a length."""
        self.ids[:] = other.ids[:length]


class FakeNetwork:
    """Says a script, whatever it is asked.

    Args:
        script: The answer in Harmony, or the tokens of it; over and over where it has no end.
        pass_s: How long one pass takes.
        fault: What a pass raises, once.

    Attributes:
        computed: The tokens of each pass.
    """

    max_model_len = 4096
    chunk_tokens = 16
    kv_bytes_per_token = 1024
    stop_ids = frozenset({END})

    def __init__(
        self, script: str | Sequence[int] = "", *, pass_s: float = 0, fault: Exception | None = None
    ) -> None:
        text = script if isinstance(script, str) else ""
        tokens = encoding().encode(text, allowed_special="all") if text else script
        self.script = [int(token) for token in tokens]
        self.computed: list[tuple[int, ...]] = []
        self.released = 0
        self.pass_s = pass_s
        self.fault = fault

    def new_cache(self) -> FakeCache:
        """Return an empty cache."""
        return FakeCache()

    def feed(
        self, cache: FakeCache, ids: Sequence[int], abort: Event, *, scored: bool
    ) -> tuple[int, ...] | None:
        """Take tokens; the scores are all that the cache holds."""
        end_s = time.monotonic() + self.pass_s
        while time.monotonic() < end_s and not abort.wait(0.005):
            pass
        if abort.is_set():
            raise Aborted
        cache.ids += ids
        self.computed.append(tuple(ids))
        if self.fault is not None:
            fault, self.fault = self.fault, None
            raise fault
        return tuple(cache.ids) if scored else None

    def chooser(self, sampling: Sampling) -> Callable[[tuple[int, ...]], int]:
        """Choose the script's next token."""
        del sampling
        said: list[int] = []
        script = self.script

        def choose(scores: tuple[int, ...]) -> int:
            assert not said or scores[-1] == said[-1], "the token before was not computed"
            said.append(script[len(said) % len(script)])
            return said[-1]

        return choose

    def release(self) -> None:
        """Count."""
        self.released += 1

"""How often one person may ask: a bucket of tokens for each kind of request.

The bucket holds as many tokens as are allowed in its time, and is filled evenly. Its clock is monotonic, so
that whoever sets the machine's clock neither locks anybody out nor lets anybody in.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from gptoss_lab.errors import LimitReachedError
from gptoss_lab.schemas.access_config import AccessConfig

Kind = Literal["read", "write", "generate", "execute"]
MINUTE_S, HOUR_S = 60.0, 3600.0
MAX_BUCKETS = 10_000

_NAMES: Mapping[Kind, str] = {
    "read": "requests that read",
    "write": "requests that change something",
    "generate": "generations",
    "execute": "executions",
}


@dataclass(frozen=True, slots=True)
class Rate:
    """So many in so long a time; 0 for any number."""

    count: int
    time_s: float


class Quotas:
    """Counts what each person asks for. All methods belong to one event loop.

    Args:
        config: How much is allowed.
        clock: The seconds since some moment; it never goes back.
    """

    def __init__(self, config: AccessConfig, clock: Callable[[], float] = time.monotonic) -> None:
        self._rates: Mapping[Kind, Rate] = {
            "read": Rate(config.reads_per_minute, MINUTE_S),
            "write": Rate(config.writes_per_minute, MINUTE_S),
            "generate": Rate(config.generations_per_hour, HOUR_S),
            "execute": Rate(config.executions_per_hour, HOUR_S),
        }
        self._clock = clock
        self._full_at: dict[tuple[str, Kind], float] = {}

    def check(self, owner: str, kind: Kind) -> None:
        """Refuse what is too much.

        Raises:
            LimitReachedError: The person has to wait.
        """
        rate = self._rates[kind]
        if not rate.count:
            return
        each_s = rate.time_s / rate.count
        # A bucket that is full in `time_s - each_s` still holds one token.
        late_s = self._left_s(owner, kind) - (rate.time_s - each_s)
        if late_s > each_s * 1e-6:
            raise LimitReachedError(
                f"{rate.count} {_NAMES[kind]} in {_spoken(rate.time_s)} are allowed to one person",
                retry_after_s=late_s,
            )

    def spend(self, owner: str, kind: Kind) -> None:
        """Count one."""
        rate = self._rates[kind]
        if rate.count:
            now = self._clock()
            full_at = now + self._left_s(owner, kind) + rate.time_s / rate.count
            self._full_at[owner, kind] = full_at
            if len(self._full_at) > MAX_BUCKETS:
                self._full_at = {key: at for key, at in self._full_at.items() if at > now}

    def take(self, owner: str, kind: Kind) -> None:
        """Count one, or refuse it.

        Raises:
            LimitReachedError: The person has to wait.
        """
        self.check(owner, kind)
        self.spend(owner, kind)

    def _left_s(self, owner: str, kind: Kind) -> float:
        """Return how long it takes until the person's bucket is full again."""
        return max(0.0, self._full_at.get((owner, kind), 0.0) - self._clock())


def _spoken(time_s: float) -> str:
    return "a minute" if time_s == MINUTE_S else "an hour"

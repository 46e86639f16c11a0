"""One measured figure and the line that reports it."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure beside its peer. With no `threshold` it is only reported.

    `at_most` says which side of the threshold is good.
    """

    bench: str
    figure: str
    value: float
    unit: str
    peer: str = ""
    peer_value: float | None = None
    threshold: float | None = None
    at_most: bool = field(default=True, repr=False)

    @property
    def ok(self) -> bool:
        """Whether the figure keeps its threshold."""
        if self.threshold is None:
            return True
        return self.value <= self.threshold if self.at_most else self.value >= self.threshold

    def line(self) -> str:
        """Return the JSON line."""
        row = {key: value for key, value in asdict(self).items() if key != "at_most"}
        for key in ("value", "peer_value"):
            if row[key] is not None:
                row[key] = round(row[key], 4)
        return json.dumps({**row, "ok": self.ok})


def report(figures: Sequence[Figure]) -> int:
    """Print the figures; return the exit status: 1 where one is missed."""
    for figure in figures:
        print(figure.line())
    sys.stdout.flush()
    return 0 if all(figure.ok for figure in figures) else 1


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the percentile by the nearest rank, of a list that is not empty."""
    ordered = sorted(values)
    rank = max(0, min(len(ordered) - 1, round(percent / 100 * len(ordered) + 0.5) - 1))
    return ordered[rank]

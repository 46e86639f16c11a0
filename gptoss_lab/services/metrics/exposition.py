"""Metrics as Prometheus' text format.

The library's own writer escapes each name of each line anew, which takes most of the time of a scrape; ours
are all plain, and labels recur from scrape to scrape. It also tells when each series began, which doubles
the lines of a counter and which nobody asks for.

Source: https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from functools import lru_cache

from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric

MAX_KNOWN_LABELS = 20_000
_SUFFIXES = {"counter": "_total"}


def exposition(registry: CollectorRegistry) -> bytes:
    """Return all that a registry holds."""
    return "".join(_families(registry.collect())).encode()


def _families(metrics: Iterable[Metric]) -> Iterator[str]:
    for metric in metrics:
        name = f"{metric.name}{_SUFFIXES.get(metric.type, '')}"
        says = metric.documentation.replace("\\", r"\\").replace("\n", r"\n")
        yield f"# HELP {name} {says}\n# TYPE {name} {metric.type}\n"
        began = f"{metric.name}_created"
        for sample in metric.samples:
            if sample.name != began:
                labels = _labels(tuple(sample.labels.items())) if sample.labels else ""
                yield f"{sample.name}{labels} {_number(sample.value)}\n"


@lru_cache(MAX_KNOWN_LABELS)
def _labels(labels: tuple[tuple[str, str], ...]) -> str:
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels) + "}"


def _number(value: float) -> str:
    """Return a number as Go reads it."""
    if math.isfinite(value):
        return repr(float(value))
    return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")

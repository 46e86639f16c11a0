"""What is so at this moment, asked when the metrics are read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import psutil
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from gptoss_lab.schemas.model import ModelState, QueueState
from gptoss_lab.services.metrics.instruments import PREFIX


class Model(Protocol):
    """Whoever knows how the model stands."""

    def state(self) -> ModelState:
        """Return that; it reads memory only."""


class Queues(Protocol):
    """Whoever knows the queues of jobs."""

    def queues(self) -> Mapping[str, QueueState]:
        """Return how each kind of job stands."""


class LiveMetrics(Collector):
    """Gauges of the model, the engine, the queues and this process.

    Args:
        model: The model.
        queues: The jobs.
    """

    def __init__(self, model: Model, queues: Queues) -> None:
        self._model = model
        self._queues = queues

    def collect(self) -> Iterable[Metric]:
        """Yield what is so now; what an engine does not say is left out."""
        state = self._model.state()
        yield _gauge(
            "model_phase", "1 for the phase that the model is in.", ("phase",), [((state.phase,), 1.0)]
        )
        yield _gauge("model_restarts", "How often the engine was started again.", (), [((), state.restarts)])
        yield from _said("engine", "The engine's own figures.", state.metrics.model_dump())
        yield from _said("engine", "What the engine holds.", state.memory.model_dump())
        queues = self._queues.queues().items()
        yield _gauge("jobs_running", "Jobs at work.", ("kind",), [((kind,), q.running) for kind, q in queues])
        yield _gauge("jobs_waiting", "Jobs in line.", ("kind",), [((kind,), q.waiting) for kind, q in queues])
        yield _gauge(
            "jobs_slots", "Jobs that may work.", ("kind",), [((kind,), q.slots) for kind, q in queues]
        )
        resident = float(psutil.Process().memory_info().rss)
        yield _gauge("server_resident_bytes", "Memory of the Jupyter server.", (), [((), resident)])


def _said(prefix: str, says: str, values: Mapping[str, float | None]) -> Iterable[Metric]:
    for name, value in values.items():
        if value is not None:
            yield _gauge(f"{prefix}_{name}", says, (), [((), value)])


def _gauge(
    name: str, says: str, labels: Sequence[str], samples: Sequence[tuple[tuple[str, ...], float]]
) -> Metric:
    family = GaugeMetricFamily(f"{PREFIX}_{name}", says, labels=labels)
    for values, value in samples:
        family.add_metric(list(values), value)
    return family

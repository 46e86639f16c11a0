"""The metrics of one server, as Prometheus reads them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence

from prometheus_client.registry import Collector

from gptoss_lab.schemas.feedback import FeedbackItem
from gptoss_lab.schemas.model import EnginePhase
from gptoss_lab.schemas.monitor import Resources
from gptoss_lab.services.metrics.exposition import exposition
from gptoss_lab.services.metrics.instruments import Instruments
from gptoss_lab.services.metrics.job_metrics import JobMetrics, Kept
from gptoss_lab.services.metrics.loading import LoadingTimes
from gptoss_lab.services.metrics.machine import MachineMetrics
from gptoss_lab.services.metrics.stores import StoreMetrics

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class MetricsService:
    """Counts since this server started.

    Args:
        kept: Who keeps how jobs went over time; nobody when None.

    Attributes:
        jobs: Is told the events of jobs.
    """

    def __init__(self, kept: Kept | None = None) -> None:
        self._instruments = Instruments()
        self._loading = LoadingTimes(self._instruments.loading_s)
        self.jobs = JobMetrics(self._instruments, kept)

    def watch(self, live: Collector) -> None:
        """Have something asked each time that the metrics are read."""
        self._instruments.registry.register(live)

    def watch_resources(self, last: Callable[[], Resources]) -> None:
        """Have the last look at the machine told each time that the metrics are read."""
        self.watch(MachineMetrics(last))

    def watch_stores(self, faults: Callable[[], Mapping[str, str]]) -> None:
        """Have the faults of stores told each time that the metrics are read."""
        self.watch(StoreMetrics(faults))

    def review(self, items: Sequence[FeedbackItem]) -> None:
        """Count what a person decided."""
        for item in items:
            model = self._instruments.model(item.model)
            self._instruments.reviews.labels(item.generator, model, item.verdict).inc()

    def answered(self, route: str, verb: str, status: int, seconds: float | None) -> None:
        """Count an answer; `seconds` is None for a stream, and for one that waited for a job."""
        self._instruments.requests.labels(route, verb, str(status)).inc()
        if seconds is not None:
            self._instruments.request_s.labels(route).observe(seconds)

    def late(self, seconds: float) -> None:
        """Note how late the event loop was."""
        self._instruments.loop_lag_s.observe(seconds)

    def phase(self, phase: EnginePhase) -> None:
        """Note the phase that the hosted model is in."""
        self._loading.enter(phase)

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """Count a client that reads the events of a job."""
        with self._instruments.readers.track_inprogress():
            yield

    def text(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        return exposition(self._instruments.registry)

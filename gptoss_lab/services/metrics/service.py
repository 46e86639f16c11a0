"""The metrics of one server, as Prometheus reads them."""

from __future__ import annotations

from collections.abc import Sequence

from prometheus_client import generate_latest
from prometheus_client.registry import Collector

from gptoss_lab.schemas.feedback import FeedbackItem
from gptoss_lab.services.metrics.instruments import Instruments
from gptoss_lab.services.metrics.job_metrics import JobMetrics

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class MetricsService:
    """Counts since this server started.

    Attributes:
        jobs: Is told the events of jobs.
    """

    def __init__(self) -> None:
        self._instruments = Instruments()
        self.jobs = JobMetrics(self._instruments)

    def watch(self, live: Collector) -> None:
        """Have something asked each time that the metrics are read."""
        self._instruments.registry.register(live)

    def review(self, items: Sequence[FeedbackItem]) -> None:
        """Count what a person decided."""
        for item in items:
            self._instruments.reviews.labels(item.generator, item.model, item.verdict).inc()

    def text(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        return generate_latest(self._instruments.registry)

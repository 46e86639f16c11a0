"""The metrics as Prometheus reads them."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from gptoss_lab.schemas.feedback import FeedbackItem
from gptoss_lab.services.metrics.live import LiveMetrics
from gptoss_lab.services.metrics.service import MetricsService
from tests.fakes.jobs import jobs, runs
from tests.fakes.metrics import SteadyModel

ITEM = FeedbackItem(
    at="2026-01-01T00:00:00Z", job="j", cell="c", generator="model", model="m", verdict="edited"
)


def samples(service: MetricsService) -> dict[tuple[str, tuple[str, ...]], float]:
    """Return the samples by name and the values of their labels."""
    families = text_string_to_metric_families(service.text().decode())
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
    }


def test_reviews_are_counted() -> None:
    """By who wrote the cell and what became of it."""
    service = MetricsService()
    service.review([ITEM, ITEM.model_copy(update={"cell": "d"})])
    assert samples(service)["gptoss_lab_reviews_total", ("model", "m", "edited")] == 2


async def test_the_moment_is_told() -> None:
    """The model's phase, what the engine says and nothing that it does not, the queues, our memory."""
    service = MetricsService()
    queue = jobs(runs())
    service.watch(LiveMetrics(SteadyModel(), queue))
    found = samples(service)
    assert found["gptoss_lab_model_phase", ("ready",)] == 1
    assert found["gptoss_lab_engine_tokens_per_s", ()] == 30
    assert ("gptoss_lab_engine_ttft_s", ()) not in found
    assert found["gptoss_lab_jobs_slots", ("generate",)] == 4
    assert found["gptoss_lab_server_resident_bytes", ()] > 1 << 20
    await queue.close()

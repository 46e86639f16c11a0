"""The handler of `/api/v1/metrics`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from prometheus_client.parser import text_string_to_metric_families
from tornado.httpclient import HTTPResponse

from gptoss_lab.schemas.feedback import FeedbackItem
from tests.fakes.services import FakeServices

Fetch = Callable[..., Awaitable[HTTPResponse]]


async def test_metrics_are_text_that_prometheus_reads(services: FakeServices, jp_fetch: Fetch) -> None:
    """In its format; what a page tells of reviews is counted."""
    item = FeedbackItem(
        at="2026-01-01T00:00:00Z", job="j", cell="c", generator="examples", verdict="accepted"
    )
    body = f'{{"items": [{item.model_dump_json()}]}}'
    await jp_fetch("api", "v1", "feedback", method="POST", body=body)
    response = await jp_fetch("api", "v1", "metrics")
    assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    families = {family.name: family for family in text_string_to_metric_families(response.body.decode())}
    (sample,) = families["gptoss_lab_reviews"].samples[:1]
    assert (sample.labels["verdict"], sample.value) == ("accepted", 1)
    assert not services.closed

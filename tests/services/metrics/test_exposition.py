"""The text that Prometheus reads."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from gptoss_lab.services.metrics.exposition import exposition

Read = dict[str, tuple[str, str, dict[tuple[str, tuple[tuple[str, str], ...]], float]]]


def read(text: bytes) -> Read:
    """Return what the library's parser reads, without when each series began."""
    return {
        family.name: (
            family.type,
            family.documentation,
            {(sample.name, tuple(sorted(sample.labels.items()))): sample.value for sample in family.samples},
        )
        for family in text_string_to_metric_families(text.decode())
        if not family.name.endswith("_created")
    }


def test_it_says_what_the_librarys_writer_says() -> None:
    """Of each kind of metric, with labels that hold anything, and numbers that are none."""
    registry = CollectorRegistry()
    counter = Counter("x_jobs", 'Jobs\\ that "ended".', ("kind", "state"), registry=registry)
    counter.labels("a\\b\n", 'say "é"').inc(3)
    counter.labels("plain", "").inc(1e20)
    gauge = Gauge("x_now", "So it is.", registry=registry)
    gauge.set(float("nan"))
    Gauge("x_far", "As far as can be.", registry=registry).set(float("inf"))
    histogram = Histogram("x_seconds", "Time.", ("stage",), registry=registry, buckets=(0.1, 1))
    histogram.labels("draft").observe(0.5)
    ours, theirs = read(exposition(registry)), read(generate_latest(registry))
    assert repr(ours) == repr(theirs)
    assert ours["x_jobs"][2]["x_jobs_total", (("kind", "a\\b\n"), ("state", 'say "é"'))] == 3

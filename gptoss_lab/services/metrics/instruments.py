"""The counters and histograms, in a registry of our own.

Source: https://prometheus.io/docs/practices/naming/
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from gptoss_lab.services.metrics.vocabulary import Vocabulary

PREFIX = "gptoss_lab"
SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800)
FIRST_TEXT_S = (0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60)
ROUNDS = (0, 1, 2, 3)
TOKENS_PER_S = (1, 2, 5, 10, 20, 35, 50, 75, 100, 150, 200, 300, 500, 1000)
ANSWER_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
LAG_S = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
LOADING_S = (1, 2, 5, 10, 20, 40, 60, 90, 120, 180, 300, 600, 1200, 1800)


class Instruments:
    """All that is counted. Labels take words of ours, names of models and hashes, never free text.

    Attributes:
        registry: Knows them all.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        who = ("generator", "model", "templates")
        self.jobs = self._counter("jobs", "Jobs that ended, by kind and how.", "kind", "state")
        self.job_s = self._histogram("job_seconds", "Time from the start of a job to its end.", "kind")
        self.stage_s = self._histogram("stage_seconds", "Time that a stage of a generation took.", "stage")
        self.first_text_s = self._histogram(
            "first_text_seconds",
            "Time from the start of a generation to the first text of a cell.",
            "generator",
            buckets=FIRST_TEXT_S,
        )
        self.tokens = self._counter("tokens", "Tokens of the model, by what they were.", "kind")
        self.cells = self._counter(
            "cells", "Code cells of generations, by how far they came.", *who, "outcome"
        )
        self.generations = self._counter(
            "generations", "Generations, by whether all of their cells came through.", *who, "result"
        )
        self.repairs = self._histogram(
            "repair_rounds", "Rounds of repair that a generation took.", "generator", "model", buckets=ROUNDS
        )
        self.findings = self._counter("findings", "What the checks found.", "check", "severity")
        self.executions = self._counter("executions", "Executions, by how they ended.", "language", "status")
        self.execution_s = self._histogram("execution_seconds", "Time that an execution took.", "language")
        self.sandboxes = self._counter(
            "sandbox_starts", "Sandboxes that executions were given.", "runtime", "warm"
        )
        self.first_token_s = self._histogram(
            "first_token_seconds", "Time that a model took to its first token.", "model", buckets=FIRST_TEXT_S
        )
        self.tokens_per_s = self._histogram(
            "tokens_per_second", "Speed of the answers of a generation.", "model", buckets=TOKENS_PER_S
        )
        self.exceptions = self._counter(
            "cell_exceptions", "Runs of cells that failed, by what they raised or how they ended.", "name"
        )
        self.errors = self._counter("errors", "Jobs that failed, by the code of the error.", "code")
        self.reviews = self._counter(
            "reviews", "Cells that a person decided on.", "generator", "model", "verdict"
        )
        self._serving()
        self._models, self._makers = Vocabulary(), Vocabulary()

    def who(self, generator: str, model: str, templates: str) -> tuple[str, str, str]:
        """Return the labels of a generation; beyond a number of them, "other"."""
        if not (model or templates):
            return generator, "", ""
        model, templates = self._makers.known(model, templates)
        return generator, model, templates

    def model(self, name: str) -> str:
        """Return the label of a model that a page names."""
        return self._models.known(name)[0] if name else ""

    def _serving(self) -> None:
        self.requests = self._counter(
            "http_requests", "Answers of this server, by route.", "route", "method", "status"
        )
        self.request_s = self._histogram(
            "http_request_seconds",
            "Time that answers took; streams, and those that wait for a job, aside.",
            "route",
            buckets=ANSWER_S,
        )
        self.loop_lag_s = self._histogram(
            "loop_lag_seconds", "How late the event loop was, twice a second.", buckets=LAG_S
        )
        self.loading_s = self._histogram(
            "model_loading_seconds", "Time that a phase of a model's start took.", "phase", buckets=LOADING_S
        )
        self.readers = Gauge(
            f"{PREFIX}_stream_readers", "Clients that read the events of a job.", registry=self.registry
        )

    def _counter(self, name: str, says: str, *labels: str) -> Counter:
        return Counter(f"{PREFIX}_{name}", says, labels, registry=self.registry)

    def _histogram(
        self, name: str, says: str, *labels: str, buckets: tuple[float, ...] = SECONDS
    ) -> Histogram:
        return Histogram(f"{PREFIX}_{name}", says, labels, registry=self.registry, buckets=buckets)

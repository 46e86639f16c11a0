"""The counters and histograms, in a registry of our own.

Source: https://prometheus.io/docs/practices/naming/
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram

PREFIX = "gptoss_lab"
SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800)
FIRST_TEXT_S = (0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60)
ROUNDS = (0, 1, 2, 3)


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
            "repair_rounds", "Rounds of repair that a generation took.", "generator", buckets=ROUNDS
        )
        self.findings = self._counter("findings", "What the checks found.", "check", "severity")
        self.executions = self._counter("executions", "Executions, by how they ended.", "language", "status")
        self.execution_s = self._histogram("execution_seconds", "Time that an execution took.", "language")
        self.sandboxes = self._counter(
            "sandbox_starts", "Sandboxes that executions were given.", "runtime", "warm"
        )
        self.errors = self._counter("errors", "Jobs that failed, by the code of the error.", "code")
        self.reviews = self._counter(
            "reviews", "Cells that a person decided on.", "generator", "model", "verdict"
        )

    def _counter(self, name: str, says: str, *labels: str) -> Counter:
        return Counter(f"{PREFIX}_{name}", says, labels, registry=self.registry)

    def _histogram(
        self, name: str, says: str, *labels: str, buckets: tuple[float, ...] = SECONDS
    ) -> Histogram:
        return Histogram(f"{PREFIX}_{name}", says, labels, registry=self.registry, buckets=buckets)

"""Counts jobs from their events."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Protocol

from gptoss_lab.schemas.events import Failed, FindingEvent
from gptoss_lab.schemas.runs import JobEvent, RunEnd, RunStart
from gptoss_lab.services.job import Job
from gptoss_lab.services.metrics.course import Course, cited_docs, outcome_of
from gptoss_lab.services.metrics.instruments import Instruments
from gptoss_lab.services.quality.facts import JobFact, Result, Tallied
from gptoss_lab.services.transcript import Transcript

CAME_THROUGH = frozenset({"ran", "checked"})


class Kept(Protocol):
    """Whoever keeps figures over time; neither method waits."""

    def ended(self, fact: JobFact) -> None:
        """Keep how a job went."""

    def tally(self, what: Tallied, name: str, seconds: float = 0.0, *, count: int = 1) -> None:
        """Count something, and how long each took."""


class JobMetrics:
    """Is told each event of each job, and adds it up.

    Args:
        instruments: Where it is added.
        kept: Who keeps it over time; nobody when None.
        clock: Seconds that only go forward.
        wall: Seconds since the epoch.
    """

    def __init__(
        self,
        instruments: Instruments,
        kept: Kept | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._in = instruments
        self._kept = kept
        self._clock = clock
        self._wall = wall
        self._courses: dict[str, Course] = {}

    def begin(self, job: Job) -> None:
        """Note that a job exists; its time counts from its first event, which ends its wait."""
        self._courses[job.name] = Course(self._clock(), job.transcript.summary().kind)

    def note(self, job: Job, event: JobEvent) -> None:
        """Count an event."""
        course = self._courses.get(job.name)
        if course is None:
            return
        course.note(event, self._clock())
        if isinstance(event, FindingEvent):
            self._in.findings.labels(event.finding.check, event.finding.severity).inc()
        elif isinstance(event, RunStart):
            course.language = event.language
            self._in.sandboxes.labels(event.runtime, str(event.warm).lower()).inc()
        if job.ended:
            del self._courses[job.name]
            self._end(job, course, event)

    def _end(self, job: Job, course: Course, event: JobEvent) -> None:
        now_s = self._clock()
        state, took_s = job.transcript.summary().state, now_s - course.began_s
        if state == "done":  # a stage that was cut short says nothing of how long it takes
            course.leave(now_s)
        self._in.jobs.labels(course.kind, state).inc()
        self._in.job_s.labels(course.kind).observe(took_s)
        self._errors(course, event)
        self._times(course)
        for name, count in course.usage.model_dump().items():
            self._in.tokens.labels(name.removesuffix("_tokens")).inc(count)
        if isinstance(event, RunEnd):
            self._in.executions.labels(course.language, event.status).inc()
            self._in.execution_s.labels(course.language).observe(event.duration_s)
        fact = self._fact(job, course, event, took_s) if state != "cancelled" else None
        if fact is not None and self._kept is not None:
            self._kept.ended(fact)

    def _errors(self, course: Course, event: JobEvent) -> None:
        problem = event.problem if isinstance(event, (Failed, RunEnd)) else None
        if problem is not None:
            self._in.errors.labels(problem.code).inc()
            if self._kept is not None:
                self._kept.tally("job", problem.code)
        for name, count in course.exceptions.items():
            self._in.exceptions.labels(name).inc(count)
            if self._kept is not None:
                self._kept.tally("cell", name, count=count)

    def _times(self, course: Course) -> None:
        generator, model, _ = self._in.who(*course.who)
        for stage, took_s in course.stages:
            self._in.stage_s.labels(stage).observe(took_s)
            if self._kept is not None:
                self._kept.tally("stage", stage, took_s)
        if course.first_text_s is not None:
            self._in.first_text_s.labels(generator).observe(course.first_text_s)
        if generator != "model":
            return
        for took_s in course.first_tokens_s:
            self._in.first_token_s.labels(model).observe(took_s)
        if course.tokens_per_s is not None:
            self._in.tokens_per_s.labels(model).observe(course.tokens_per_s)

    def _fact(self, job: Job, course: Course, event: JobEvent, took_s: float) -> JobFact | None:
        at = self._wall()
        if isinstance(event, RunEnd):
            return JobFact(at, job.name, "execute", ok=event.status == "ok", duration_s=took_s)
        if course.kind != "generate" or not isinstance(job.transcript, Transcript):
            return None
        cells = job.transcript.sheet.code()
        outcomes = Counter(outcome_of(cell) for cell in cells)
        result = _result(outcomes, failed=isinstance(event, Failed))
        self._generation(course, outcomes, result)
        generator, model, templates = course.who
        return JobFact(
            at,
            job.name,
            "generate",
            generator,
            model,
            templates,
            docs=cited_docs(cells, course.generator.corpora if course.generator else ()),
            result=result,
            unparsed=outcomes["unparsed"],
            failed_check=outcomes["failed_check"],
            failed_run=outcomes["failed_run"],
            checked=outcomes["checked"],
            ran=outcomes["ran"],
            rounds=course.rounds,
            first_text_s=course.first_text_s,
            tokens_per_s=course.tokens_per_s if generator == "model" else None,
            duration_s=took_s,
        )

    def _generation(self, course: Course, outcomes: Counter[str], result: Result) -> None:
        who = self._in.who(*course.who)
        for outcome, count in outcomes.items():
            self._in.cells.labels(*who, outcome).inc(count)
        self._in.generations.labels(*who, result).inc()
        self._in.repairs.labels(*who[:2]).observe(course.rounds)


def _result(outcomes: Counter[str], *, failed: bool) -> Result:
    if failed:
        return "failed"
    if not outcomes:
        return "empty"
    return "good" if CAME_THROUGH.issuperset(outcomes) else "partial"

"""Counts jobs from their events."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from gptoss_lab.schemas.events import CellDelta, Done, Failed, FindingEvent, Generator, Repair, Stage, Usage
from gptoss_lab.schemas.generation import GeneratedCell, TokenUsage
from gptoss_lab.schemas.runs import JobEvent, RunEnd, RunStart
from gptoss_lab.services.job import Job
from gptoss_lab.services.metrics.instruments import Instruments
from gptoss_lab.services.transcript import Transcript


@dataclass(slots=True)
class _Course:
    """How far a job has come."""

    began_s: float
    kind: str
    stage: str = ""
    stage_s: float = 0.0
    generator: Generator | None = None
    has_text: bool = False
    rounds: int = 0
    usage: TokenUsage = field(default_factory=TokenUsage)
    language: str = ""


class JobMetrics:
    """Is told each event of each job, and adds it up.

    Args:
        instruments: Where it is added.
        clock: Seconds that only go forward.
    """

    def __init__(self, instruments: Instruments, clock: Callable[[], float] = time.monotonic) -> None:
        self._in = instruments
        self._clock = clock
        self._courses: dict[str, _Course] = {}

    def begin(self, job: Job) -> None:
        """Note that a job exists; its time counts from its first event, which ends its wait."""
        self._courses[job.name] = _Course(self._clock(), job.transcript.summary().kind)

    def note(self, job: Job, event: JobEvent) -> None:
        """Count an event."""
        course = self._courses.get(job.name)
        if course is None:
            return
        if isinstance(event, (RunStart, RunEnd)):
            self._run(course, event)
        elif isinstance(event, Stage):
            self._enter(course, event.stage)
        elif isinstance(event, CellDelta):
            self._text(course)
        elif isinstance(event, FindingEvent):
            self._in.findings.labels(event.finding.check, event.finding.severity).inc()
        else:
            _follow(course, event)
        if job.ended:
            self._end(job, course, event)

    def _enter(self, course: _Course, stage: str) -> None:
        now = self._clock()
        if course.stage:
            self._in.stage_s.labels(course.stage).observe(now - course.stage_s)
        else:
            course.began_s = now
        course.stage, course.stage_s = stage, now

    def _text(self, course: _Course) -> None:
        if not course.has_text:
            course.has_text = True
            self._in.first_text_s.labels(_who(course)[0]).observe(self._clock() - course.began_s)

    def _run(self, course: _Course, event: RunStart | RunEnd) -> None:
        if isinstance(event, RunStart):
            course.language = event.language
            self._in.sandboxes.labels(event.runtime, str(event.warm).lower()).inc()
            return
        self._in.executions.labels(course.language, event.status).inc()
        self._in.execution_s.labels(course.language).observe(event.duration_s)

    def _end(self, job: Job, course: _Course, event: JobEvent) -> None:
        del self._courses[job.name]
        summary = job.transcript.summary()
        self._in.jobs.labels(course.kind, summary.state).inc()
        self._in.job_s.labels(course.kind).observe(self._clock() - course.began_s)
        problem = event.problem if isinstance(event, (Failed, RunEnd)) else None
        if problem is not None:
            self._in.errors.labels(problem.code).inc()
        for name, count in course.usage.model_dump().items():
            self._in.tokens.labels(name.removesuffix("_tokens")).inc(count)
        if course.kind == "generate" and isinstance(job.transcript, Transcript):
            cells = job.transcript.sheet.code()
            self._generation(course, cells, done=isinstance(event, Done) and event.state == "done")

    def _generation(self, course: _Course, cells: Iterable[GeneratedCell], *, done: bool) -> None:
        who = _who(course)
        outcomes = [outcome_of(cell) for cell in cells]
        for outcome in outcomes:
            self._in.cells.labels(*who, outcome).inc()
        good = all(outcome in {"ran", "checked"} for outcome in outcomes)
        result = "failed" if not done else "good" if good and outcomes else "partial" if outcomes else "empty"
        self._in.generations.labels(*who, result).inc()
        self._in.repairs.labels(who[0]).observe(course.rounds)


def _follow(course: _Course, event: JobEvent) -> None:
    if isinstance(event, Generator):
        course.generator = event
    elif isinstance(event, Repair):
        course.rounds = max(course.rounds, event.round)
    elif isinstance(event, Usage):
        course.usage = event.usage


def outcome_of(cell: GeneratedCell) -> str:
    """Return how far a code cell came: it ran, was checked, or failed at which of the hurdles."""
    wrong = {finding.check for finding in cell.findings if finding.severity == "error"}
    if "syntax" in wrong:
        return "unparsed"
    if wrong:
        return "failed_check"
    if cell.verification is None:
        return "checked"
    return "ran" if cell.verification.status == "ok" else "failed_run"


def _who(course: _Course) -> tuple[str, str, str]:
    told = course.generator
    return (told.generator, told.model, told.templates) if told else ("", "", "")

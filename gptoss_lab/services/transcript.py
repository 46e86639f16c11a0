"""A job as it stands, folded from its events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Literal

from gptoss_lab.errors import GptossError
from gptoss_lab.sandbox.outputs import content_bytes
from gptoss_lab.schemas.events import (
    CellClose,
    CellDelta,
    Done,
    EnvironmentEvent,
    Event,
    Failed,
    Generator,
    Queued,
    Reasoning,
    Repair,
    Stage,
    Usage,
    VerificationEvent,
    VersionGapEvent,
    Warn,
)
from gptoss_lab.schemas.generation import (
    CodeGenerationRequest,
    CodeGenerationResponse,
    JobState,
    JobSummary,
    Problem,
    TokenUsage,
)
from gptoss_lab.services.job import EVENT_BYTES
from gptoss_lab.services.paper_sheet import PaperSheet
from gptoss_lab.services.problems import problem_of
from gptoss_lab.services.sheet import Sheet

MAX_SUMMARY_CHARS = 200


class Transcript:
    """Folds the events of one job into its response.

    Args:
        job: The job's id.
        request: What was asked.
    """

    def __init__(self, job: str, request: CodeGenerationRequest) -> None:
        self._job = job
        self._request = request
        self._state: JobState = "queued"
        self.created_at = now()
        self.finished_at = ""
        self._generator: Generator | None = None
        self._stage: Stage | None = None
        self._usage = TokenUsage()
        self._repairs = 0
        self._warnings: list[str] = []
        self._gaps: dict[str, VersionGapEvent] = {}
        self._problem: Problem | None = None
        self.last_seq = 0
        self._environment: EnvironmentEvent | None = None
        self.sheet = Sheet()
        self._paper = PaperSheet()

    @property
    def ended(self) -> bool:
        """Say whether the last event was seen."""
        return bool(self.finished_at)

    def apply(self, event: Event) -> None:
        """Fold one event in; what follows the last event is ignored."""
        if self.ended:
            return
        self.last_seq = max(self.last_seq, event.seq)
        self.sheet.apply(event)
        self._paper.apply(event)
        if not isinstance(event, Queued) and self._state == "queued":
            self._state = "running"
        self._note(event)
        if isinstance(event, VersionGapEvent):
            self._gaps[event.gap.corpus] = event
        if isinstance(event, (Done, Failed)):
            self._state = event.state if isinstance(event, Done) else "error"
            self.finished_at = now()

    def _note(self, event: Event) -> None:
        if isinstance(event, Generator):
            self._generator = event
        elif isinstance(event, EnvironmentEvent):
            self._environment = event
        elif isinstance(event, Stage):
            self._stage = event
        elif isinstance(event, Usage):
            self._usage = event.usage
        elif isinstance(event, Repair):
            self._repairs = max(self._repairs, event.round)
        elif isinstance(event, Warn):
            self._warnings.append(f"{event.message} {event.hint}".strip())
        elif isinstance(event, Failed):
            self._problem = event.problem

    def response(self) -> CodeGenerationResponse:
        """Return the job as it stands."""
        answered = self._generator
        return CodeGenerationResponse(
            job=self._job,
            state=self._state,
            task=self._request.task,
            language=self._request.language,
            generator=answered.generator if answered else None,
            model=answered.model if answered else "",
            seed=answered.seed if answered else self._request.seed,
            templates=answered.templates if answered else "",
            edit=self._request.edit.kind if self._request.edit else None,
            created_at=self.created_at,
            finished_at=self.finished_at,
            stage=self._stage.stage if self._stage else "",
            last_seq=self.last_seq,
            cells=tuple(self.sheet.cells()),
            corpora=answered.corpora if answered else (),
            usage=self._usage,
            repairs=self._repairs,
            warnings=tuple(self._warnings),
            gaps=tuple(event.gap for event in self._gaps.values()),
            sandbox=answered.sandbox if answered else None,
            environment=self._environment.environment if self._environment else None,
            paper=self._paper.report(),
            error=self._problem,
        )

    def summary(self) -> JobSummary:
        """Return the job in short: a list of many must be quick to make and to send."""
        answered = self._generator
        cells, verified = self.sheet.counts()
        return JobSummary(
            edit=self._request.edit.kind if self._request.edit else None,
            job=self._job,
            state=self._state,
            task=self._request.task[:MAX_SUMMARY_CHARS],
            language=self._request.language,
            generator=answered.generator if answered else None,
            model=answered.model if answered else "",
            created_at=self.created_at,
            finished_at=self.finished_at,
            stage=self._stage.stage if self._stage else "",
            cells=cells,
            verified=verified,
        )

    def catch_up(self) -> list[Event]:
        """Return events that lead a reader who missed some to where the job stands.

        They carry no number: a reader that is cut off within them starts over.
        """
        events: list[Event] = [event for event in (self._generator,) if event]
        events += self._paper.replay()
        events += self.sheet.replay()
        events += self._gaps.values()
        events += [self._environment] if self._environment else []
        events += [Usage(usage=self._usage)] if self._usage != TokenUsage() else []
        events += [event for event in (self._stage,) if event]
        return [event.model_copy(update={"seq": 0, "job": self._job}) for event in events]

    def weigh(self, event: Event) -> int:
        """Return about how many bytes an event holds."""
        if isinstance(event, CellDelta):
            return EVENT_BYTES + len(event.text)
        if isinstance(event, CellClose):
            return EVENT_BYTES + len(event.source)
        return EVENT_BYTES + (
            content_bytes(event.verification.outputs) if isinstance(event, VerificationEvent) else 0
        )

    def remembered(self, event: Event) -> Event:
        """Return the event; reasoning is shown while it comes, and then forgotten."""
        return event.model_copy(update={"text": ""}) if isinstance(event, Reasoning) else event

    def merge(self, batch: Sequence[Event]) -> Sequence[Event]:
        """Return the batch as it is: a model writes slowly."""
        return batch

    def queued(self, position: int) -> Event:
        """Return the event that tells the job's place in the queue."""
        return Queued(position=position)

    def last(self, how: Literal["cancelled"] | GptossError) -> Sequence[Event]:
        """Return the events that end a job which did not end by itself; half a cell is taken back."""
        closes = self.sheet.abandon()
        if isinstance(how, GptossError):
            return [*closes, Failed(problem=problem_of(how))]
        cells, verified = self.sheet.counts()
        told = "Stopped. Finished cells are kept."
        return [*closes, Done(state=how, cells=cells, verified=verified, message=told)]


def now() -> str:
    """Return the time in UTC as the wire carries it."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")

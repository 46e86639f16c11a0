"""The events of a job: one stream for HTTP, the CLI and the magic.

`seq` counts from 1 within a job without gaps, so a reader that was cut off resumes after the
last one that it saw.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from gptoss_lab.schemas.base import Language, Wire
from gptoss_lab.schemas.documents import Citation, CorpusInfo, VersionGap
from gptoss_lab.schemas.execution import CellVerification, Environment, SandboxStatus
from gptoss_lab.schemas.generation import CellKind, JobState, Problem, TokenUsage
from gptoss_lab.schemas.papers import Claim, PaperSummary, PlanValue, Unit
from gptoss_lab.schemas.review import Change, Finding, GeneratorName

StageName = Literal[
    "load",
    "units",
    "plan",
    "packages",
    "collect",
    "retrieve",
    "prompt",
    "stream",
    "parse",
    "check",
    "verify",
    "repair",
    "claims",
    "done",
]


class BaseEvent(Wire):
    """What every event carries. `seq` is 0 until the job numbers it."""

    seq: int = Field(default=0, ge=0)
    job: str = ""


class Queued(BaseEvent):
    """The job exists. `position` counts the jobs ahead of it."""

    type: Literal["queued"] = "queued"
    position: int = 0


class Stage(BaseEvent):
    """A stage begins."""

    type: Literal["stage"] = "stage"
    stage: StageName
    detail: str = ""


class Progress(BaseEvent):
    """A stage moves on. `total` is 0 while it is not known. `message` says what is being done."""

    type: Literal["progress"] = "progress"
    stage: StageName
    message: str = ""
    done: int = 0
    total: int = 0


class Generator(BaseEvent):
    """Which generator answers from which documentation, said before the first cell.

    `seed` is what a replay needs; None where the generator draws no lots. `templates` is the version of
    the templates of the prompts, a hash of their texts.
    """

    type: Literal["generator"] = "generator"
    generator: GeneratorName
    model: str = ""
    seed: int | None = None
    templates: str = ""
    sandbox: SandboxStatus
    corpora: tuple[CorpusInfo, ...] = ()


class Reasoning(BaseEvent):
    """A delta of the model's reasoning: shown collapsed, never stored."""

    type: Literal["reasoning"] = "reasoning"
    text: str


class CellOpen(BaseEvent):
    """A cell begins. `index` counts from 0 in the order of the notebook.

    Where `change` is not `new`, `target` is the notebook's cell that gets this text; one that is to be
    deleted is closed with the text that it has.
    """

    type: Literal["cell_open"] = "cell_open"
    cell: str
    index: int
    kind: CellKind
    language: Language
    change: Change = "new"
    target: str = ""


class CellDelta(BaseEvent):
    """Text to append to an open cell."""

    type: Literal["cell_delta"] = "cell_delta"
    cell: str
    text: str


class CellClose(BaseEvent):
    """The cell is complete. `source` is its whole text and replaces what was streamed.

    An empty `source` says that the cell fell away: remove it. `units` are the requirements of a paper that
    it implements.
    """

    type: Literal["cell_close"] = "cell_close"
    cell: str
    source: str
    sources: tuple[Citation, ...] = ()
    units: tuple[str, ...] = ()


class FindingEvent(BaseEvent):
    """A check has something to say of a cell."""

    type: Literal["finding"] = "finding"
    finding: Finding


class VerificationEvent(BaseEvent):
    """A cell was run in the sandbox."""

    type: Literal["verification"] = "verification"
    cell: str
    verification: CellVerification


class EnvironmentEvent(BaseEvent):
    """What the cells ran in. Said again only where that has changed."""

    type: Literal["environment"] = "environment"
    environment: Environment


class Repair(BaseEvent):
    """A round of repair begins for these cells; each is closed again with its new text.

    `rounds` is how many there may be; 0 where examples give way to others, one after the other. What the
    rounds cost stands in the `usage` events.
    """

    type: Literal["repair"] = "repair"
    round: int
    rounds: int = 0
    cells: tuple[str, ...]
    reason: str = ""


class PaperEvent(BaseEvent):
    """The paper as far as it is known. Said again where more is, or where the scope is chosen."""

    type: Literal["paper"] = "paper"
    paper: PaperSummary
    scope: tuple[str, ...] = ()
    config: tuple[PlanValue, ...] = ()
    assumptions: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


class UnitEvent(BaseEvent):
    """A requirement was found in the paper; one that was told before is replaced."""

    type: Literal["unit"] = "unit"
    unit: Unit


class ClaimEvent(BaseEvent):
    """A number that the paper prints; one that was told before is replaced."""

    type: Literal["claim"] = "claim"
    claim: Claim


class Usage(BaseEvent):
    """What the model has consumed so far."""

    type: Literal["usage"] = "usage"
    usage: TokenUsage


class Warn(BaseEvent):
    """Something the person should know; the job goes on."""

    type: Literal["warning"] = "warning"
    message: str
    hint: str = ""


class VersionGapEvent(BaseEvent):
    """Documentation is of another version than what is installed. A warning with the same words follows."""

    type: Literal["version_gap"] = "version_gap"
    gap: VersionGap


class Done(BaseEvent):
    """The job has ended by itself or was cancelled. Nothing follows."""

    type: Literal["done"] = "done"
    state: JobState
    cells: int
    verified: int = 0
    message: str = ""


class Failed(BaseEvent):
    """The job has failed. The cells that were closed before are kept. Nothing follows."""

    type: Literal["error"] = "error"
    problem: Problem


Event = Annotated[
    Queued
    | Stage
    | Progress
    | Generator
    | Reasoning
    | CellOpen
    | CellDelta
    | CellClose
    | FindingEvent
    | VerificationEvent
    | EnvironmentEvent
    | Repair
    | PaperEvent
    | UnitEvent
    | ClaimEvent
    | Usage
    | Warn
    | VersionGapEvent
    | Done
    | Failed,
    Field(discriminator="type"),
]

EVENT: TypeAdapter[Event] = TypeAdapter(Event)
TERMINAL = ("done", "error")

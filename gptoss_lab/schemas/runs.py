"""What an execution tells: events, one per kernel message that may be shown, and its outcome.

`seq` counts from 1 within a job; a reader that lags behind gets several pieces of a stream as one
event, with the number of the last. `cell` is the number of the cell, from 0.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from gptoss_lab.schemas.base import Language, Wire
from gptoss_lab.schemas.events import Event
from gptoss_lab.schemas.execution import CellVerification, Environment, Limits, RunStatus, RuntimeName
from gptoss_lab.schemas.generation import CodeGenerationResponse, JobState, Problem
from gptoss_lab.schemas.review import Finding
from gptoss_lab.schemas.sandboxes import SandboxFile, SandboxUsage


class RunEvent(Wire):
    """What every event carries. `seq` is 0 until the job numbers it; `t` is seconds since the start."""

    seq: int = Field(default=0, ge=0)
    job: str = ""
    t: float = 0.0


class RunQueued(RunEvent):
    """The job exists. `position` counts the jobs ahead of it."""

    type: Literal["queued"] = "queued"
    position: int = 0


class RunFinding(RunEvent):
    """The check before the run has something to say of a cell."""

    type: Literal["finding"] = "finding"
    cell: int
    finding: Finding


class RunStart(RunEvent):
    """The sandbox answers. Said once, before the first cell.

    A `warm` one had been started before: it was kept, or waited for its first use.
    """

    type: Literal["start"] = "start"
    sandbox: str
    language: Language
    runtime: RuntimeName
    isolation: str = ""
    image: str
    limits: Limits
    cells: int
    warm: bool = False
    environment: Environment | None = None
    data: tuple[str, ...] = ()


class CellStart(RunEvent):
    """A cell begins. A reader that already has outputs of it drops them."""

    type: Literal["cell_start"] = "cell_start"
    cell: int


class Stdout(RunEvent):
    """Text that the cell wrote."""

    type: Literal["stdout"] = "stdout"
    cell: int
    text: str


class Stderr(RunEvent):
    """Text that the cell wrote to standard error."""

    type: Literal["stderr"] = "stderr"
    cell: int
    text: str


class Result(RunEvent):
    """The cell's value, as a filtered MIME bundle."""

    type: Literal["result"] = "result"
    cell: int
    data: dict[str, Any]
    metadata: dict[str, Any] = Field(default_factory=dict)
    execution_count: int | None = None


class Display(RunEvent):
    """Something the cell shows. `display` names it where it may be updated."""

    type: Literal["display"] = "display"
    cell: int
    data: dict[str, Any]
    metadata: dict[str, Any] = Field(default_factory=dict)
    display: str = ""


class UpdateDisplay(RunEvent):
    """Replaces what was shown under the same name, in whatever cell."""

    type: Literal["update_display"] = "update_display"
    cell: int
    data: dict[str, Any]
    metadata: dict[str, Any] = Field(default_factory=dict)
    display: str


class ClearOutput(RunEvent):
    """The cell's outputs fall away; with `wait`, when the next one comes."""

    type: Literal["clear_output"] = "clear_output"
    cell: int
    wait: bool = False


class CellError(RunEvent):
    """The cell raised."""

    type: Literal["error"] = "error"
    cell: int
    ename: str
    evalue: str
    traceback: tuple[str, ...] = ()


class Truncated(RunEvent):
    """What follows of this cell is not shown."""

    type: Literal["truncated"] = "truncated"
    cell: int
    what: Literal["bytes", "messages"]
    limit: int


class CellEnd(RunEvent):
    """A cell has ended. `verification` carries no outputs: they were events."""

    type: Literal["cell_end"] = "cell_end"
    cell: int
    verification: CellVerification


class RunUsage(RunEvent):
    """What the sandbox uses now."""

    type: Literal["usage"] = "usage"
    usage: SandboxUsage


class Keepalive(RunEvent):
    """The run goes on and has nothing to say."""

    type: Literal["keepalive"] = "keepalive"


class RunEnd(RunEvent):
    """The run has ended. Nothing follows.

    `sandbox` names the one that lives on; `state_lost` says that the one that was named, or that
    was to be kept, is gone. `problem` is set where the run could not begin or the sandbox failed.
    """

    type: Literal["end"] = "end"
    status: RunStatus
    sandbox: str = ""
    duration_s: float = 0.0
    state_lost: bool = False
    usage_peak: SandboxUsage = SandboxUsage()
    files: tuple[SandboxFile, ...] = ()
    problem: Problem | None = None


ExecutionEvent = Annotated[
    RunQueued
    | RunFinding
    | RunStart
    | CellStart
    | Stdout
    | Stderr
    | Result
    | Display
    | UpdateDisplay
    | ClearOutput
    | CellError
    | Truncated
    | CellEnd
    | RunUsage
    | Keepalive
    | RunEnd,
    Field(discriminator="type"),
]

EXECUTION_EVENT: TypeAdapter[ExecutionEvent] = TypeAdapter(ExecutionEvent)


class ExecutionResponse(Wire):
    """An execution as it stands now: the cells that have ended, with their outputs.

    `status` is None until it has ended, and then the first that is not ok. `sandbox` names the one
    that lives on.
    """

    kind: Literal["execute"] = "execute"
    job: str = ""
    state: JobState = "done"
    status: RunStatus | None = None
    language: Language = "python"
    created_at: str = ""
    finished_at: str = ""
    last_seq: int = 0
    findings: tuple[Finding, ...] = ()
    cells: tuple[CellVerification, ...] = ()
    duration_s: float = Field(default=0.0, ge=0)
    peak_memory_bytes: int | None = None
    usage_peak: SandboxUsage = SandboxUsage()
    runtime: RuntimeName = "none"
    image: str = ""
    environment: Environment | None = None
    sandbox: str = ""
    state_lost: bool = False
    files: tuple[SandboxFile, ...] = ()
    error: Problem | None = None


JobEvent = Event | ExecutionEvent
JobResponse = Annotated[CodeGenerationResponse | ExecutionResponse, Field(discriminator="kind")]

"""What a generation is asked and what it answers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gptoss_lab.schemas.base import Effort, Language, Wire
from gptoss_lab.schemas.documents import Citation, CorpusInfo, DocSource, VersionGap
from gptoss_lab.schemas.execution import (
    CellVerification,
    DataPaths,
    Environment,
    LimitOverrides,
    SandboxStatus,
)
from gptoss_lab.schemas.papers import PaperAsk, PaperReport
from gptoss_lab.schemas.review import Change, Finding, GeneratorName

MAX_TASK_CHARS = 16_000
MAX_CONTEXT_CHARS = 400_000
MAX_ERROR_CHARS = 40_000
MAX_RULES_CHARS = 4000

JobState = Literal["queued", "running", "done", "error", "cancelled"]
JobKind = Literal["generate", "execute", "add"]
CellKind = Literal["code", "markdown"]
EditKind = Literal["edit", "fix", "explain", "example", "port", "redo"]
CHANGING: frozenset[EditKind] = frozenset({"edit", "fix", "redo"})
"""The edits that change the cells themselves; the others put new cells below."""


class NotebookColumn(Wire):
    """A column of a table: its name, and its type as the library calls it, e.g. `int64`."""

    name: str = Field(max_length=200)
    type: str = Field(default="", max_length=200)


class NotebookVariable(Wire):
    """What a variable of the kernel is, never what it holds.

    Attributes:
        type: The qualified name of its class: `pandas.core.frame.DataFrame`, of R `data.frame`.
        shape: Its dimensions; empty where it has none.
        columns: Those of a table, in order, the first of them where there are many.
    """

    name: str = Field(min_length=1, max_length=200)
    type: str = Field(max_length=300)
    shape: tuple[Annotated[int, Field(ge=0)], ...] = Field(default=(), max_length=16)
    columns: tuple[NotebookColumn, ...] = Field(default=(), max_length=200)


class NotebookContext(Wire):
    """What the notebook already holds, as source text and descriptions; never outputs or data.

    `cells` are the code cells above the place of insertion, in order; `variables` are those of the live
    kernel, where the person lets them be told.
    """

    path: str = ""
    cells: tuple[str, ...] = Field(default=(), max_length=2000)
    variables: tuple[NotebookVariable, ...] = Field(default=(), max_length=200)


class EditedCell(Wire):
    """A cell of the notebook that an edit is about; `error` is the traceback below it."""

    id: str = Field(min_length=1, max_length=200)
    kind: CellKind = "code"
    language: Language = "python"
    source: str = Field(default="", max_length=MAX_CONTEXT_CHARS)
    error: str = Field(default="", max_length=MAX_ERROR_CHARS)


class CellEdit(Wire):
    """Work on cells that are there, in the order of the notebook; the task is the instruction.

    `edit`, `fix` and `redo` change these cells, and may delete one; `explain`, `example` and `port`
    put new cells below the last of them. A port is written in the request's language.
    """

    kind: EditKind
    cells: tuple[EditedCell, ...] = Field(min_length=1, max_length=20)


class CodeGenerationRequest(Wire):
    """A task in words, the documentation to use, and how much to spend on it.

    Without an `effort` the server's own holds. `data` is what of their files the person agrees to show
    the sandbox that verifies the cells, read-only at `/data`. At most `max_cells` code cells are made.
    `house_rules` are the person's own, which stand beside each of their tasks. With `source_lines` text cells
    say where the code below them comes from. With a `paper` the cells
    implement it, and the task says what of it matters.
    """

    task: str = Field(min_length=1, max_length=MAX_TASK_CHARS)
    sources: tuple[DocSource, ...] = Field(default=(), max_length=32)
    language: Language = "python"
    kernel: str = Field(default="", max_length=200)
    generator: Literal["auto", "model", "examples"] = "auto"
    effort: Effort | None = None
    verify: bool = True
    max_repairs: int = Field(default=3, ge=0, le=3)
    limits: LimitOverrides = LimitOverrides()
    data: DataPaths = ()
    context: NotebookContext = NotebookContext()
    edit: CellEdit | None = None
    paper: PaperAsk | None = None
    house_rules: str = Field(default="", max_length=MAX_RULES_CHARS)
    source_lines: bool = False
    max_cells: int | None = Field(default=None, ge=1, le=40)
    seed: int | None = None


class GeneratedCell(Wire):
    """A cell that the pipeline has closed; `target` is the notebook's cell that it changes or deletes.

    `units` are the ids of the requirements of a paper that it implements.
    """

    id: str
    kind: CellKind
    change: Change = "new"
    target: str = ""
    language: Language
    source: str
    sources: tuple[Citation, ...] = ()
    units: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    verification: CellVerification | None = None


class TokenUsage(Wire):
    """What the model consumed.

    Attributes:
        cached_tokens: Of the prompt, what the server's cache served.
        drafted_tokens: What was speculated; 0 where the server does not say.
        accepted_tokens: What of it was accepted.
    """

    prompt_tokens: int = Field(default=0, ge=0)
    completion_tokens: int = Field(default=0, ge=0)
    reasoning_tokens: int = Field(default=0, ge=0)
    cached_tokens: int = Field(default=0, ge=0)
    drafted_tokens: int = Field(default=0, ge=0)
    accepted_tokens: int = Field(default=0, ge=0)

    def __add__(self, other: TokenUsage) -> TokenUsage:
        """Return what two requests consumed together."""
        fields = type(self).model_fields
        return TokenUsage(**{name: getattr(self, name) + getattr(other, name) for name in fields})


class Problem(Wire):
    """An error as the wire carries it (RFC 9457 members, with our code and hint).

    Source: https://www.rfc-editor.org/rfc/rfc9457
    """

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""
    code: str
    hint: str = ""


class RequestProblem(Problem):
    """A problem as the answer to a request; `request_id` is what the server's log calls that."""

    request_id: str


class CodeGenerationResponse(Wire):
    """A generation job as it stands now. `templates` is the version of those of its prompts."""

    kind: Literal["generate"] = "generate"
    job: str
    state: JobState
    task: str
    language: Language
    generator: GeneratorName | None = None
    model: str = ""
    seed: int | None = None
    edit: EditKind | None = None
    created_at: str
    finished_at: str = ""
    stage: str = ""
    last_seq: int = 0
    cells: tuple[GeneratedCell, ...] = ()
    corpora: tuple[CorpusInfo, ...] = ()
    usage: TokenUsage = TokenUsage()
    repairs: int = 0
    warnings: tuple[str, ...] = ()
    gaps: tuple[VersionGap, ...] = ()
    sandbox: SandboxStatus | None = None
    environment: Environment | None = None
    templates: str = ""
    paper: PaperReport | None = None
    error: Problem | None = None


class JobAccepted(Wire):
    """The answer to a request that started a job."""

    job: str
    events: str
    state: JobState = "queued"


class JobSummary(Wire):
    """One job in a list: enough to find it, and of a bounded size.

    `task` of an execution is the start of its code. `cells` and `verified` are counts.
    """

    kind: JobKind = "generate"
    edit: EditKind | None = None
    job: str
    state: JobState
    task: str
    language: Language
    generator: GeneratorName | None = None
    model: str = ""
    created_at: str
    finished_at: str = ""
    stage: str = ""
    cells: int = 0
    verified: int = 0


class JobList(Wire):
    """The jobs that the server remembers, newest first.

    `next` is what `?before=` takes to go on; empty where no more follow.
    """

    jobs: tuple[JobSummary, ...] = ()
    next: str = ""

"""The state of one generation."""

from __future__ import annotations

from dataclasses import dataclass, field

from gptoss_lab.checks.cells import Cell
from gptoss_lab.schemas.documents import CorpusInfo
from gptoss_lab.schemas.events import CellClose, Event, FindingEvent, VerificationEvent, Warn
from gptoss_lab.schemas.execution import CellVerification, SandboxStatus
from gptoss_lab.schemas.generation import CHANGING, CodeGenerationRequest, GeneratedCell, TokenUsage
from gptoss_lab.schemas.review import Finding
from gptoss_lab.services.generators.base import Brief, CellGenerator
from gptoss_lab.services.pipeline.choices import PLAIN, Choices
from gptoss_lab.services.pipeline.gap import Gap
from gptoss_lab.services.pipeline.ports import Corpora, Executor
from gptoss_lab.services.sheet import Sheet


@dataclass(slots=True)
class Run:
    """What the stages share. `sandbox` is unavailable until the collect stage has asked.

    Attributes:
        gaps: Where documentation is of another version than what is installed.
        sketched: The names of the calls that the model would use, and the packages that they import.
        is_preview: Nothing may be asked of a model.
        broken_above: Why a cell of the notebook that was run before the changed ones failed.
        warned: What was said of such cells, which is not said again.
        choices: How cells are finished.
    """

    request: CodeGenerationRequest
    corpora: Corpora
    executor: Executor
    generator: CellGenerator
    sandbox: SandboxStatus = field(default_factory=lambda: SandboxStatus(available=False))
    infos: tuple[CorpusInfo, ...] = ()
    packages: dict[str, str] = field(default_factory=dict)
    environment: str = ""
    brief: Brief = field(init=False)
    sheet: Sheet = field(default_factory=Sheet)
    spent: TokenUsage = field(default_factory=TokenUsage)
    gaps: tuple[Gap, ...] = ()
    sketched: tuple[str, ...] = ()
    sketched_packages: tuple[str, ...] = ()
    is_preview: bool = False
    broken_above: str = ""
    warned: set[str] = field(default_factory=set)
    choices: Choices = PLAIN

    def __post_init__(self) -> None:
        """Begin with a brief that holds the request alone, with no more than the server lets be told."""
        self.request = self.choices.narrowed(self.request)
        self.brief = Brief(self.request)

    @property
    def verifies(self) -> bool:
        """Say whether cells will be run."""
        return self.request.verify and self.has_sandbox

    @property
    def has_sandbox(self) -> bool:
        """Say whether a sandbox can be started now."""
        return self.sandbox.available and self.sandbox.image_ready

    @property
    def ids(self) -> list[str]:
        """The ids of the corpora that could be read."""
        return [info.id for info in self.infos]

    def apply(self, event: Event) -> Event:
        """Fold an event into the run and hand it on."""
        self.sheet.apply(event)
        return event

    @property
    def changes(self) -> bool:
        """Say whether cells of the notebook are changed, so that they run where they stand."""
        return self.request.edit is not None and self.request.edit.kind in CHANGING

    def context(self) -> tuple[str, ...]:
        """Return the notebook's cells whose names new code may use: none for what stands alone."""
        edit = self.request.edit
        stands_alone = edit is not None and edit.kind in {"example", "port"}
        return () if stands_alone else self.request.context.cells

    def above(self) -> tuple[str, ...]:
        """Return the notebook's cells that are run before those of the answer."""
        return tuple(filter(str.strip, self.request.context.cells)) if self.changes else ()

    def checkable(self) -> list[Cell]:
        """Return the code cells as the checks take them; those edited that stay stand among them."""
        code = self.sheet.code()
        if not self.changes or self.request.edit is None or not code:
            return [Cell(cell.id, cell.source) for cell in code]
        answered = {cell.target: cell for cell in self.sheet.cells() if cell.target}
        placed: list[Cell] = []
        for edited in self.request.edit.cells:
            answer = answered.get(edited.id)
            if answer is None and edited.kind == "code" and edited.source.strip():
                placed.append(Cell(f"kept-{edited.id}", edited.source))
            elif answer in code and answer is not None:
                placed.append(Cell(answer.id, answer.source))
        return [*placed, *(Cell(cell.id, cell.source) for cell in code if not cell.target)]

    def once(self, warning: Warn) -> list[Event]:
        """Return a warning; nothing where it was given before."""
        is_new = warning.message not in self.warned
        self.warned.add(warning.message)
        return [warning] if is_new else []

    def reclose(self, cell: GeneratedCell) -> list[Event]:
        """Return events that put a cell, its findings and its run as given."""
        events: list[Event] = [
            CellClose(cell=cell.id, source=cell.source, sources=cell.sources, units=cell.units)
        ]
        events += [FindingEvent(finding=finding) for finding in cell.findings]
        if cell.verification is not None:
            events.append(VerificationEvent(cell=cell.id, verification=cell.verification))
        return [self.apply(event) for event in events]


def code_cells(count: int) -> str:
    """Return a number of code cells in words."""
    return f"{count} code cell" if count == 1 else f"{count} code cells"


FAILED = frozenset({"error", "timeout", "oom", "died", "output_limit"})


def ran(verification: CellVerification | None) -> bool:
    """Say whether a run proves a cell to work."""
    return verification is not None and verification.status == "ok"


def failed(verification: CellVerification | None) -> bool:
    """Say whether a run proves a cell to be wrong: a lost sandbox or a skipped cell proves nothing."""
    return verification is not None and verification.status in FAILED


def errors(findings: tuple[Finding, ...]) -> list[Finding]:
    """Return the findings that say that a cell is wrong."""
    return [finding for finding in findings if finding.severity == "error"]

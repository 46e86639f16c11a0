"""How far a job has come, and what is kept of it when it has ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from gptoss_lab.schemas.documents import CorpusInfo
from gptoss_lab.schemas.events import CellDelta, Generator, Reasoning, Repair, Stage, Usage, VerificationEvent
from gptoss_lab.schemas.execution import CellVerification
from gptoss_lab.schemas.generation import GeneratedCell, TokenUsage
from gptoss_lab.schemas.runs import CellEnd, JobEvent
from gptoss_lab.services.metrics.exceptions import exception_of

PACKAGES = ("package", "r-package")
OTHER_DOCS = "other"
MAX_DOCS_CHARS = 200
ASKING = ("prompt", "repair")
"""The stages in which the model is asked; what is streamed begins the next one."""


@dataclass(slots=True)
class Course:
    """One job under way.

    Attributes:
        began_s: When its first stage began; before that it waits.
        first_text_s: How long it took to the first text of a cell.
        first_tokens_s: How long each answer took from the stage that asks for it to its first token.
        stages: Each stage that ended, and how long it took.
        exceptions: What its cells raised, each time that they were run.
    """

    began_s: float
    kind: str
    stage: str = ""
    stage_s: float = 0.0
    generator: Generator | None = None
    rounds: int = 0
    usage: TokenUsage = field(default_factory=TokenUsage)
    language: str = ""
    first_text_s: float | None = None
    first_tokens_s: list[float] = field(default_factory=list)
    stages: list[tuple[str, float]] = field(default_factory=list)
    exceptions: Counter[str] = field(default_factory=Counter)
    _asked_s: float | None = None
    _answer_s: float | None = None
    _answered: tuple[int, float] = (0, 0.0)

    def note(self, event: JobEvent, now_s: float) -> None:
        """Take an event in."""
        if isinstance(event, (CellDelta, Reasoning)):
            self._token(event, now_s)
        elif isinstance(event, Stage):
            self._enter(event.stage, now_s)
        elif isinstance(event, Usage):
            self._used(event.usage, now_s)
        elif isinstance(event, Generator):
            self.generator = event
        elif isinstance(event, Repair):
            self.rounds = max(self.rounds, event.round)
        elif isinstance(event, (VerificationEvent, CellEnd)):
            self._ran(event.verification)

    def leave(self, now_s: float) -> None:
        """Note that its last stage ended."""
        if self.stage:
            self.stages.append((self.stage, now_s - self.stage_s))
            self.stage = ""

    @property
    def who(self) -> tuple[str, str, str]:
        """The generator, the model and the templates; empty while they are not known."""
        told = self.generator
        return (told.generator, told.model, told.templates) if told else ("", "", "")

    @property
    def tokens_per_s(self) -> float | None:
        """How fast the answers of a model came; None where none did."""
        tokens, spent_s = self._answered
        return tokens / spent_s if tokens and spent_s > 0 else None

    def _enter(self, stage: str, now_s: float) -> None:
        if not self.stage:
            self.began_s = now_s
        self.leave(now_s)
        self.stage, self.stage_s = stage, now_s
        if stage in ASKING:
            self._asked_s, self._answer_s = now_s, None

    def _token(self, event: CellDelta | Reasoning, now_s: float) -> None:
        if self._answer_s is None:
            self._answer_s = now_s
            if self._asked_s is not None:
                self.first_tokens_s.append(now_s - self._asked_s)
                self._asked_s = None
        if self.first_text_s is None and isinstance(event, CellDelta):
            self.first_text_s = now_s - self.began_s

    def _used(self, usage: TokenUsage, now_s: float) -> None:
        fresh = usage.completion_tokens - self.usage.completion_tokens
        if self._answer_s is not None and fresh > 0:
            tokens, spent_s = self._answered
            self._answered = (tokens + fresh, spent_s + now_s - self._answer_s)
            self._answer_s = None
        self.usage = usage

    def _ran(self, verification: CellVerification) -> None:
        name = exception_of(verification)
        if name:
            self.exceptions[name] += 1


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


def cited_docs(cells: Iterable[GeneratedCell], corpora: Iterable[CorpusInfo]) -> str:
    """Return the names and versions of the packages that cells cite.

    Where else a person has documentation from is their own business: it is only said that there was some.
    """
    packages = {corpus.title for corpus in corpora if corpus.kind in PACKAGES}
    return ", ".join(sorted(set(_named(cells, packages))))[:MAX_DOCS_CHARS]


def _named(cells: Iterable[GeneratedCell], packages: set[str]) -> Iterator[str]:
    for cell in cells:
        for source in cell.sources:
            known = source.source in packages
            yield f"{source.source} {source.version}".strip() if known else OTHER_DOCS

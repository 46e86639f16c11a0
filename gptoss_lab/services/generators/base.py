"""The Protocol of a generator."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from gptoss_lab.schemas.documents import Example, Passage
from gptoss_lab.schemas.events import Event
from gptoss_lab.schemas.generation import CodeGenerationRequest, GeneratedCell
from gptoss_lab.schemas.review import Finding, GeneratorName


@dataclass(frozen=True, slots=True)
class Brief:
    """All that a generator may look at.

    Attributes:
        packages: Maps what the sandbox holds to its version.
        corpora: What tells the documentation from another, and from what it was before it changed.
        calls: What the edited cells call, for an example of it.
        above: What of the notebook is run before the cells of the answer.
        subject: What examples are to be about; the task where it is empty.
    """

    request: CodeGenerationRequest
    passages: Sequence[Passage] = ()
    examples: Sequence[Example] = ()
    packages: Mapping[str, str] = field(default_factory=dict)
    corpora: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    above: tuple[str, ...] = ()
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Ticket:
    """What is wrong with one cell. `error` is the sandbox's traceback, ANSI removed."""

    cell: GeneratedCell
    findings: Sequence[Finding] = ()
    error: str = ""


class CellGenerator(Protocol):
    """Turns a brief into cells, as events.

    `draft` yields Reasoning, CellOpen, CellDelta, CellClose, Usage, Progress and Warn events, and
    nothing else. Cells are numbered in the order of the notebook and their ids are unique.
    """

    name: GeneratorName
    can_repair: bool

    @property
    def model(self) -> str:
        """The model's name; empty without one."""

    def draft(self, brief: Brief) -> AsyncIterator[Event]:
        """Generate cells for the brief.

        Raises:
            EngineError: The model service failed; cells closed before stay valid.
            TooLargeError: The task does not fit into the model's context.
        """

    def repair(
        self, brief: Brief, cells: Sequence[GeneratedCell], tickets: Sequence[Ticket], round_number: int
    ) -> AsyncIterator[Event]:
        """Rewrite the cells of the tickets: one CellClose per cell, same ids; others stay.

        Raises:
            EngineError: The model service failed.
        """

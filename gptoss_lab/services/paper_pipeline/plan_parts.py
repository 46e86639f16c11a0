"""What a plan consists of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from gptoss_lab.schemas.papers import PlanValue

Role = Literal["setup", "config", "data", "core", "estimation", "evaluation", "claims", "tests"]
ROLES: tuple[Role, ...] = get_args(Role)
OWN: frozenset[Role] = frozenset({"config", "claims"})
"""What is written without a model: no value of it can be invented."""


@dataclass(frozen=True, slots=True)
class PlannedCell:
    """A cell that is to be written.

    Attributes:
        id: Of the cell in the notebook.
        what: Its step, in the words of the plan.
        units: Ids of those that it implements.
        claims: Ids of those whose number it computes.
        loads: It holds the lines that load the data, and no model writes it.
        makes: The name of the data that it makes, which stand in for the paper's.
    """

    id: str
    role: Role
    what: str
    units: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    loads: bool = False
    makes: str = ""

    @property
    def is_own(self) -> bool:
        """Whether it is written without a model."""
        return self.loads or self.role in OWN


@dataclass(frozen=True, slots=True)
class Plan:
    """The cells in the order in which they run.

    Attributes:
        dropped: Why a unit has no cell, by its id.
        assumed: What is assumed for an open unit, by its id.
        labels: The name under which cells store the number of a claim, by the claim's id.
    """

    cells: tuple[PlannedCell, ...]
    config: tuple[PlanValue, ...] = ()
    dropped: Mapping[str, str] = field(default_factory=dict)
    assumed: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)

    def cell(self, identifier: str) -> PlannedCell | None:
        """Return a planned cell by its id."""
        return next((cell for cell in self.cells if cell.id == identifier), None)

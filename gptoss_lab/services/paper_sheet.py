"""A paper, its requirements and its claims, folded from the events of a job."""

from __future__ import annotations

from gptoss_lab.schemas.events import ClaimEvent, Event, PaperEvent, UnitEvent
from gptoss_lab.schemas.papers import Claim, PaperReport, Unit


class PaperSheet:
    """What was told last of the paper, of each unit and of each claim, in the order of the first telling."""

    def __init__(self) -> None:
        self._paper: PaperEvent | None = None
        self._units: dict[str, Unit] = {}
        self._claims: dict[str, Claim] = {}

    def apply(self, event: Event) -> None:
        """Fold one event in."""
        if isinstance(event, PaperEvent):
            self._paper = event
        elif isinstance(event, UnitEvent):
            self._units[event.unit.id] = event.unit
        elif isinstance(event, ClaimEvent):
            self._claims[event.claim.id] = event.claim

    @property
    def units(self) -> tuple[Unit, ...]:
        """The units as they stand."""
        return tuple(self._units.values())

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The claims as they stand."""
        return tuple(self._claims.values())

    def report(self) -> PaperReport | None:
        """Return what is known; None where no paper was told."""
        told = self._paper
        if told is None:
            return None
        return PaperReport(
            paper=told.paper,
            scope=told.scope,
            units=self.units,
            claims=self.claims,
            config=told.config,
            assumptions=told.assumptions,
            missing=told.missing,
        )

    def replay(self) -> list[Event]:
        """Return events that lead a new reader to this."""
        if self._paper is None:
            return []
        units = [UnitEvent(unit=unit) for unit in self.units]
        return [
            self._paper.model_copy(update={"seq": 0}),
            *units,
            *(ClaimEvent(claim=claim) for claim in self.claims),
        ]

"""Which cells the printed code of a paper becomes, and which of them prints what the paper prints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from gptoss_lab.papers.listings import Listing
from gptoss_lab.papers.listings_judge import Judged, Program
from gptoss_lab.papers.listings_named import calls_in_text
from gptoss_lab.papers.printed_claims import Printout
from gptoss_lab.papers.printed_values import rows_of
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.papers import Paper


@dataclass(frozen=True, slots=True)
class PlannedCell:
    """A code cell, or commands that are shown and not run.

    Attributes:
        listings: What it consists of, in order.
        reason: Why it is not run; empty for a code cell.
    """

    id: str
    listings: tuple[Listing, ...]
    reason: str = ""

    @property
    def source(self) -> str:
        """The code."""
        return "\n".join(listing.source for listing in self.listings)


@dataclass(slots=True)
class Plan:
    """The cells in order, what the paper prints of their output, and the commands that they are made of."""

    judged: list[Judged] = field(default_factory=list)
    cells: list[PlannedCell] = field(default_factory=list)
    printouts: list[Printout] = field(default_factory=list)


def with_named(paper: Paper, listings: Sequence[Listing], language: Language) -> list[Listing]:
    """Return the commands with the calls that the text names where output has none.

    Output without a command stays as it is, behind what may have made it.
    """
    printed = [listing.source for listing in listings if listing.source]
    sections = {block.id: block.place.section for block in paper.blocks}
    orphans: dict[tuple[str, ...], list[Listing]] = {}
    for listing in listings:
        if is_orphan(listing):
            orphans.setdefault(sections[listing.block], []).append(listing)
    found: list[Listing] = []
    for listing in listings:
        group = orphans.get(sections[listing.block], []) if is_orphan(listing) else []
        if group and group[0] is listing:
            for number, call in enumerate(calls_in_text(paper, [one.block for one in group], printed)):
                found.append(
                    replace(
                        listing,
                        id=f"{listing.id}c{number}",
                        source=call.code,
                        language=language,
                        printed=(),
                        named=True,
                    )
                )
        found.append(listing)
    return found


def is_orphan(listing: Listing) -> bool:
    """Say whether this is output with numbers whose command is not printed."""
    return not listing.source and any(row.numbers for row in rows_of([line.text for line in listing.printed]))


def plan_cells(program: Program, listings: Sequence[Listing], paper: Paper, run: str) -> Plan:
    """Return the cells of a program.

    Args:
        program: The commands that were judged.
        listings: All that the paper prints, with output that has no command.
        paper: Where the sections of blocks stand.
        run: What the ids of the cells begin with.
    """
    plan = Plan(judged=list(program.judged))
    numbers = iter(range(1, 1_000_000))
    for (_, reason), group in groupby(program.judged, key=_like):
        for part in _parts(list(group), is_run=not reason):
            plan.cells.append(PlannedCell(f"{run}-{next(numbers)}", part, reason))
    homes = {listing.id: cell for cell in plan.cells for listing in cell.listings}
    order = {listing.id: place for place, listing in enumerate(listings)}
    printouts = [
        *(_printout(listing, homes) for listing in listings if listing.source and listing.printed),
        *_orphaned(listings, homes, paper),
    ]
    plan.printouts = sorted(printouts, key=lambda printout: order[printout.id])
    return plan


def _like(judged: Judged) -> tuple[int, str]:
    return judged.listing.stream, judged.reason.text if judged.reason else ""


def _parts(group: Sequence[Judged], *, is_run: bool) -> Iterator[tuple[Listing, ...]]:
    """Yield what becomes one cell: code up to what prints something that the paper shows."""
    held: list[Listing] = []
    for judged in group:
        held.append(judged.listing)
        if is_run and (judged.listing.printed or judged.listing.named):
            yield tuple(held)
            held = []
    if held:
        yield tuple(held)


def _printout(listing: Listing, homes: Mapping[str, PlannedCell]) -> Printout:
    cell = homes.get(listing.id)
    if cell is None or cell.reason:
        reason = cell.reason if cell else "It is outside the scope."
        return Printout(listing.id, listing.source, listing.printed, reason=reason)
    return Printout(listing.id, listing.source, listing.printed, (cell.id,))


def _orphaned(
    listings: Sequence[Listing], homes: Mapping[str, PlannedCell], paper: Paper
) -> Iterator[Printout]:
    """Yield for each section the output without a command, as one: a paper shows one output in pieces."""
    sections = {block.id: block.place.section for block in paper.blocks}
    groups: dict[tuple[str, ...], list[Listing]] = {}
    for listing in listings:
        if is_orphan(listing):
            groups.setdefault(sections[listing.block], []).append(listing)
    for group in groups.values():
        lines = tuple(line for listing in group for line in listing.printed)
        calls = [
            home.listings[-1]
            for name, home in homes.items()
            if name.startswith(f"{group[0].id}c") and not home.reason
        ]
        cells = tuple(homes[call.id].id for call in calls)
        source = calls[0].source if calls else ""
        reason = "" if cells else "The paper does not print the command that gave this output."
        yield Printout(group[0].id, source, lines, cells, reason)

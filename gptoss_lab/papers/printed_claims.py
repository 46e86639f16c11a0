"""The numbers that a paper prints as the output of its code, as claims, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gptoss_lab.papers.listings_prompts import SourceLine
from gptoss_lab.papers.printed_alignment import aligned, paired, score_of
from gptoss_lab.papers.printed_labels import labels_of
from gptoss_lab.papers.printed_values import Number, Row, rows_of
from gptoss_lab.schemas.papers import Claim

MAX_CLAIMS = 1000
MAX_QUOTE_CHARS = 400
HALF = 0.5
_SLACK = 1e-9
"""Of a number, for the binary form of decimals."""


@dataclass(frozen=True, slots=True)
class Printout:
    """What a paper prints of the output of one command.

    Attributes:
        id: Of the command.
        source: The command; what the text names where it is not printed.
        lines: As they stand in the paper.
        cells: Those that may print it, the likeliest first; empty where none is run.
        reason: Why none is.
    """

    id: str
    source: str
    lines: tuple[SourceLine, ...]
    cells: tuple[str, ...] = ()
    reason: str = ""


def open_claims(printouts: Sequence[Printout]) -> list[Claim]:
    """Return a claim for each number of the printed outputs; none of them is compared yet.

    The tolerance is half a unit of the last digit that is printed: what rounds to the printed number is it.
    """
    claims: list[Claim] = []
    for printout in printouts:
        rows = rows_of([line.text for line in printout.lines])
        for place, (row, labels) in enumerate(zip(rows, labels_of(rows, printout.source), strict=True)):
            line = printout.lines[row.place]
            claims += [
                Claim(
                    id=claim_id(printout, place, number),
                    metric=label,
                    printed=value.text,
                    value=value.value,
                    tolerance=value.step * HALF,
                    quote=row.text[:MAX_QUOTE_CHARS],
                    block=line.block,
                    place=line.place,
                    cell=printout.cells[0] if printout.cells else "",
                    reason=printout.reason,
                )
                for number, (value, label) in enumerate(zip(row.numbers, labels, strict=True))
            ]
    return claims[:MAX_CLAIMS]


def claim_id(printout: Printout, row: int, number: int) -> str:
    """Return the id of the claim of a number: the command, the row and the place in it."""
    return f"{printout.id}-{row + 1}-{number + 1}"


def compared(
    printout: Printout, claims: Mapping[str, Claim], outputs: Mapping[str, str], stand_ins: bool = False
) -> list[Claim]:
    """Return the claims of an output as they stand after the cells have run.

    Printed and actual output are aligned by their words, in their order. Of several cells the one is taken
    that prints most of the lines.

    Args:
        printout: What the paper prints.
        claims: Those of `open_claims`, by id.
        outputs: What the cells that ran well have printed, by cell.
        stand_ins: The cells computed with data that stand in for the paper's.
    """
    printed = rows_of([line.text for line in printout.lines])
    candidates = {cell: rows_of(outputs[cell].splitlines()) for cell in printout.cells if cell in outputs}
    if not candidates:
        return []
    cell = max(candidates, key=lambda name: score_of(printed, candidates[name]))
    actual = candidates[cell]
    pairs = aligned(printed, actual)
    told: list[Claim] = []
    for place, row in enumerate(printed):
        matched = actual[pairs[place]] if place in pairs else None
        numbers = paired(row, matched) if matched is not None else []
        for number in range(len(row.numbers)):
            claim = claims.get(claim_id(printout, place, number))
            if claim is None:
                continue
            claim = claim.model_copy(update={"cell": cell, "stand_in": stand_ins})
            found = numbers[number][1] if number < len(numbers) else None
            told.append(judged(claim, found) if found else _unmatched(claim, matched))
    return told


def judged(claim: Claim, found: Number) -> Claim:
    """Return a claim with the number that the cell printed for it.

    Where the cell prints fewer digits than the paper, both are compared at the cell's last digit.
    """
    allowed = max(claim.tolerance, found.step * HALF)
    near = abs(found.value - claim.value) <= allowed + _SLACK * max(1.0, abs(claim.value))
    reason = "" if near else f"The cell printed {found.text}."
    if near and found.step * HALF > claim.tolerance * (1 + _SLACK):
        reason = f"The cell printed fewer digits ({found.text}); they agree."
    return claim.model_copy(
        update={"computed": found.value, "state": "verified" if near else "differs", "reason": reason}
    )


def _unmatched(claim: Claim, matched: Row | None) -> Claim:
    reason = "The cell printed no line with the same words in this place."
    if matched is not None:
        reason = f"The line of the cell was cut after {len(matched.numbers)} numbers."
    return claim.model_copy(update={"state": "not_checkable", "reason": reason})

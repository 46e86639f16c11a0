"""Which commands of Python can be run, in their order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gptoss_lab.checks.cells import Cell
from gptoss_lab.checks.names import check_names
from gptoss_lab.checks.packages import check_packages
from gptoss_lab.papers.listings import Listing
from gptoss_lab.papers.listings_judge import Judged, Program
from gptoss_lab.papers.listings_reasons import Reason, text_reason
from gptoss_lab.schemas.base import Language

_MAX_NAMES = 4


def judge_python(listings: Sequence[Listing], installed: Mapping[str, str], wanted: Language) -> Program:
    """Judge commands by their names and imports.

    Args:
        listings: In order; named ones that cannot run are left out, for the paper does not print them.
        installed: The sandbox's distributions; empty where they are not known.
        wanted: The language of the notebook.
    """
    program = Program()
    context: list[str] = []
    for listing in listings:
        reason = text_reason(listing.source, listing.language, wanted)
        reason = reason or _reason(listing, context, installed)
        if listing.named and reason is not None:
            continue
        program.judged.append(Judged(listing, reason))
        if reason is None:
            context.append(listing.source)
    return program


def _reason(listing: Listing, context: Sequence[str], installed: Mapping[str, str]) -> Reason | None:
    cell = [Cell(listing.id, listing.source)]
    absent = [found.symbol for found in check_packages(cell, installed) if found.severity == "error"]
    if installed and absent:
        return Reason("package", f"It needs the package {absent[0][:80]}, which the sandbox does not have.")
    unknown = list(dict.fromkeys(found.symbol for found in check_names(cell, context)))
    if unknown:
        names = ", ".join(f"`{name[:80]}`" for name in unknown[:_MAX_NAMES])
        return Reason("names", f"It uses {names}, which nothing before it makes.")
    return None

"""Which commands of Python can be run, in their order."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from gptoss_lab.checks.cells import Cell
from gptoss_lab.checks.names import check_names, defined_names
from gptoss_lab.checks.packages import check_packages
from gptoss_lab.papers.listings import Listing
from gptoss_lab.papers.listings_judge import Judged, Program
from gptoss_lab.papers.listings_reasons import Reason, text_reason
from gptoss_lab.schemas.base import Language

_MAX_NAMES = 4
_WORD = re.compile(r"[^\W\d]\w*")
_ALL = re.compile(r"^from [\w.]+ import \*", re.MULTILINE)


def judge_python(listings: Sequence[Listing], installed: Mapping[str, str], wanted: Language) -> Program:
    """Judge commands by their names and imports.

    Args:
        listings: In order; named ones that cannot run are left out, for the paper does not print them.
        installed: The sandbox's distributions; empty where they are not known.
        wanted: The language of the notebook.
    """
    program = Program()
    made: set[str] = set()
    is_opaque = False
    for listing in listings:
        reason = text_reason(listing.source, listing.language, wanted) or _absent(listing, installed)
        if reason is None and not is_opaque:
            reason = _unknown(listing, made)
        if listing.named and reason is not None:
            continue
        program.judged.append(Judged(listing, reason))
        if reason is None:
            made |= defined_names([listing.source])
            is_opaque = is_opaque or bool(_ALL.search(listing.source))
    return program


def _absent(listing: Listing, installed: Mapping[str, str]) -> Reason | None:
    found = check_packages([Cell(listing.id, listing.source)], installed) if installed else ()
    absent = [one.symbol for one in found if one.severity == "error"]
    if not absent:
        return None
    return Reason("package", f"It needs the package {absent[0][:80]}, which the sandbox does not have.")


def _unknown(listing: Listing, made: Collection[str]) -> Reason | None:
    # Only what it names: to read all that was made again for each command would take long.
    known = [f"{name} = None" for name in dict.fromkeys(_WORD.findall(listing.source)) if name in made]
    found = check_names([Cell(listing.id, listing.source)], ["\n".join(known)])
    names = list(dict.fromkeys(one.symbol for one in found))
    if not names:
        return None
    shown = ", ".join(f"`{name[:80]}`" for name in names[:_MAX_NAMES])
    return Reason("names", f"It uses {shown}, which nothing before it makes.")

"""Units that need no model: the algorithms and equations of a scope, quoted whole."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from gptoss_lab.schemas.papers import Candidate, Paper, PaperBlock, Unit

MAX_UNITS = 40
_MAX_QUOTE_CHARS = 2000


def printed_units(paper: Paper, scope: Sequence[Candidate], units: Sequence[Unit]) -> list[Unit]:
    """Return a unit for each algorithm of a scope that no unit quotes, and for equations where there is none.

    So a scope is never empty only because a model did not read it.
    """
    wanted = {block for candidate in scope for block in candidate.blocks}
    quoted = {unit.block for unit in units}
    kinds = {"algorithm"} if quoted & wanted else {"algorithm", "equation"}
    found = [block for block in paper.blocks if block.id in wanted - quoted and block.kind in kinds]
    return [_unit(block) for block in found[:MAX_UNITS] if block.text.strip()]


def _unit(block: PaperBlock) -> Unit:
    name = block.label or block.caption or ("the algorithm" if block.kind == "algorithm" else "the equation")
    what = "Follow" if block.kind == "algorithm" else "Compute"
    kind = "" if block.label.lower().startswith(block.kind) or not block.label else f"{block.kind} "
    digest = hashlib.sha256(f"{block.id}\0{block.text}".encode("utf-8", "replace")).hexdigest()[:8]
    return Unit(
        id=f"u-{digest}",
        statement=f"{what} {kind}{' '.join(name.split())[:160]}.",
        quote=block.text.strip()[:_MAX_QUOTE_CHARS],
        block=block.id,
        place=block.place,
    )

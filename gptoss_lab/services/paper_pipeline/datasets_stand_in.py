"""Say of every cell that data which stand in for the paper's have touched that they have."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gptoss_lab.schemas.base import Language
from gptoss_lab.services.paper_pipeline.write_interfaces import bound_in, used_in

COMMENT = "# Stand-in data: these are not the data of the paper."
_PRINTS: dict[Language, str] = {
    "python": 'print("Stand-in data, not those of the paper.")',
    "r": 'cat("Stand-in data, not those of the paper.\\n")',
}
_EVERYWHERE = frozenset({"claim_values"})


def touched(cells: Sequence[tuple[str, str]], roots: Iterable[str], language: Language) -> set[str]:
    """Return the ids of the cells that make such data or use what came of them.

    A name is touched where a cell that reads a touched name binds it; so it is said rather too often.

    Args:
        cells: Id and source of each, in the order in which they run.
        roots: Ids of those that make such data.
        language: The language of the code.
    """
    making = set(roots)
    names: set[str] = set()
    found: set[str] = set()
    for cell, source in cells:
        bound = bound_in(source, language) - _EVERYWHERE
        if cell in making or used_in(source, language) & names:
            found.add(cell)
            names |= bound
    return found


def labelled(source: str, language: Language) -> str:
    """Return a cell that says so in its text and in its output; one that does already stays."""
    lines = source.split("\n")
    if lines[:2] == [COMMENT, _PRINTS[language]]:
        return source
    kept = [line for line in lines if line not in {COMMENT, _PRINTS[language]}]
    return "\n".join([COMMENT, _PRINTS[language], *kept])

"""Runnable R examples out of pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gptoss_lab.documents.blocks import Place, Unit
from gptoss_lab.documents.code_groups import CodeGroup, code_groups
from gptoss_lab.documents.examples import MAX_CODE_CHARS, MAX_STATEMENTS, plain
from gptoss_lab.documents.imports import NameTable
from gptoss_lab.documents.r_hazards import r_hazard
from gptoss_lab.documents.r_names import Names, r_names
from gptoss_lab.documents.r_standard import DATA_SETS, FUNCTIONS, STANDARD_PACKAGES
from gptoss_lab.documents.r_statements import NotRError, Statement, r_statements
from gptoss_lab.documents.repl import Piece

_ATTACHES = frozenset({"library", "require", "suppressPackageStartupMessages"})
_ALWAYS = frozenset({"set.seed", "setClass", "setGeneric", "setMethod", "setRefClass", *_ATTACHES})
_PREPARES = frozenset({"attach", "data", "options"})
_LOOKS_BACK = 1_000
_DROPPED = frozenset({"rm", "remove", "detach", "ls", "objects"})


@dataclass(frozen=True, slots=True)
class _Step:
    source: str
    names: Names
    head: str
    attached: tuple[str, ...]
    hazard: bool

    @property
    def makes(self) -> bool:
        """Whether it only prepares: it shows nothing."""
        return bool(self.names.binds or self.names.changes) or self.head in _ALWAYS | _PREPARES


def r_units(
    pieces: Sequence[Piece], place: Place, names: NameTable, package: str = "", *, apart: bool = False
) -> list[Unit]:
    """Return the runnable R units of a page.

    Code that no prose interrupts is one unit. What a unit needs from earlier code is put before it,
    and the page's own package is attached on top.

    Args:
        pieces: Prose and code, in reading order.
        place: Where they stand.
        names: The documented names.
        package: The R package that the page is of; empty when it is of none.
        apart: Whether each section stands by itself, as in a manual that is one long page.
    """
    steps, groups = code_groups(pieces, _steps)
    begins: dict[tuple[str, str], int] = {}
    for group in groups:
        begins.setdefault((group.title, group.anchor), group.indexes[0])
    found: list[Unit | None] = []
    for group in groups:
        if len(group.indexes) > MAX_STATEMENTS:
            continue
        begin = begins[group.title, group.anchor]
        floor = max(begin if apart else 0, group.indexes[0] - _LOOKS_BACK)
        moved = replace(group, indexes=tuple(at - floor for at in group.indexes))
        found.append(_unit(moved, steps[floor : group.indexes[-1] + 1], begin - floor, place, names, package))
    unique: dict[str, Unit] = {}
    for unit in found:
        if unit is not None:
            unique.setdefault(unit.code, unit)
    return list(unique.values())


def _steps(piece: Piece) -> list[_Step]:
    try:
        return [_step(statement) for statement in r_statements(piece.text)]
    except NotRError:
        return []


def _step(statement: Statement) -> _Step:
    tokens = statement.tokens
    head = tokens[0].text if len(tokens) > 1 and tokens[1].text == "(" else ""
    attached = [token.text.strip("\"'") for token in tokens[2:] if token.kind in {"name", "string"}]
    packages = tuple(name for name in attached if name not in _ATTACHES) if head in _ATTACHES else ()
    unfinished = any(token.text == "..." for token in tokens) and not any(
        token.text in {"function", "\\"} for token in tokens
    )
    unfinished = unfinished or len(statement.source) > MAX_CODE_CHARS
    return _Step(statement.source, r_names(tokens), head, packages, unfinished or bool(r_hazard(tokens)))


def _unit(
    group: CodeGroup, steps: Sequence[_Step], begin: int, place: Place, names: NameTable, package: str
) -> Unit | None:
    own = [at for at in group.indexes if not steps[at].hazard and steps[at].head not in _DROPPED]
    if all(steps[at].makes for at in own) or not any(steps[at].names.calls for at in own):
        return None
    whole, missing = _slice(steps, own, begin)
    body = [steps[at] for at in whole]
    attached = {name for step in body for name in step.attached}
    if package and package not in attached | STANDARD_PACKAGES:
        attached.add(package)
        first = [f"library({package})"]
    else:
        first = []
    # What another package brings is not known here; the sandbox tells.
    columns = [step for step in body if step.head == "attach"]
    foreign = bool(attached - STANDARD_PACKAGES)
    if missing is None:
        return None
    lacking = missing - DATA_SETS - FUNCTIONS
    if not foreign and (
        lacking if not columns else lacking & {n for step in columns for n in step.names.reads}
    ):
        return None
    code = "\n".join((*first, *(step.source for step in body)))
    if len(body) > MAX_STATEMENTS or len(code) > MAX_CODE_CHARS:
        return None
    made = {name for step in body for name in step.names.binds}
    called = dict.fromkeys(name for step in body for name in step.names.calls if name not in made)
    at = replace(place, title=group.title or place.title, anchor=group.anchor or place.anchor)
    return Unit(
        title=at.title,
        summary=plain(group.prose),
        code=f"{code}\n",
        imports=(*first, *(step.source for step in body if step.head in _ATTACHES)),
        symbols=tuple(_known(name, names, package) for name in called),
        place=at,
        language="r",
    )


def _known(name: str, names: NameTable, package: str) -> str:
    owned = name if "::" in name or not package else f"{package}::{name}"
    return names.canonical(owned) if names.kind(owned) else names.canonical(name)


def _slice(steps: Sequence[_Step], own: Sequence[int], begin: int) -> tuple[list[int], set[str] | None]:
    """Return the steps that some need, with the names that nothing binds; None where one of them is lost.

    What a section attaches holds in that section, which begins at `begin`.
    """
    whole: list[int] = []
    needed: set[str] = set()
    wished: set[str] = set()
    detached = False
    for at in range(max(own), -1, -1):
        step = steps[at]
        made = step.names.binds | step.names.changes
        open_names = needed | wished
        detached = detached or (step.head == "detach" and at not in own)
        if step.names.removes:
            wished -= step.names.removes
            if needed & step.names.removes:
                return whole, None
        wanted = at in own or bool(made & open_names)
        wanted = wanted or step.head in _ALWAYS or (step.head == "attach" and at >= begin and not detached)
        if not wanted or (step.head in _DROPPED and at not in own):
            continue
        if step.hazard:
            if made & open_names:
                return whole, None
            continue
        whole.append(at)
        needed = (needed - step.names.binds) | step.names.reads
        wished = (wished - step.names.binds) | step.names.may
    return sorted(whole), needed

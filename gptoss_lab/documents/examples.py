"""Runnable examples out of docstrings and pages."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import replace

from gptoss_lab.documents.blocks import Place, Unit
from gptoss_lab.documents.calls import called_names
from gptoss_lab.documents.code_groups import CodeGroup, code_groups
from gptoss_lab.documents.hazards import hazard
from gptoss_lab.documents.imports import NameTable
from gptoss_lab.documents.repl import Piece
from gptoss_lab.documents.scopes import Statement, backward_slice, statements
from gptoss_lab.documents.tokens import words

MAX_STATEMENTS = 40
MAX_CODE_CHARS = 6_000
_MARKUP = re.compile(r"(?::[\w:]+:)?`+~?([^`<]*?)(?:\s*<[^>]*>)?`+_{0,2}|\*\*([^*]+)\*\*")
_SENTENCE = re.compile(r"(?<=[.!?:])\s+(?=[A-Z`*])")
_MAX_SUMMARY = 300


def units(
    pieces: Sequence[Piece], place: Place, names: NameTable, *, summary: str = "", about: str = ""
) -> list[Unit]:
    """Return the runnable units of one docstring or page section sequence.

    Code that no prose interrupts is one unit. What a unit needs from earlier code of the same
    place is put before it, and the imports that the place takes for granted on top.

    Args:
        pieces: Prose and code, in reading order.
        place: Where they stand; `place.symbol` is the documented object, if any.
        names: The importable names of the documentation.
        summary: What the documented object does, for units without prose of their own.
        about: The name that a unit must use to be about the object; others only prepare it.
    """
    context, groups = code_groups(pieces, _readable)
    if about:
        written = any(piece.is_code and about.lower() in words(piece.text) for piece in pieces)
        groups = _about(groups, context, about, written=written)
    found = [_unit(group, context, place, names, summary) for group in groups]
    unique: dict[str, Unit] = {}
    for unit in found:
        if unit is not None:
            unique.setdefault(unit.code, unit)
    return list(unique.values())


def _readable(piece: Piece) -> list[Statement]:
    if piece.fails:
        return []
    try:
        found = statements(piece.text)
    except (SyntaxError, RecursionError, MemoryError):
        return []
    return [statement for statement in found if not hazard(statement.node)]


def _about(
    groups: Sequence[CodeGroup], context: Sequence[Statement], about: str, *, written: bool
) -> list[CodeGroup]:
    """Keep the groups that use the documented name; where none ever did, the whole is one group.

    Where the code was `written` with the name and no group has it left, what used it cannot run
    here: what remains only prepares.
    """
    if not groups:
        return []
    used = [
        group
        for group in groups
        if any(about.lower() in words(context[index].source) for index in group.indexes)
    ]
    if used or written:
        return used
    everything = tuple(index for group in groups for index in group.indexes)
    return [CodeGroup(groups[0].prose, everything)]


def _unit(
    group: CodeGroup, context: Sequence[Statement], place: Place, names: NameTable, summary: str
) -> Unit | None:
    indexes, missing = backward_slice(context, group.indexes)
    body = [context[index] for index in indexes]
    if len(body) > MAX_STATEMENTS or not any(_does_something(context[index]) for index in group.indexes):
        return None
    added = [names.statement(name, place.symbol or place.source) for name in sorted(missing)]
    if not all(added):
        return None
    imports = [item.source.strip() for item in body if item.is_import] + added
    rest = [item.source for item in body if not item.is_import]
    code = _assembled(imports, rest, names)
    if code is None:
        return None
    tree = ast.parse(code)
    prose = plain(group.prose)
    calls = called_names(tree, names)
    own = (place.symbol,) if place.symbol and place.symbol not in calls else ()
    return Unit(
        title=group.title or place.title,
        summary=prose or summary,
        code=code,
        imports=tuple(
            ast.unparse(node) for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))
        ),
        symbols=calls + own,
        context=summary,
        place=replace(place, title=group.title or place.title, anchor=group.anchor or place.anchor),
    )


def _does_something(statement: Statement) -> bool:
    return not statement.is_import and any(isinstance(part, ast.Call) for part in ast.walk(statement.node))


def _assembled(imports: Sequence[str], rest: Sequence[str], names: NameTable) -> str | None:
    """Put imports over the rest; None where the whole is not runnable Python."""
    lines = sorted(dict.fromkeys(imports), key=lambda line: (not line.startswith("from __future__"),))
    body = "\n".join(rest).strip("\n")
    if not body or len(body) > MAX_CODE_CHARS:
        return None
    try:
        tree = ast.parse("\n".join((*lines, body)))
    except SyntaxError:
        return None
    for package in {line.removeprefix("import ") for line in lines if re.fullmatch(r"import \w+", line)}:
        deeper = [f"import {item}" for item in names.submodules(tree, package)]
        lines += [line for line in deeper if line not in lines]
    code = "\n".join((*lines, "", body)) if lines else body
    return None if _reads_before_binding(code) else code + "\n"


def _reads_before_binding(code: str) -> bool:
    listed = statements(code)
    _, missing = backward_slice(listed, range(len(listed)))
    return bool(missing)


def plain(prose: str) -> str:
    """Return the last paragraph before the code without its markup, cut to a summary."""
    paragraphs = [part.strip() for part in re.split(r"\n\s*\n", prose) if part.strip()]
    kept = [part for part in paragraphs if not part.startswith((".. ", "==", "--"))][-2:]
    text = _MARKUP.sub(lambda match: match.group(1) or match.group(2) or "", " ".join(kept))
    text = " ".join(text.split())
    while len(text) > _MAX_SUMMARY:
        shorter = _SENTENCE.split(text, maxsplit=1)
        text = shorter[1] if len(shorter) > 1 else text[:_MAX_SUMMARY]
    return text.rstrip(":").strip()

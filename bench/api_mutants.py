"""Seeded mistakes in programs that pass: the kinds that a model makes when it recalls an API wrongly."""

from __future__ import annotations

import ast
import random
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.api_tasks import Task, parses

Edit = tuple[ast.AST, str]
"""A node and the text that takes its place."""
_ENDINGS = ("s", "_all", "_values", "_by", "2", "_to")
_KEYWORDS = (
    "inplace_",
    "axis_mode",
    "strict_mode",
    "as_list",
    "how_to",
    "ignore",
    "fill",
    "n_max",
    "use_fast",
)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A solution with one mistake. Only a run says that it is one."""

    task: str
    kind: str
    solution: str


def mutants(task: Task, seed: int, each: int) -> Iterator[Mutant]:
    """Yield up to `each` mutants of each kind of a task's solution."""
    program, first = task.program(), task.prefix.count("\n") + 1
    last = first + task.solution.count("\n")
    if not parses(program):
        return
    tree = ast.parse(program)
    nodes = [node for node in ast.walk(tree) if first <= getattr(node, "lineno", 0) <= last]
    chance = random.Random(f"{seed} {task.id}")  # noqa: S311 - the same mistakes in every run
    for kind, mistake in KINDS.items():
        edits = [edit for node in nodes for edit in mistake(node, chance, program)]
        for node, text in chance.sample(edits, min(each, len(edits))):
            changed = _replace(program, node, text)
            solution = changed[len(task.prefix) : len(changed) - len(task.suffix)]
            if parses(changed) and solution != task.solution:
                yield Mutant(task.id, kind, solution)


def _misspelt(node: ast.AST, chance: random.Random, program: str) -> Iterator[Edit]:
    """Swap, drop or double a letter of a member, or end it in another way."""
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and len(node.attr) > 2:
        name, place = node.attr, chance.randrange(1, len(node.attr) - 1)
        changed = chance.choice([
            name[:place] + name[place + 1] + name[place] + name[place + 2 :],
            name[:place] + name[place + 1 :],
            name[:place] + name[place] + name[place:],
            name + chance.choice(_ENDINGS),
        ])
        yield node, f"{_source(program, node.value)}.{changed}"


def _invented(node: ast.AST, chance: random.Random, program: str) -> Iterator[Edit]:
    """Misspell a keyword, or add one that sounds right."""
    if not isinstance(node, ast.Call) or not _is_api(node):
        return
    text = _source(program, node)
    keywords = [keyword for keyword in node.keywords if keyword.arg]
    if keywords and chance.random() < 0.5:
        keyword = chance.choice(keywords)
        name = str(keyword.arg) + chance.choice(string.ascii_lowercase)
        yield keyword, f"{name}={_source(program, keyword.value)}"
    else:
        comma = ", " if node.args or node.keywords else ""
        yield node, f"{text[:-1].rstrip().rstrip(',')}{comma}{chance.choice(_KEYWORDS)}=True)"


def _arity(node: ast.AST, chance: random.Random, program: str) -> Iterator[Edit]:
    """Take all arguments away, or hand over more than any function takes by position."""
    if not isinstance(node, ast.Call) or not _is_api(node):
        return
    function = _source(program, node.func)
    if node.args and chance.random() < 0.5:
        yield node, f"{function}()"
    elif not node.keywords:
        given = [_source(program, argument) for argument in node.args]
        yield node, f"{function}({', '.join([*given, *['None'] * chance.choice((3, 6, 12))])})"


def _moved(node: ast.AST, chance: random.Random, program: str) -> Iterator[Edit]:
    """Look for a function in the package above, in a module beside, or among the methods, and the reverse."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        owner, name = node.func.value, node.func.attr
        rest = [_source(program, part) for part in (*node.args[1:], *node.keywords)]
        if isinstance(owner, ast.Attribute) and isinstance(owner.value, ast.Name):
            yield node.func, f"{owner.value.id}.{name}"
        if isinstance(owner, ast.Name) and owner.id in {"np", "pd"} and node.args:
            yield node, f"({_source(program, node.args[0])}).{name}({', '.join(rest)})"
        elif not (isinstance(owner, ast.Name) and owner.id in {"np", "pd", "plt"}):
            given = [
                _source(program, owner),
                *(_source(program, part) for part in (*node.args, *node.keywords)),
            ]
            yield node, f"{chance.choice(('np', 'pd'))}.{name}({', '.join(given)})"
    elif isinstance(node, ast.ImportFrom) and node.module and "." in node.module:
        names = ", ".join(alias.name for alias in node.names)
        yield node, f"from {node.module.rsplit('.', 1)[0]} import {names}"


def _is_api(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Attribute)


def _source(program: str, node: ast.AST) -> str:
    return ast.get_source_segment(program, node) or ast.unparse(node)


def _replace(program: str, node: ast.AST, text: str) -> str:
    """Return the program with a node's text replaced; columns count in UTF-8."""
    lines = program.encode().split(b"\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    place = {name: getattr(node, name) for name in ("lineno", "col_offset", "end_lineno", "end_col_offset")}
    begin = starts[place["lineno"] - 1] + place["col_offset"]
    end = starts[place["end_lineno"] - 1] + place["end_col_offset"]
    whole = program.encode()
    return (whole[:begin] + text.encode() + whole[end:]).decode()


Mistake = Callable[[ast.AST, random.Random, str], Iterator[Edit]]
KINDS: dict[str, Mistake] = {
    "misspelt member": _misspelt,
    "invented keyword": _invented,
    "wrong arity": _arity,
    "moved function": _moved,
}

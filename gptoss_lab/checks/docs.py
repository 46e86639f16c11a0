"""What the given documentation knows of the names that cells use, beside what is installed."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gptoss_lab.checks.cells import Cell, parse
from gptoss_lab.schemas.documents import ApiSymbol
from gptoss_lab.schemas.review import Finding

MAX_NAMES = 200


@dataclass(frozen=True, slots=True)
class Mention:
    """A name of a library as a cell uses it, with the call that it is the target of."""

    name: str
    cell: str
    line: int
    call: ast.Call | None = None

    @property
    def top(self) -> str:
        """Return the library's top-level name."""
        return self.name.split(".", maxsplit=1)[0]


def mentions(cells: Iterable[Cell], context: Sequence[str] = ()) -> list[Mention]:
    """Return the first use of each dotted name that goes back to an import, in the order of the text."""
    imported: dict[str, str] = {}
    found: dict[str, Mention] = {}
    above = [Cell("", source) for source in context]
    for cell in (*above, *cells):
        tree = parse(cell.source)
        if tree is None:
            continue
        imported.update(_imported(tree))
        for mention in _used(tree, cell.id, imported) if cell.id else ():
            found.setdefault(mention.name, mention)
    return list(found.values())[:MAX_NAMES]


def check_docs(
    used: Iterable[Mention], symbols: Iterable[ApiSymbol], known: Mapping[str, bool]
) -> Iterator[Finding]:
    """Compare names with the documentation and with what is installed.

    Only libraries count of which the documentation knows a name that is used. What is documented and
    installed gives no finding.

    Args:
        used: The names.
        symbols: What the documentation answered for them.
        known: Of the names of installed libraries, whether they exist.
    """
    documented = {_key(symbol.qualname): symbol for symbol in symbols}
    covered = {top for top, _ in documented}
    # Where nothing at all could be looked at, that is told elsewhere.
    unverified: set[str] = set() if known else {top for top, _ in documented}
    for mention in used:
        if mention.top not in covered:
            continue
        symbol = documented.get(_key(mention.name))
        if mention.name in known:
            finding = _installed(mention, symbol, exists=known[mention.name])
        else:
            finding = _not_installed(mention, symbol, is_first=mention.top not in unverified)
            unverified.add(mention.top)
        if finding is not None:
            yield finding


def _key(name: str) -> tuple[str, str]:
    # A library hands out one object by several paths.
    return name.split(".", maxsplit=1)[0], name.rsplit(".", maxsplit=1)[-1]


def _installed(mention: Mention, symbol: ApiSymbol | None, *, exists: bool) -> Finding | None:
    if symbol is not None and not exists:
        of = f" of {mention.top} {symbol.version}" if symbol.version else ""
        message = (
            f"The documentation{of} has `{mention.name}`, the installed `{mention.top}` does not: they are "
            "of different versions."
        )
        return _finding(mention, "warning", message, symbol)
    if symbol is None and exists:
        return _finding(
            mention, "info", f"`{mention.name}` is installed, but not in the given documentation."
        )
    # Both know it, or neither does: then the API check says so.
    return None


def _not_installed(mention: Mention, symbol: ApiSymbol | None, *, is_first: bool) -> Finding | None:
    unverified = f"not verified against an install, as `{mention.top}` could not be looked at"
    if symbol is None:
        message = f"`{mention.name}` is not in the given documentation ({unverified})."
        return _finding(mention, "warning", message)
    wrong = _problem(mention.call, symbol.signature) if mention.call is not None else ""
    if wrong:
        message = f"By its documentation `{mention.name}` cannot be called so: {wrong} ({unverified})."
        return _finding(mention, "warning", message, symbol)
    # Once a library: the rest goes without saying.
    message = f"`{mention.name}` is documented, but {unverified}."
    return _finding(mention, "info", message, symbol) if is_first else None


def _problem(call: ast.Call, text: str) -> str:
    """Say what is wrong with a call by a documented signature; empty where that does not tell."""
    found = _signature(text)
    if found is None or any(isinstance(argument, ast.Starred) for argument in call.args):
        return ""
    try:
        found.bind_partial(*call.args, **{keyword.arg: None for keyword in call.keywords if keyword.arg})
    except TypeError as error:
        return str(error)
    return ""


def _signature(text: str) -> inspect.Signature | None:
    start = text.find("(")
    try:
        tree = ast.parse(f"def f{text[start:]}: ..." if start >= 0 else "")
    except SyntaxError:
        return None
    if not tree.body or not isinstance(tree.body[0], ast.FunctionDef):
        return None
    kinds, arguments = inspect.Parameter, tree.body[0].args
    first = [(one, kinds.POSITIONAL_OR_KEYWORD) for one in (*arguments.posonlyargs, *arguments.args)]
    found = [kinds(one.arg, kind) for one, kind in first if one.arg not in {"self", "cls"}]
    found += [kinds(arguments.vararg.arg, kinds.VAR_POSITIONAL)] if arguments.vararg else []
    found += [kinds(one.arg, kinds.KEYWORD_ONLY) for one in arguments.kwonlyargs]
    found += [kinds(arguments.kwarg.arg, kinds.VAR_KEYWORD)] if arguments.kwarg else []
    return inspect.Signature(found)


def _imported(tree: ast.AST) -> dict[str, str]:
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.split(".")[0]
                names[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.update({alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names})
    return names


def _used(tree: ast.AST, cell: str, imported: Mapping[str, str]) -> Iterator[Mention]:
    calls = {id(node.func): node for node in ast.walk(tree) if isinstance(node, ast.Call)}
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    nodes = [node for node in ast.walk(tree) if isinstance(node, (ast.Attribute, ast.Name))]
    for node in sorted(nodes, key=lambda node: (node.lineno, node.col_offset)):
        name = _dotted(node, imported) if id(node) not in inner else ""
        if "." in name:
            yield Mention(name, cell, node.lineno, calls.get(id(node)))


def _dotted(node: ast.expr, imported: Mapping[str, str]) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    base = imported.get(node.id, "") if isinstance(node, ast.Name) else ""
    return ".".join([base, *reversed(parts)]) if base else ""


def _finding(mention: Mention, severity: str, message: str, symbol: ApiSymbol | None = None) -> Finding:
    shown = f"{symbol.qualname}{symbol.signature}: {symbol.summary}" if symbol is not None else ""
    return Finding(
        check="docs",
        severity="warning" if severity == "warning" else "info",
        cell=mention.cell,
        line=mention.line,
        symbol=mention.name,
        message=message,
        evidence=(shown.removesuffix(": ")[:400],) if shown else (),
    )

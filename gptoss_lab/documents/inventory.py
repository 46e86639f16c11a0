"""The public API of an installed package, read from its source with griffe."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import griffe

from gptoss_lab.documents.accessors import accessor_class
from gptoss_lab.documents.blocks import Symbol, SymbolKind
from gptoss_lab.documents.docstrings import Doc, read_docstring
from gptoss_lab.documents.publicity import is_internal, ordered, weighed
from gptoss_lab.documents.signatures import signature
from gptoss_lab.errors import DocumentError
from gptoss_lab.schemas.documents import LocatedPackage

Report = Callable[[str, int, int], None]

_SKIPPED_MODULES = frozenset({"tests", "test", "conftest", "_tests", "_test"})
# Copies of other projects are those projects' API.
_VENDORED = frozenset({"externals", "_externals", "extern", "vendored", "_vendored", "vendor", "_vendor"})
_MAX_ALIASES = 40


@dataclass(slots=True)
class _Entry:
    item: griffe.Object
    names: list[str] = field(default_factory=list)


def read_package(package: LocatedPackage, report: Report = lambda *_: None) -> list[Symbol]:
    """Return the public symbols of the package; none of its code runs.

    Raises:
        DocumentError: Nothing in it can be read.
    """
    symbols: list[Symbol] = []
    failures: list[str] = []
    for position, name in enumerate(package.modules):
        report(f"{name} {package.version}", position, len(package.modules))
        try:
            module = _load(name, Path(package.root))
        except (griffe.GriffeError, ImportError, SyntaxError, OSError, RecursionError, UnicodeError) as error:
            failures.append(f"{name}: {error}")
            continue
        symbols += _symbols(module)
    if not symbols:
        raise DocumentError(
            f"{package.name} has no Python API that can be read" + (f" ({failures[0]})" if failures else ""),
            hint="Point at its documentation instead: a folder of HTML or its web address.",
        )
    return symbols


def _load(name: str, root: Path) -> griffe.Module:
    loader = griffe.GriffeLoader(search_paths=[root], allow_inspection=False)
    every = loader.finder.submodules

    def without_tests(module: griffe.Module) -> list[tuple[tuple[str, ...], Path]]:
        return [
            entry
            for entry in every(module)
            if not any(part in _SKIPPED_MODULES or part.startswith("test_") for part in entry[0])
        ]

    # Tests are two thirds of pandas; griffe has no option to leave them out.
    loader.finder.submodules = without_tests  # type: ignore[method-assign]
    module = loader.load(name, try_relative_path=False)
    loader.resolve_aliases(implicit=True, external=False)
    if not isinstance(module, griffe.Module):
        raise DocumentError(f"{name} is not a module")
    return module


def _symbols(module: griffe.Module) -> list[Symbol]:
    entries: dict[str, _Entry] = {}
    for name, item in _walk(module):
        entries.setdefault(item.path, _Entry(item)).names.append(name)
    internal = _internal_roots(entries)
    found: list[Symbol] = []
    for entry in entries.values():
        names = ordered(entry.item, entry.names)
        if all(_under(name, internal) for name in names):
            continue
        found.append(_symbol(entry.item, names))
    return weighed(found)


def _internal_roots(entries: dict[str, _Entry]) -> set[str]:
    """Return the modules with an internal name out of which the package re-exports."""
    roots: set[str] = set()
    for path, entry in entries.items():
        parts = path.split(".")
        hidden = next((index for index, part in enumerate(parts) if is_internal(part)), None)
        if hidden and any(not is_internal(name) for name in entry.names):
            roots.add(".".join(parts[: hidden + 1]))
    return roots


def _under(name: str, roots: set[str]) -> bool:
    return any(name == root or name.startswith(f"{root}.") for root in roots)


def _walk(module: griffe.Module) -> Iterator[tuple[str, griffe.Object]]:
    """Yield every public name with the object behind it, modules breadth first."""
    queue: list[griffe.Module] = [module]
    while queue:
        current = queue.pop(0)
        yield current.path, current
        for name, member in current.members.items():
            if member.is_alias or not member.is_module:
                if _is_exported(current, name, member):
                    yield from _member(f"{current.path}.{name}", member)
            elif isinstance(member, griffe.Module) and _is_public_name(name):
                queue.append(member)


def _is_public_name(name: str) -> bool:
    return not name.startswith("_") and name not in _SKIPPED_MODULES | _VENDORED


def _is_exported(module: griffe.Module, name: str, member: griffe.Object | griffe.Alias) -> bool:
    if module.exports is not None:
        return any(str(export) == name for export in module.exports)
    if not _is_public_name(name):
        return False
    if not member.is_alias:
        return True
    # Without __all__, what a package's __init__ imports from its own modules is its face.
    target = member.target_path if isinstance(member, griffe.Alias) else ""
    return module.is_init_module and target.split(".")[0] == module.path.split(".")[0]


def _member(path: str, member: griffe.Object | griffe.Alias) -> Iterator[tuple[str, griffe.Object]]:
    target = _target(member)
    if target is None or isinstance(target, griffe.Module):
        return
    if (
        isinstance(target, griffe.Attribute)
        and not target.docstring
        and not path.rpartition(".")[2].isidentifier()
    ):
        return
    yield path, target
    if isinstance(target, griffe.Class):
        for name, inner in _public_members(target):
            yield f"{path}.{name}", inner
            hung = accessor_class(inner)
            if hung is not None:
                yield from ((f"{path}.{name}.{deep}", item) for deep, item in _public_members(hung))


def _public_members(cls: griffe.Class) -> Iterator[tuple[str, griffe.Object]]:
    for name, part in _class_members(cls).items():
        inner = _target(part)
        if (
            inner is not None
            and _is_public_name(name)
            and not isinstance(inner, (griffe.Module, griffe.Class))
        ):
            yield name, inner


def _class_members(cls: griffe.Class) -> dict[str, griffe.Object | griffe.Alias]:
    try:
        return dict(cls.all_members)
    except (griffe.GriffeError, ValueError, RecursionError):  # an inconsistent order of bases
        return dict(cls.members)


def _target(member: griffe.Object | griffe.Alias) -> griffe.Object | None:
    if not isinstance(member, griffe.Alias):
        return member
    try:
        return member.final_target
    except (griffe.GriffeError, RecursionError):  # it leads out of the package
        return None


def _symbol(item: griffe.Object, names: Sequence[str]) -> Symbol:
    doc = read_docstring(item.docstring) if item.docstring else Doc()
    primary = names[0]
    aliases = tuple(dict.fromkeys((*names[1 : _MAX_ALIASES + 1], item.path)))
    return Symbol(
        qualname=primary,
        kind=_kind(item),
        signature=signature(item, primary),
        summary=doc.summary,
        body=_body(doc),
        examples=doc.examples,
        aliases=tuple(alias for alias in aliases if alias != primary),
    )


def _kind(item: griffe.Object) -> SymbolKind:
    if isinstance(item, griffe.Module):
        return "module"
    if isinstance(item, griffe.Class):
        return "class"
    if isinstance(item, griffe.Function):
        return "method" if isinstance(item.parent, griffe.Class) else "function"
    return "attribute"


def _body(doc: Doc) -> str:
    parts = [doc.text]
    if doc.parameters:
        parts.append("Parameters:\n" + "\n".join(f"- {line}" for line in doc.parameters))
    if doc.returns:
        parts.append("Returns:\n" + "\n".join(f"- {line}" for line in doc.returns))
    return "\n\n".join(part for part in parts if part)

"""Installed Python packages, found by name without importing anything."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Iterator, Sequence
from importlib.metadata import Distribution, DistributionFinder, MetadataPathFinder
from pathlib import Path
from typing import Literal

from gptoss_lab.documents import PARSER_VERSION
from gptoss_lab.errors import SourceNotFoundError
from gptoss_lab.schemas.documents import LocatedPackage

Origin = Literal["sandbox", "server"]

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_MODULE_FILE = re.compile(
    r"^(?:([A-Za-z_]\w*)/__init__\.pyi?|([A-Za-z_]\w*)\.(?:py|pyi|cpython\S*\.so|abi3\.so))$"
)
_NAMESPACE_FILE = re.compile(r"^([A-Za-z_]\w*)/.+\.pyi?$")
_MAX_NEAR = 3


def find_package(name: str, roots: Sequence[tuple[Path, Origin]]) -> LocatedPackage:
    """Return the installed package of a distribution name or an import name.

    A sandbox's copy is taken before the server's: generated code will meet that one.

    Args:
        name: `scikit-learn` and `sklearn` both work.
        roots: The site-packages folders to look in, with whose they are.

    Raises:
        SourceNotFoundError: No root holds it; the hint names similar ones.
    """
    name = name.strip()
    found = installed(name, roots)
    if found is None:
        raise SourceNotFoundError(f"No installed package is called {name!r}", hint=_hint(name, roots))
    return found


def installed(name: str, roots: Sequence[tuple[Path, Origin]]) -> LocatedPackage | None:
    """Return the installed package of a name as `find_package` does, and None where there is none."""
    ordered = sorted(roots, key=lambda item: item[1] != "sandbox")
    if _NAME.fullmatch(name.replace("/", "-")) or name.isidentifier():
        for find in (_by_distribution, _by_module):
            for root, origin in ordered:
                found = find(name, root)
                if found is not None:
                    return _located(found, root, origin)
    return None


def _by_distribution(name: str, root: Path) -> Distribution | None:
    context = DistributionFinder.Context(name=name, path=[str(root)])
    for found in MetadataPathFinder.find_distributions(context):
        if _modules(found, root):
            return found
    return None


def _by_module(name: str, root: Path) -> Distribution | None:
    if not name.isidentifier() or not any((root / entry).exists() for entry in (name, f"{name}.py")):
        return None
    needles = (f"{name}/", f"{name}.py,")
    for found in _distributions(root):
        record = found.read_text("RECORD") or ""
        if not any(record.startswith(needle) or f"\n{needle}" in record for needle in needles):
            continue
        if name in _modules(found, root):
            return found
    return None


def _distributions(root: Path) -> Iterator[Distribution]:
    yield from MetadataPathFinder.find_distributions(DistributionFinder.Context(path=[str(root)]))


def _modules(found: Distribution, root: Path) -> tuple[str, ...]:
    """Return the top-level modules that the distribution put into the root, the main one first."""
    plain: dict[str, None] = {}
    namespaces: dict[str, None] = {}
    for path in _recorded(found):
        if match := _MODULE_FILE.match(path):
            plain[match.group(1) or match.group(2)] = None
        elif match := _NAMESPACE_FILE.match(path):
            namespaces[match.group(1)] = None
    for line in (found.read_text("top_level.txt") or "").split():
        plain[line] = None
    modules = [
        item for item in plain or namespaces if (root / item).is_dir() or (root / f"{item}.py").is_file()
    ]
    wanted = re.sub(r"[-_.]+", "_", _dist_name(found)).lower()
    public = [item for item in modules if not item.startswith("_")] or modules
    return tuple(sorted(public, key=lambda item: item.lower() != wanted))


def _recorded(found: Distribution) -> Iterator[str]:
    record = found.read_text("RECORD") or ""
    for line in record.splitlines():
        yield line.split(",", 1)[0]


def _dist_name(found: Distribution) -> str:
    return found.metadata["Name"] or ""


def _located(found: Distribution, root: Path, origin: Origin) -> LocatedPackage:
    version = found.version or ""
    digest = hashlib.sha256(f"{PARSER_VERSION}\0{_dist_name(found)}\0{version}".encode())
    for part in ("RECORD", "METADATA"):
        digest.update(b"\0" + (found.read_text(part) or "").encode())
    return LocatedPackage(
        name=_dist_name(found),
        version=version,
        root=str(root),
        modules=_modules(found, root),
        origin=origin,
        fingerprint=digest.hexdigest(),
    )


def _hint(name: str, roots: Sequence[tuple[Path, Origin]]) -> str:
    known: dict[str, str] = {}
    for root, _ in roots:
        for found in _distributions(root):
            dist = _dist_name(found)
            known.setdefault(dist.lower(), dist)
            for line in (found.read_text("top_level.txt") or "").split():
                known.setdefault(line.lower(), line)
    near = difflib.get_close_matches(name.lower(), known, n=_MAX_NEAR, cutoff=0.6)
    if near:
        return f"Did you mean {', '.join(known[item] for item in near)}?"
    return (
        "Check the spelling. The package must be installed in the sandbox or beside the server; "
        "a folder, a file or a web address works too."
    )

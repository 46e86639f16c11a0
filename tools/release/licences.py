"""Which licences are permissive, and of which packages another one is accepted."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Component = Mapping[str, Any]

PERMISSIVE = frozenset({
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "PSF-2.0",
    "Python-2.0",
    "Unlicense",
    "Zlib",
    "License :: OSI Approved :: Apache Software License",
    "License :: OSI Approved :: BSD License",
    "License :: OSI Approved :: ISC License (ISCL)",
    "License :: OSI Approved :: MIT License",
    "License :: OSI Approved :: Python Software Foundation License",
    "License :: Public Domain",
})
"""SPDX identifiers, and the words of the package index for those that state nothing better."""
ACCEPTED: Mapping[str, tuple[str, str]] = {
    "asttokens": ("Apache-2.0", "its metadata names no licence; the file LICENSE that it installs does"),
    "bleach": ("Apache-2.0", "its metadata names no licence; the file LICENSE that it installs does"),
    "certifi": ("MPL-2.0", "a list of certificates; unchanged, and installed from the index, not by us"),
    "docutils": (
        "BSD-2-Clause",
        "public domain and BSD; the GPL is that of a file for Emacs, which no wheel has",
    ),
    "fqdn": ("MPL-2.0", "jupyter-events needs it; unchanged, and installed from the index, not by us"),
    "oss-harmony": ("Apache-2.0", "its metadata names no licence; the file LICENSE that it installs does"),
    "overrides": ("Apache-2.0", "before Python 3.12 only; the file LICENSE that it installs states it"),
    "tqdm": (
        "MPL-2.0 AND MIT",
        "huggingface-hub needs it; unchanged, and installed from the index, not by us",
    ),
}
"""Packages whose metadata alone would not pass: what their licence is, and why it is accepted."""


def stated(component: Component) -> list[str]:
    """Return what a component says of its licences: one expression or identifier, else all its words."""
    entries = component.get("licenses", [])
    for entry in entries:
        exact = entry.get("expression") or entry.get("license", {}).get("id")
        if exact:
            return [str(exact)]
    return [str(entry.get("license", {}).get("name", "")) for entry in entries]


def is_permissive(licence: str) -> bool:
    """Say whether a licence, or an expression of several, asks no more than that notices are kept."""
    if licence in PERMISSIVE:
        return True
    words = [
        word.lower() if word in {"AND", "OR", "(", ")"} else str(word in PERMISSIVE)
        for word in re.findall(r"[()]|[^\s()]+", licence)
    ]
    try:
        return _value(ast.parse(" ".join(words), mode="eval").body)
    except SyntaxError:
        return False


def refusals(components: Sequence[Component]) -> Iterator[str]:
    """Yield the components whose licence is not permissive or not known, and exceptions without a reason."""
    for component in components:
        said = stated(component)
        fine = bool(said) and all(map(is_permissive, said))
        name = component["name"]
        if not fine and name not in ACCEPTED:
            words = " and ".join(said) or "no licence stated"
            yield f"{name} {component['version']}: {words}; take another package, or say why in {__name__}"
        if fine and name in ACCEPTED:
            yield f"{name} states {said[0]} by now: take it out of ACCEPTED"


def table(components: Sequence[Component]) -> str:
    """Return the report: one line for each component."""
    lines = ["| package | version | licence | note |", "|---|---|---|---|"]
    for component in sorted(components, key=lambda one: str(one["name"]).lower()):
        licence, note = ACCEPTED.get(component["name"], (" / ".join(stated(component)), ""))
        name = "/".join(filter(None, (component.get("group"), component["name"])))
        lines.append(f"| {name} | {component['version']} | {licence.rpartition(':: ')[2]} | {note} |")
    return "\n".join(lines) + "\n"


def _value(node: ast.expr) -> bool:
    if isinstance(node, ast.BoolOp):
        values = [_value(value) for value in node.values]
        return all(values) if isinstance(node.op, ast.And) else any(values)
    return isinstance(node, ast.Constant) and node.value is True

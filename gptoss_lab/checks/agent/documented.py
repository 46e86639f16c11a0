"""What the installed packages have of what documentation of another version tells."""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gptoss_lab.checks.agent.library import SUCCESSORS, Library, near

_NEAR_CUTOFF = 0.75


def compare(library: Library, documented: Mapping[str, Mapping[str, Sequence[str]]]) -> dict[str, Any]:
    """Say of each documented name whether it is there, which parameters it lost, and what took its place.

    Args:
        library: Imports the packages.
        documented: By name its `parameters`, and by `instead` the names that the documentation
            sends to. Nothing is said of names whose package cannot be imported.
    """
    found: dict[str, Any] = {}
    for name, told in documented.items():
        known = library.known([name])
        if name not in known:
            continue
        if known[name]:
            found[name] = {"exists": True, "lost": _lost(library, name, told.get("parameters", ()))}
            continue
        instead, sure = _successor(library, name, told.get("instead", ()))
        found[name] = {"exists": False, "instead": instead, "sure": sure}
    return found


def _lost(library: Library, name: str, parameters: Iterable[str]) -> list[str]:
    """Return the parameters that an object no longer takes; none where it takes any, or does not say."""
    try:
        signature = inspect.signature(_object(library, name))
    except (TypeError, ValueError):
        return []
    if any(found.kind is inspect.Parameter.VAR_KEYWORD for found in signature.parameters.values()):
        return []
    return [each for each in parameters if each not in signature.parameters and each != "self"]


def _successor(library: Library, name: str, candidates: Sequence[str]) -> tuple[str, bool]:
    """Return what took the place of a name, and whether that is known or the nearest name alone."""
    owner = name.rpartition(".")[0]
    listed = [value for key, value in SUCCESSORS.items() if f".{name}".endswith(f".{key}")]
    listed = [value if "." in value else f"{owner}.{value}" for value in listed]
    for candidate in (*candidates, *listed):
        if library.known([candidate]).get(candidate):
            return candidate, True
    place = _object(library, owner)
    close = near(name.rpartition(".")[2], dir(place), _NEAR_CUTOFF) if place is not None else []
    return (f"{owner}.{close[0]}" if close else ""), False


def _object(library: Library, name: str) -> Any:
    top, *rest = name.split(".")
    found: Any = library.load(top)
    for part in rest:
        found, error = library.get(found, part)
        if error is not None:
            return None
    return found


def main() -> None:
    """Answer on standard output what is asked on standard input."""
    sys.stdout.write(json.dumps(compare(Library(), json.load(sys.stdin))))

"""What a method's name may mean where nothing is known of its owner: every class that is loaded."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable
from types import ModuleType

from gptoss_lab.checks.agent.values import Target, method_signature, signature

PLAIN = (str, bytes, list, dict, set, frozenset, tuple, int, float, complex, bool, range, slice)


class Candidates:
    """The members of all classes, and the names of all modules, of some loaded modules.

    Args:
        modules: Where to look; the standard library counts only as far as it is told here.
    """

    def __init__(self, modules: Iterable[ModuleType]) -> None:
        self.names: set[str] = set()
        self.members: set[str] = set()
        self._owners: dict[str, set[type]] = defaultdict(set)
        self._functions: dict[str, list[object]] = defaultdict(list)
        seen: set[type] = set()
        for module in modules:
            for name, value in tuple(vars(module).items()):
                self.names.add(name)
                if isinstance(value, type):
                    seen.add(value)
                elif callable(value):
                    self._functions[name].append(value)
        for cls in {part for kind in (*seen, *PLAIN) for part in kind.__mro__}:
            self.members.update(vars(cls))
            for name in vars(cls):
                self._owners[name].add(cls)
        self.names |= self.members

    def callables(self, name: str) -> dict[str, Target] | None:
        """Return what may be called by that name, by title; None where one of them takes we know not what."""
        found: dict[str, Target] = {}
        for cls in self._owners.get(name, ()):
            known = method_signature(cls, name)
            if known is None:
                return None
            found[f"{cls.__qualname__}.{name}"] = Target(known, getattr(cls, name))
        for function in self._functions.get(name, ()):
            known = signature(function)
            if known is None:
                return None
            found.setdefault(f"{getattr(function, '__module__', '')}.{name}", Target(known, function))
        return found


def modules_of(tops: Iterable[str]) -> list[ModuleType]:
    """Return the loaded modules that code which imports `tops` can meet objects of."""
    asked = set(tops)
    # Libraries put objects that are no modules there, and None.
    entries: list[tuple[str, object]] = list(sys.modules.items())
    return [
        entry
        for name, entry in entries
        if isinstance(entry, ModuleType)
        and ((top := name.split(".")[0]) in asked or top not in sys.stdlib_module_names)
        and top not in {"gptoss_lab", "__main__"}
    ]

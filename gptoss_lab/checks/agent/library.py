"""The installed packages, looked at by importing them."""

from __future__ import annotations

import contextlib
import difflib
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Iterable
from types import ModuleType
from typing import Any

# Objects that these packages make come from modules they load late: we must load them to know.
_CHARTS = ("matplotlib.axes", "matplotlib.figure")
LAZY = {"pandas": _CHARTS, "seaborn": _CHARTS}

# Names that went, with what took their place: spelling alone does not lead there.
SUCCESSORS = {
    "DataFrame.append": "pandas.concat",
    "Series.append": "pandas.concat",
    "DataFrame.applymap": "map",
    "DataFrame.iteritems": "items",
    "Series.iteritems": "items",
    "numpy.in1d": "isin",
    "numpy.product": "prod",
    "numpy.sometrue": "any",
    "numpy.alltrue": "all",
    "numpy.float": "float64",
    "numpy.int": "int64",
    "numpy.bool": "bool_",
    "scipy.integrate.simps": "simpson",
    "sklearn.datasets.load_boston": "fetch_california_housing",
}


class Library:
    """The modules that the cells import. `modules` says of each top-level name whether it is found."""

    def __init__(self) -> None:
        self.modules: dict[str, bool] = {}
        self.complete = True
        self._members: set[str] | None = None

    def load(self, name: str) -> ModuleType | None:
        """Import a module; None when that fails."""
        top = name.split(".", maxsplit=1)[0]
        if top not in self.modules:
            self.modules[top] = exists(top)
        self._members = None if name not in sys.modules else self._members
        try:
            module = importlib.import_module(name)
        except (Exception, SystemExit):  # noqa: BLE001 - a library may raise what it likes when imported
            self.complete = False
            return None
        for lazy in LAZY.get(top, ()):
            with contextlib.suppress(ImportError):
                importlib.import_module(lazy)
        return module

    def get(self, owner: Any, name: str) -> tuple[Any, AttributeError | None]:
        """Return `owner.name`, or the error that says it is not there."""
        try:
            return getattr(owner, name), None
        except AttributeError as error:
            complete = self.complete
            module = self.load(f"{owner.__name__}.{name}") if inspect.ismodule(owner) else None
            self.complete = complete
            return module, error if module is None else None

    @property
    def members(self) -> set[str]:
        """Every attribute name of every module and class that is loaded."""
        if self._members is None:
            spaces = [vars(module) for module in _loaded()]
            found: set[str] = set()
            for space in spaces:
                found.update(space)
                classes = [value for value in tuple(space.values()) if isinstance(value, type)]
                found.update(name for cls in classes for part in cls.__mro__ for name in part.__dict__)
            self._members = found
        return self._members

    @property
    def has_packages(self) -> bool:
        """Say whether anything but the standard library was found."""
        return any(found and name not in sys.stdlib_module_names for name, found in self.modules.items())


def _loaded() -> list[ModuleType]:
    # Libraries put objects that are no modules there, and None.
    entries: list[object] = list(sys.modules.values())
    return [entry for entry in entries if isinstance(entry, ModuleType)]


def exists(name: str) -> bool:
    """Say whether a module can be found, without running it."""
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError, AttributeError):
        return name in sys.modules


def resolve(path: str) -> Any:
    """Return the object at `package.Name`, None when it is not loaded."""
    module, _, name = path.partition(".")
    return getattr(sys.modules.get(module), name, None)


def version(top: str) -> str:
    """Return a package's version with a space before it, empty when it does not say."""
    found = getattr(sys.modules.get(top), "__version__", "")
    return f" {found}" if isinstance(found, str) and found else ""


def near(name: str, names: Iterable[str]) -> list[str]:
    """Return up to four names closest to `name`; those that differ only in case come first."""
    public = sorted({other for other in names if not other.startswith("_")})
    same = [other for other in public if other.lower() == name.lower()]
    close = difflib.get_close_matches(name, public, n=4, cutoff=0.6)
    return (same + [other for other in close if other not in same])[:4]

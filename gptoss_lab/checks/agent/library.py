"""The installed packages, looked at by importing them."""

from __future__ import annotations

import contextlib
import difflib
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from types import ModuleType
from typing import Any

from gptoss_lab.checks.agent.candidates import Candidates, modules_of
from gptoss_lab.checks.agent.stores import stored
from gptoss_lab.checks.agent.values import Instance

# Objects that these packages make come from modules they load late: we must load them to know.
_CHARTS = ("matplotlib.axes", "matplotlib.figure")
_SPARSE = ("scipy.sparse",)
LAZY = {"pandas": _CHARTS, "seaborn": _CHARTS, "scipy": _SPARSE, "sklearn": (*_SPARSE, "pandas")}

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
    """The modules that the cells import.

    Attributes:
        modules: Of each top-level name, whether it is found.
        failed: Why a package that is there could not be imported.

    Args:
        blocked: Packages that are not to be imported, and why.
        tell: Told which package is imported, and nothing when that is over.
    """

    def __init__(
        self, blocked: Mapping[str, str] | None = None, tell: Callable[[str], None] = lambda _: None
    ) -> None:
        self.modules: dict[str, bool] = {}
        self.failed: dict[str, str] = {}
        self.complete = True
        self._blocked = blocked or {}
        self._tell = tell
        self._candidates: Candidates | None = None

    def load(self, name: str) -> ModuleType | None:
        """Import a module; None when that fails."""
        top = name.split(".", maxsplit=1)[0]
        if top not in self.modules:
            self.modules[top] = exists(top)
        if top in self._blocked:
            self.failed[top] = self._blocked[top]
        if top in self.failed or not self.modules[top]:
            self.complete = False
            return None
        if name not in sys.modules:
            self._candidates = None
        self._tell(top)
        try:
            return self._import(name, top)
        finally:
            self._tell("")

    def _import(self, name: str, top: str) -> ModuleType | None:
        try:
            module = importlib.import_module(name)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a library may raise what it likes
            # A module that is not there hides nothing; one that breaks may.
            self.complete = self.complete and name != top and not exists(name)
            if name == top:
                self.failed[top] = f"{type(error).__name__}: {error}"[:200]
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

    def instance(self, path: str) -> Instance | None:
        """Return an object of the class at `package.module.Name`; None where there is no such class."""
        top, _, rest = path.partition(".")
        owner: Any = self.load(top if rest else "builtins")
        for part in (rest or path).split("."):
            if owner is None:
                return None
            owner, _ = self.get(owner, part)
        return Instance((owner,)) if isinstance(owner, type) else None

    def known(self, names: Iterable[str]) -> dict[str, bool]:
        """Say of dotted names whether they exist; nothing of those whose package could not be loaded."""
        found: dict[str, bool] = {}
        for name in names:
            top, *rest = name.split(".")
            owner: Any = self.load(top)
            if owner is None:
                continue
            for part in rest:
                owner, error = self.get(owner, part)
                if error is not None:
                    break
            else:
                error = None
            found[name] = error is None
        return found

    @property
    def candidates(self) -> Candidates:
        """Everything that a name may mean whose owner is not known."""
        if self._candidates is None:
            self._candidates = Candidates(modules_of(self.modules))
        return self._candidates

    def sets(self, name: str) -> bool:
        """Say whether a function of what is loaded sets an attribute of that name."""
        return any(
            name in stored(top)
            for top in {module.__name__.split(".")[0] for module in modules_of(self.modules)}
        )

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


@cache
def class_named(top: str, name: str) -> type | None:
    """Return the class of that name among the loaded modules of a package; None unless there is one."""
    spaces = [vars(module) for module in _loaded() if module.__name__.split(".")[0] == top]
    found = {value for space in spaces if isinstance(value := space.get(name), type)}
    return found.pop() if len(found) == 1 else None


def version(top: str) -> str:
    """Return a package's version with a space before it, empty when it does not say."""
    found = getattr(sys.modules.get(top), "__version__", "")
    return f" {found}" if isinstance(found, str) and found else ""


def near(name: str, names: Iterable[str], cutoff: float = 0.6) -> list[str]:
    """Return up to four names closest to `name`; those that differ only in case come first."""
    public = sorted({other for other in names if not other.startswith("_")})
    same = [other for other in public if other.lower() == name.lower()]
    close = difflib.get_close_matches(name, public, n=4, cutoff=cutoff)
    return (same + [other for other in close if other not in same])[:4]

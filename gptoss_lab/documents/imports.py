"""The imports that an example takes for granted."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from gptoss_lab.documents.blocks import Symbol
from gptoss_lab.documents.scopes import dotted

# What documentation of the field uses without importing it.
CONVENTIONS: Mapping[str, str] = {
    "np": "import numpy as np",
    "numpy": "import numpy",
    "pd": "import pandas as pd",
    "pandas": "import pandas",
    "plt": "import matplotlib.pyplot as plt",
    "mpl": "import matplotlib as mpl",
    "matplotlib": "import matplotlib",
    "sns": "import seaborn as sns",
    "sp": "import scipy as sp",
    "scipy": "import scipy",
    "stats": "from scipy import stats",
    "sm": "import statsmodels.api as sm",
    "smf": "import statsmodels.formula.api as smf",
    "nx": "import networkx as nx",
    "xr": "import xarray as xr",
    "pl": "import polars as pl",
    "sklearn": "import sklearn",
    "dt": "import datetime as dt",
    "datetime": "import datetime",
    "math": "import math",
    "os": "import os",
    "re": "import re",
    "json": "import json",
    "random": "import random",
    "itertools": "import itertools",
    "warnings": "import warnings",
    "StringIO": "from io import StringIO",
    "BytesIO": "from io import BytesIO",
    "Path": "from pathlib import Path",
    "partial": "from functools import partial",
}
ALIASES: Mapping[str, str] = {
    "np": "numpy",
    "pd": "pandas",
    "plt": "matplotlib.pyplot",
    "mpl": "matplotlib",
    "sns": "seaborn",
    "sp": "scipy",
    "sm": "statsmodels.api",
    "smf": "statsmodels.formula.api",
    "nx": "networkx",
    "xr": "xarray",
    "pl": "polars",
}
_MIN_NAME = 3


class NameTable:
    """The importable names of the documented packages, to complete examples and name what they call.

    `asked` gathers the names that were asked for: what it is given depends on these alone.
    """

    def __init__(self, symbols: Sequence[Symbol]) -> None:
        self.asked: set[str] = set()
        self._kinds: dict[str, str] = {}
        self._by_name: dict[str, list[str]] = {}
        for symbol in symbols:
            for qualname in (symbol.qualname, *symbol.aliases):
                self._kinds.setdefault(qualname, symbol.kind)
        for qualname, kind in self._kinds.items():
            if kind in {"class", "function"} and "." in qualname:
                self._by_name.setdefault(qualname.rpartition(".")[2], []).append(qualname)
        self._canonical = {alias: symbol.qualname for symbol in symbols for alias in symbol.aliases}

    def kind(self, qualname: str) -> str:
        """Return the kind of a documented name; empty when it is not documented."""
        self.asked.add(qualname)
        return self._kinds.get(qualname, "")

    def canonical(self, qualname: str) -> str:
        """Return the public name of an object that is known under several."""
        self.asked.add(qualname)
        return self._canonical.get(qualname, qualname)

    def statement(self, name: str, owner: str) -> str:
        """Return the import that binds a bare name in the documentation of `owner`; empty when unknown."""
        package = owner.split(".", maxsplit=1)[0]
        if name == package and self._kinds:
            return f"import {name}"
        if len(name) >= _MIN_NAME:
            qualname = self._best(name, owner)
            if qualname:
                return f"from {qualname.rpartition('.')[0]} import {name}"
        return CONVENTIONS.get(name, "")

    def differing(self, other: NameTable) -> set[str]:
        """Return the names for which another table has another answer."""
        one, two = self._answers(), other._answers()
        return {name for name in one.keys() | two.keys() if one.get(name) != two.get(name)}

    def _answers(self) -> dict[str, tuple[str, str, frozenset[str]]]:
        named = {name: frozenset(found) for name, found in self._by_name.items()}
        every = self._kinds.keys() | self._canonical.keys() | named.keys()
        return {name: (self.kind(name), self.canonical(name), named.get(name, frozenset())) for name in every}

    def _best(self, name: str, owner: str) -> str:
        self.asked.add(name)
        found = self._by_name.get(name, [])
        inside = [item for item in found if self.kind(item.rpartition(".")[0]) in {"module", ""}]
        if not inside or (name.islower() and not _related(inside, owner)):
            return ""
        scored = sorted(inside, key=lambda item: (-_common(item, owner), item.count("."), item))
        return scored[0]

    def submodules(self, tree: ast.AST, package: str) -> list[str]:
        """Return the documented modules that the code reaches through a plain `import package`."""
        chains = {dotted(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        found: set[str] = set()
        for chain in (item for item in chains if item.startswith(f"{package}.")):
            parts = chain.split(".")
            prefixes = [".".join(parts[:end]) for end in range(2, len(parts) + 1)]
            deep = [item for item in prefixes if self.kind(item) == "module"]
            found |= set(deep[-1:])
        return sorted(found)


def _common(left: str, right: str) -> int:
    count = 0
    for one, two in zip(left.split("."), right.split("."), strict=False):
        if one != two:
            break
        count += 1
    return count


def _related(found: Sequence[str], owner: str) -> bool:
    return any(item == owner or _common(item, owner) >= item.count(".") for item in found)


def bound_by(tree: ast.Module) -> dict[str, str]:
    """Map each name that the imports of a module bind to the qualified name behind it."""
    bound: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                bound[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                bound[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return bound

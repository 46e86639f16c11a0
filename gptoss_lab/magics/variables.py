"""`{variable}` in a task: its name and what it is, never what it holds.

Only text and numbers that the person named are told with their value.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from IPython.core.error import UsageError

NAMED = re.compile(r"\{\{([A-Za-z_]\w*)\}\}|\{([A-Za-z_]\w*)\}", re.ASCII)
TOLD_WITH_VALUE = (bool, int, float, str)
CONTAINERS = (list, tuple, set, frozenset, dict, bytes)
TABLES = ("pandas", "polars", "numpy", "scipy", "torch", "xarray", "geopandas", "pyarrow")
"""Libraries whose shapes and types can be asked without starting a computation."""

HEADING = "Variables of the notebook that the task names (what they are, not what they hold):"
MAX_VARIABLES = 20
MAX_COLUMNS = 50
MAX_NAME_CHARS = 80
MAX_VALUE_CHARS = 200
MAX_WORD_BITS = 256


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable as it is told."""

    name: str
    description: str


def named_in(task: str) -> tuple[str, ...]:
    """Return the variables that a task names, each once, in order."""
    return tuple(dict.fromkeys(found[2] for found in NAMED.finditer(task) if found[2]))


def look_up(task: str, namespace: Mapping[str, Any]) -> tuple[Variable, ...]:
    """Describe the variables that a task names.

    Raises:
        UsageError: One is not there, or there are too many.
    """
    names = named_in(task)
    missing = [name for name in names if name not in namespace]
    if missing:
        raise UsageError(
            f"There is no variable `{missing[0]}` here, so nothing was sent. Run the cell that makes it, "
            f"or write {{{{{missing[0]}}}}} for the word in braces."
        )
    if len(names) > MAX_VARIABLES:
        raise UsageError(f"The task names {len(names)} variables; {MAX_VARIABLES} fit. Nothing was sent.")
    return tuple(Variable(name, describe(namespace[name])) for name in names)


def compose(task: str, variables: Sequence[Variable]) -> str:
    """Return the task as it is sent: names in code marks, and what they are below it."""
    text = NAMED.sub(lambda found: f"{{{found[1]}}}" if found[1] else f"`{found[2]}`", task)
    if not variables:
        return text
    rows = [f"- `{variable.name}`: {variable.description}" for variable in variables]
    return "\n".join([text, "", HEADING, *rows])


def describe(value: Any) -> str:
    """Say what a value is: its type, and columns or shape where it has any."""
    try:
        return _described(value)
    except Exception:  # noqa: BLE001 - asking a foreign object may raise anything; its type is always known
        return _type_of(value)


def _described(value: Any) -> str:
    if type(value) in TOLD_WITH_VALUE:
        return _with_value(value)
    if type(value) in CONTAINERS:
        return f"{_type_of(value)} of length {len(value)}"
    if inspect.isfunction(value):
        return f"function of ({', '.join(inspect.signature(value).parameters)})"
    if inspect.isclass(value) or inspect.ismodule(value):
        return f"{_type_of(value)} {_clean(value.__name__)}"
    return _table(value) if type(value).__module__.partition(".")[0] in TABLES else _type_of(value)


def _with_value(value: Any) -> str:
    kind = _type_of(value)
    if isinstance(value, int) and value.bit_length() > MAX_WORD_BITS:
        return kind
    if isinstance(value, str) and len(value) > MAX_VALUE_CHARS:
        return f"{kind} of length {len(value)}, which begins with {value[:MAX_VALUE_CHARS]!r}"
    return f"{kind} = {value!r}"


def _table(value: Any) -> str:
    parts = [_type_of(value)]
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple) and all(isinstance(size, int) for size in shape):
        parts.append(f"shape {' by '.join(map(str, shape)) or 'scalar'}")
    columns = getattr(value, "columns", None)
    if columns is not None:
        return f"{', '.join(parts)}, columns: {_columns(value, columns)}"
    name = getattr(value, "name", None)
    if isinstance(name, str):
        parts.append(f"name {_clean(name)}")
    dtype = getattr(value, "dtype", None)
    return ", ".join([*parts, f"dtype {_clean(dtype)}"] if dtype is not None else parts)


def _columns(value: Any, columns: Any) -> str:
    names, dtypes = list(columns), list(getattr(value, "dtypes", ()))
    shown = [
        f"{_clean(name)} ({_clean(dtypes[place])})" if place < len(dtypes) else _clean(name)
        for place, name in enumerate(names[:MAX_COLUMNS])
    ]
    more = len(names) - len(shown)
    return ", ".join([*shown, f"and {more} more"] if more > 0 else shown) or "none"


def _type_of(value: Any) -> str:
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _clean(name: Any) -> str:
    """Keep a name on one line: a column's name may be anything."""
    words = " ".join(str(name).split())
    return words if len(words) <= MAX_NAME_CHARS else f"{words[:MAX_NAME_CHARS]}…"

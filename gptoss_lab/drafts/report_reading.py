"""What a notebook says of its generated cells, read from metadata that anybody may have written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from gptoss_lab.schemas.base import Wire
from gptoss_lab.schemas.documents import Citation
from gptoss_lab.schemas.execution import Environment
from gptoss_lab.schemas.review import (
    MAX_DECISIONS,
    MAX_REMOVED,
    CellProvenance,
    Decision,
    Finding,
    RemovedCell,
    ReviewRecord,
    VerificationNote,
)

KEY = "gptoss_lab"
MAX_LISTED = 200
MAX_PACKAGES = 1000

Model = TypeVar("Model", bound=Wire)

_SINGLE: Mapping[str, type[Wire]] = {"record": ReviewRecord, "verification": VerificationNote}
_LISTS: Mapping[str, tuple[type[Wire], int]] = {
    "sources": (Citation, MAX_LISTED),
    "checks": (Finding, MAX_LISTED),
    "decisions": (Decision, MAX_DECISIONS),
}
_UNKNOWN = {"review": "pending", "job": "", "cell": "", "generator": "examples"}


def read_provenance(metadata: Any) -> CellProvenance | None:
    """Return what a cell's metadata say; None where it was not generated.

    What cannot be read is left out. A cell whose review state cannot be read is pending.
    """
    value = _members(metadata).get(KEY)
    if value is None:
        return None
    data = _known(CellProvenance, _members(value))
    parts = {key: _salvaged(model, data[key]) for key, model in _SINGLE.items() if key in data}
    lists = {
        key: [read for item in _items(data[key])[-most:] if (read := _salvaged(model, item)) is not None]
        for key, (model, most) in _LISTS.items()
        if key in data
    }
    found = {key: part for key, part in parts.items() if part is not None}
    plain = {key: item for key, item in data.items() if key not in _SINGLE}
    return _salvaged(CellProvenance, {**plain, **found, **lists}, _UNKNOWN)


def read_removed(metadata: Any) -> Iterator[RemovedCell]:
    """Yield what a notebook remembers of the cells that decisions took out of it."""
    for item in _items(_members(_members(metadata).get(KEY)).get("removed"))[-MAX_REMOVED:]:
        record = _salvaged(ReviewRecord, _members(item).get("record"))
        cell = _salvaged(RemovedCell, {**_members(item), "record": record}) if record else None
        if cell is not None:
            yield cell


def read_environments(metadata: Any) -> Iterator[Environment]:
    """Yield what a notebook says of the environments that its cells ran in."""
    noted = _members(_members(_members(metadata).get(KEY)).get("environments"))
    for value in list(noted.values())[:MAX_LISTED]:
        data = _members(value)
        packages = _members(data.get("packages"))
        some = {name: packages[name] for name in list(packages)[:MAX_PACKAGES]}
        environment = _salvaged(Environment, {**data, "packages": some})
        if environment is not None:
            yield environment


def _salvaged(model: type[Model], value: Any, instead: Mapping[str, Any] | None = None) -> Model | None:
    """Return the model of a value without the members that are wrong; None where it needs one of them."""
    if isinstance(value, model):
        return value
    known = {**(instead or {}), **_known(model, _members(value))}
    try:
        return model.model_validate(known)
    except ValidationError as error:
        wrong = {str(one["loc"][0]) for one in error.errors(include_url=False) if one["loc"]}
    rest = {key: item for key, item in known.items() if key not in wrong}
    try:
        return model.model_validate({**(instead or {}), **rest})
    except ValidationError:
        return None


def _known(model: type[Wire], data: Mapping[str, Any]) -> dict[str, Any]:
    return {key: item for key, item in data.items() if key in model.model_fields}


def _members(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []

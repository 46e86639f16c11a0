"""The pages of events and of what a notebook keeps: the wire models, field by field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel, TypeAdapter

from gptoss_lab.schemas.events import Event
from gptoss_lab.schemas.review import CellProvenance, RemovedCell
from gptoss_lab.schemas.runs import ExecutionEvent
from tools.docs.markdown import page as joined
from tools.docs.models import described, fields, of_model

EVENTS = """\
# Events

What a job tells while it works: the same objects over HTTP, from the command line with `--json`, and to
the magic. `seq` counts from 1 within a job without gaps; a reader that was cut off asks for those after
the last one that it saw (`Last-Event-ID`, or `after`). `done` or `error` is the last.
"""
METADATA = """\
# What a notebook keeps

Cells that were generated carry `gptoss_lab` in their metadata, so that a review survives a reload, a
second tab and a shared document. A cell whose metadata cannot be read waits for review.
"""


def events() -> str:
    """Return the page of events."""
    return joined(
        EVENTS,
        "## Of a generation",
        *_union(Event, {}),
        "## Of an execution",
        *_union(ExecutionEvent, _names(Event)),
    )


def metadata() -> str:
    """Return the page of metadata."""
    removed = "What `gptoss_lab.removed` in a notebook's own metadata keeps:"
    return joined(
        METADATA,
        "## `gptoss_lab` of a cell",
        *_model(CellProvenance, {}),
        "## `gptoss_lab.removed` of a notebook",
        removed,
        *_model(RemovedCell, _parts(CellProvenance)),
    )


def _union(union: Any, told: dict[str, str]) -> Iterator[str]:
    models: list[type[BaseModel]] = list(get_args(get_args(union)[0]))
    schemas = TypeAdapter(union).json_schema(mode="serialization")["$defs"]
    for model in models:
        words = of_model(model)
        name = str(model.model_fields["type"].default)
        if name in told:
            yield f"### `{name}` of an execution\n\nAs [above](#{name})." if schemas else ""
            continue
        own = {
            key: value
            for key, value in schemas[model.__name__]["properties"].items()
            if key not in {"seq", "job"}
        }
        schema = {**schemas[model.__name__], "properties": own}
        yield f"### `{name}`\n\n{words.text}\n\n{fields(schema, words.fields)}"
    yield from _definitions(schemas, {model.__name__ for model in models})


def _names(union: Any) -> dict[str, str]:
    return {str(model.model_fields["type"].default): model.__name__ for model in get_args(get_args(union)[0])}


def _model(model: type[BaseModel], told: dict[str, str]) -> Iterator[str]:
    schema = model.model_json_schema(mode="serialization")
    words = of_model(model)
    yield f"{words.text}\n\n{fields(schema, words.fields)}"
    yield from _definitions(schema.get("$defs", {}), set(told))


def _parts(model: type[BaseModel]) -> dict[str, str]:
    return dict.fromkeys(model.model_json_schema(mode="serialization").get("$defs", {}), "")


def _definitions(schemas: dict[str, Any], told: set[str]) -> Iterator[str]:
    for name, schema in schemas.items():
        if name not in told and "properties" in schema:
            words = described(schema.get("description", ""))
            yield f"### {name}\n\n{words.text}\n\n{fields(schema, words.fields)}"

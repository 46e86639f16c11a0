"""What the wire models say of themselves: their docstrings, and the types of their fields."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import griffe
from pydantic import BaseModel

from tools.docs.markdown import code, table

REF = "#/components/schemas/"
SIMPLE = {"integer": "whole number", "number": "number", "string": "text", "boolean": "true or false"}
BOUNDS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "less than {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} of them",
    "maxItems": "at most {} of them",
    "pattern": "matches `{}`",
}


@dataclass(frozen=True, slots=True)
class Described:
    """A docstring in parts: what stands before `Attributes:`, and each attribute's own words."""

    text: str
    fields: Mapping[str, str]


def described(docstring: str) -> Described:
    """Return the parts of a docstring in Google's style."""
    texts: list[str] = []
    fields: dict[str, str] = {}
    for section in griffe.Docstring(docstring).parse("google", warnings=False):
        if isinstance(section, griffe.DocstringSectionAttributes):
            for attribute in section.value:
                fields[attribute.name] = attribute.description
        elif isinstance(section, griffe.DocstringSectionText):
            texts.append(section.value)
    return Described("\n\n".join(texts), fields)


def of_model(model: type[BaseModel]) -> Described:
    """Return what a model's own docstring says; a field's own description goes before it."""
    found = described(model.__doc__ or "")
    own = {key: field.description for key, field in model.model_fields.items() if field.description}
    return Described(found.text, {**found.fields, **own})


def fields(
    schema: Mapping[str, Any], words: Mapping[str, str], known: Mapping[str, str] | None = None
) -> str:
    """Return the table of an object's fields. `known` maps a model to where it is described."""
    needed = set(schema.get("required", ()))
    rows = [
        (
            code(key),
            words.get(key, value.get("description", "")),
            kind(value, known),
            _default(key, value, needed),
        )
        for key, value in schema.get("properties", {}).items()
    ]
    return table(("key", "what it is", "type", "default"), rows) if rows else "It has no fields."


def kind(schema: Mapping[str, Any], known: Mapping[str, str] | None = None) -> str:
    """Return the type of a field in words, with its bounds."""
    bounds = [words.format(schema[key]) for key, words in BOUNDS.items() if key in schema]
    return ", ".join([_kind(schema, known or {}), *bounds])


def _kind(schema: Mapping[str, Any], known: Mapping[str, str]) -> str:
    choices = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
    if choices:
        return " or ".join(dict.fromkeys(kind(choice, known) for choice in choices))
    if "$ref" in schema:
        name = re.split(r"[/]", schema["$ref"])[-1]
        return f"[{name}]({known[name]})" if name in known else name
    if "const" in schema or "enum" in schema:
        return " or ".join(code(json.dumps(value)) for value in schema.get("enum", (schema.get("const"),)))
    if schema.get("type") == "array":
        return _list(schema, known)
    if schema.get("type") == "object":
        inner = schema.get("additionalProperties")
        return f"object of {kind(inner, known)}" if isinstance(inner, Mapping) and inner else "object"
    return "nothing" if schema.get("type") == "null" else SIMPLE.get(str(schema.get("type")), "anything")


def _list(schema: Mapping[str, Any], known: Mapping[str, str]) -> str:
    items: Sequence[Mapping[str, Any]] = schema.get("prefixItems", ())
    if items:
        return "list: " + ", ".join(kind(item, known) for item in items)
    return f"list of {kind(schema['items'], known)}" if schema.get("items") else "list"


def _default(key: str, schema: Mapping[str, Any], needed: set[str]) -> str:
    if key in needed:
        return "**needed**"
    return code(json.dumps(schema["default"], ensure_ascii=False)) if "default" in schema else ""

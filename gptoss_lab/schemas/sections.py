"""A section of the configuration, from what an administrator wrote to its model, and its description."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from gptoss_lab.errors import RequestError
from gptoss_lab.schemas.base import Wire

Section = TypeVar("Section", bound=Wire)


def parse_section(model: type[Section], name: str, values: Mapping[str, Any]) -> Section:
    """Turn one section of the configuration into its model.

    Args:
        model: The section's model.
        name: The section as the person wrote it, for the message.
        values: The keys and values of the section.

    Raises:
        RequestError: A key is unknown or a value is wrong; the message names the key.
    """
    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            problem, hint = f"{name} has no key `{key}`", f"Known keys: {', '.join(model.model_fields)}."
        else:
            problem, hint = (
                f"{name}: `{key}` is wrong: {first['msg'].removeprefix('Value error, ')}",
                "Correct the value.",
            )
        raise RequestError(problem, hint=hint) from error


def describe_section(model: type[Wire]) -> str:
    """Return one line per key of a section, with its type and default."""
    lines = []
    for key, field in model.model_fields.items():
        kind = getattr(field.annotation, "__name__", str(field.annotation))
        kind = str(field.annotation).removeprefix("typing.") if kind == "Literal" else kind
        default = field.default
        if isinstance(default, BaseModel):
            default = default.model_dump()
        lines.append(f"{key}: {kind} = {default!r}")
    return "\n".join(lines)

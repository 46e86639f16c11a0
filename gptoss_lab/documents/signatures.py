"""Signatures as source text, under the name that a person writes."""

from __future__ import annotations

import re
from collections.abc import Sequence

import griffe

_MAX_SIGNATURE = 1_500
_MAX_VALUE = 80


def signature(item: griffe.Object, name: str) -> str:
    """Return the signature as source text under a public name; a class shows its constructor's."""
    shown = name.rpartition(".")[2] if isinstance(item.parent, griffe.Class) else name
    if isinstance(item, griffe.Attribute):
        value = f" = {item.value}" if item.value is not None and len(str(item.value)) <= _MAX_VALUE else ""
        return f"{shown}{f': {item.annotation}' if item.annotation else ''}{value}"
    if isinstance(item, griffe.Class):
        try:
            parameters = [part for part in item.parameters if part.name not in {"self", "cls"}]
        except (griffe.GriffeError, KeyError, ValueError, RecursionError):
            parameters = []
        return f"{shown}({_parameters(parameters)})"[:_MAX_SIGNATURE]
    if not isinstance(item, griffe.Function):
        return ""
    parameters = list(item.parameters)
    if isinstance(item.parent, griffe.Class) and parameters and parameters[0].name in {"self", "cls"}:
        parameters = parameters[1:]
    returns = f" -> {item.returns}" if item.returns else ""
    return f"{shown}({_parameters(parameters)}){returns}"[:_MAX_SIGNATURE]


def _parameters(parameters: Sequence[griffe.Parameter]) -> str:
    parts: list[str] = []
    kinds = griffe.ParameterKind
    starred = False
    for position, item in enumerate(parameters):
        if item.kind is kinds.keyword_only and not starred:
            parts.append("*")
            starred = True
        text = {kinds.var_positional: "*", kinds.var_keyword: "**"}.get(
            item.kind or kinds.positional_or_keyword, ""
        )
        text += item.name
        if item.annotation is not None:
            text += f": {item.annotation}"
        # griffe gives *args and **kwargs a default of their own
        if item.default is not None and item.kind not in {kinds.var_positional, kinds.var_keyword}:
            text += f" = {item.default}" if item.annotation is not None else f"={item.default}"
        parts.append(text)
        starred = starred or item.kind is kinds.var_positional
        following = parameters[position + 1] if position + 1 < len(parameters) else None
        if item.kind is kinds.positional_only and (
            following is None or following.kind is not kinds.positional_only
        ):
            parts.append("/")
    return re.sub(r"\s+", " ", ", ".join(parts))

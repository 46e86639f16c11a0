"""What may stand behind the question mark of an address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

TEXT: Mapping[str, Any] = {"type": "string"}
FLAG: Mapping[str, Any] = {"type": "boolean"}
IDENTIFIER: Mapping[str, Any] = {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._~-]{0,127}$"}


@dataclass(frozen=True, slots=True)
class Query:
    """A parameter, what it means, and the JSON schema of its values."""

    name: str
    says: str
    schema: Mapping[str, Any] = field(default_factory=lambda: TEXT)
    required: bool = False

    def described(self) -> dict[str, Any]:
        """Return it as OpenAPI has it."""
        return {
            "name": self.name,
            "in": "query",
            "description": self.says,
            "required": self.required,
            "schema": dict(self.schema),
        }


def number(least: int, most: int) -> Mapping[str, Any]:
    """Return the schema of an integer."""
    return {"type": "integer", "minimum": least, "maximum": most}


def choice(*words: str) -> Mapping[str, Any]:
    """Return the schema of one of some words."""
    return {"type": "string", "enum": list(words)}

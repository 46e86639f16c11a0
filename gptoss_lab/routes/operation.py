"""A row of the table of routes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tornado.web import RequestHandler

_PARAMETER = re.compile(r"\{(\w+)\}")
_IDENTIFIER = r"([A-Za-z0-9][A-Za-z0-9._~-]{0,127})"
_REST = "path"


@dataclass(frozen=True, slots=True)
class Operation:
    """One verb of a route. `request` and `reply` name wire models, empty where there is no body.

    `events` names the model of the events that it streams, `outcome` that of the answer to a client
    that waits for the end. A `binary` answer is a file; one with `texts` is
    a text of one of these media types.
    """

    verb: str
    summary: str
    request: str = ""
    reply: str = ""
    status: int = 200
    events: str = ""
    outcome: str = ""
    query: tuple[tuple[str, str], ...] = ()
    binary: bool = False
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """A path, who answers it, and what each verb means. A parameter named `path` takes slashes too."""

    path: str
    handler: type[RequestHandler]
    operations: tuple[Operation, ...]

    @property
    def pattern(self) -> str:
        """The path as tornado matches it."""
        return _PARAMETER.sub(lambda found: "(.+)" if found[1] == _REST else _IDENTIFIER, self.path) + "$"

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names in the path, in order."""
        return tuple(_PARAMETER.findall(self.path))

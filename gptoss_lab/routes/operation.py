"""A row of the table of routes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from jupyter_server.auth.utils import HTTP_METHOD_TO_AUTH_ACTION
from tornado.web import RequestHandler

from gptoss_lab.routes.query import IDENTIFIER, TEXT, Query

_PARAMETER = re.compile(r"\{(\w+)\}")
_IDENTIFIER = f"({IDENTIFIER['pattern'].strip('^$')})"
_REST = "path"


@dataclass(frozen=True, slots=True)
class Operation:
    """One verb of a route. `request` and `reply` name wire models, empty where there is no body.

    A request that `may_be_empty` need not have a body. `events` names the model of the events that it
    streams, `outcome` that of the answer to a client that waits for the end. A `binary` answer is a file;
    one with `texts` is a text of one of these media types. `action` is what a person must be allowed,
    where it is not what Jupyter asks for the verb; `audited` is what an audit calls what is done.
    """

    verb: str
    summary: str
    request: str = ""
    reply: str = ""
    status: int = 200
    events: str = ""
    outcome: str = ""
    query: tuple[Query, ...] = ()
    may_be_empty: bool = False
    binary: bool = False
    texts: tuple[str, ...] = ()
    action: str = ""
    audited: str = ""

    @property
    def permission(self) -> str:
        """The action that the server's authorizer is asked for."""
        return self.action or HTTP_METHOD_TO_AUTH_ACTION[self.verb]


@dataclass(frozen=True, slots=True)
class Route:
    """A path, who answers it, and what each verb means. A parameter named `path` takes slashes too."""

    path: str
    handler: type[RequestHandler]
    operations: tuple[Operation, ...]

    @property
    def resource(self) -> str:
        """What of the server it is about, as its authorizer is asked."""
        return str(getattr(self.handler, "auth_resource", ""))

    @property
    def pattern(self) -> str:
        """The path as tornado matches it."""
        return _PARAMETER.sub(lambda found: "(.+)" if found[1] == _REST else _IDENTIFIER, self.path) + "$"

    def described(self) -> list[dict[str, Any]]:
        """Return the parameters of the path as OpenAPI has them."""
        return [
            {
                "name": name,
                "in": "path",
                "required": True,
                "schema": dict(TEXT if name == _REST else IDENTIFIER),
            }
            for name in self.parameters
        ]

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names in the path, in order."""
        return tuple(_PARAMETER.findall(self.path))

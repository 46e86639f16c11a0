"""`/api/v1/openapi.json`, made from the table of routes and the wire models.

Source: https://spec.openapis.org/oas/v3.1.0
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, Literal

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from gptoss_lab.routes import wire
from gptoss_lab.routes.base import GptossHandler
from gptoss_lab.routes.operation import Operation, Route
from gptoss_lab.routes.problems import MEDIA_TYPE
from gptoss_lab.routes.request_id import HEADER, MAX_CHARS
from gptoss_lab.routes.sse import NDJSON, SSE

_REQUEST_ID: dict[str, Any] = {
    "description": "What the server's log calls the request.",
    "schema": {"type": "string", "pattern": f"^[A-Za-z0-9._~-]{{1,{MAX_CHARS}}}$"},
}
_SENT_ID = {
    "name": HEADER,
    "in": "header",
    "required": False,
    # Any text may be sent: one that cannot be an id refuses nothing, the server makes another.
    "schema": {"type": "string"},
    "description": "What the client calls the request, in the form of the answer's; the server makes an id "
    "where there is none that it can take.",
}
REF = "#/components/schemas/{model}"


class OpenApiHandler(GptossHandler):
    """The description of this interface."""

    auth_resource = "gptoss_lab.description"

    @authenticated
    @authorized
    async def get(self) -> None:
        """Answer with the OpenAPI document."""
        self.finish(json.dumps(openapi(self.context.routes, self.context.version, self.base_url)))


def openapi(routes: Iterable[Route], version: str, base_url: str) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of the routes."""
    routes = tuple(routes)
    return {
        "openapi": "3.1.0",
        "info": {"title": "gptoss_lab", "version": version},
        "servers": [{"url": base_url.rstrip("/") or "/"}],
        "security": [{"token": []}],
        "paths": {route.path: _path(route) for route in routes},
        "components": {
            "schemas": _schemas(routes),
            "securitySchemes": {"token": {"type": "apiKey", "in": "header", "name": "Authorization"}},
        },
    }


def _path(route: Route) -> dict[str, Any]:
    return {op.verb.lower(): _operation(route, op) for op in route.operations}


def _operation(route: Route, op: Operation) -> dict[str, Any]:
    noun = re.sub(r"\W+", "_", route.path.removeprefix("/api/v1/")).strip("_")
    found: dict[str, Any] = {
        "summary": op.summary,
        "operationId": f"{op.verb.lower()}_{noun}",
        "x-jupyter-permission": {"resource": route.resource, "action": op.permission},
        "parameters": [*route.described(), *(query.described() for query in op.query), _SENT_ID],
        "responses": _answers(op),
    }
    for answer in found["responses"].values():
        answer["headers"] = {HEADER: _REQUEST_ID}
    if op.request:
        found["requestBody"] = {
            "required": not op.may_be_empty,
            "content": _content(op.request, "application/json"),
        }
    return found


def _answers(op: Operation) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    if op.reply or not op.events:
        content = {"content": _content(op.reply, "application/json")} if op.reply else {}
        answers[str(op.status)] = {"description": op.summary, **content}
    if op.binary:
        file = {"schema": {"type": "string", "format": "binary"}}
        answers[str(op.status)] = {"description": op.summary, "content": {"application/octet-stream": file}}
    if op.texts:
        texts = {media_type: {"schema": {"type": "string"}} for media_type in op.texts}
        answers[str(op.status)] = {"description": op.summary, "content": texts}
    if op.events:
        event = {"$ref": REF.format(model=op.events)}
        frame = {"type": "string", "contentMediaType": "application/json", "contentSchema": event}
        text = {"type": "string"}
        fields = {"id": text, "event": text, "data": frame}
        streams: dict[str, Any] = {
            SSE.media_type: {"schema": {"type": "object", "properties": fields, "required": ["data"]}},
            NDJSON.media_type: {"schema": text, "x-event": event},
        }
        waited = _content(op.outcome, "application/json") if op.outcome else {}
        told = "The job's events, or its outcome" if op.outcome else "The job's events"
        answers["200"] = {"description": told, "content": {**streams, **waited}}
    answers["default"] = {"description": "A problem", "content": _content("RequestProblem", MEDIA_TYPE)}
    return answers


def _content(model: str, media_type: str) -> dict[str, Any]:
    schema = {"$ref": REF.format(model=model)} if model in wire.HOMES else {"type": "object"}
    return {media_type: {"schema": schema}}


def _schemas(routes: tuple[Route, ...]) -> dict[str, Any]:
    from pydantic import TypeAdapter  # noqa: PLC0415 - see routes.wire

    operations = [op for route in routes for op in route.operations]
    reads = {op.request for op in operations if op.request}
    named = {name for op in operations for name in (op.reply, op.events, op.outcome)}
    writes = (named & wire.HOMES.keys()) | {"RequestProblem"}
    bodies: list[tuple[str, Literal["validation", "serialization"], TypeAdapter[Any]]] = []
    bodies.extend((name, "validation", TypeAdapter(getattr(wire, name))) for name in sorted(reads))
    bodies.extend((name, "serialization", TypeAdapter(getattr(wire, name))) for name in sorted(writes))
    tops, document = TypeAdapter.json_schemas(bodies, ref_template=REF)
    schemas: dict[str, Any] = dict(document.get("$defs", {}))
    for (name, _), schema in tops.items():
        schemas.setdefault(name, schema)
    return dict(sorted(schemas.items()))

"""The page of the HTTP interface, from the OpenAPI document that the server answers with."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from gptoss_lab.routes.openapi import openapi
from gptoss_lab.routes.table import ROUTES
from tools.docs.markdown import code, table
from tools.docs.markdown import page as joined
from tools.docs.models import REF, described, fields, kind

INTRODUCTION = """\
# HTTP interface

Below the base URL of the Jupyter server. Every address needs what the server itself asks for: a token
(`Authorization: token …`), a password's cookie, or what its identity provider has. The server answers
with this as OpenAPI 3.1 at `/api/v1/openapi.json`; {download}`the same document <openapi.json>` is
here.

Whatever goes wrong is a problem of RFC 9457 (`application/problem+json`) with `title`, `detail`,
`status`, `code` and a `hint`: see [errors](errors.md). Streams are [events](events.md), as server-sent
events or as JSON lines. A body is read strictly: nothing is converted.
"""


@cache
def interface() -> dict[str, Any]:
    """Return the document."""
    return openapi(ROUTES, "1", "/")


def document() -> str:
    """Return the document as a file."""
    return json.dumps(interface(), indent=1, ensure_ascii=False)


def page() -> str:
    """Return the page."""
    paths: Mapping[str, Any] = interface()["paths"]
    schemas: Mapping[str, Any] = interface()["components"]["schemas"]
    known = {name: f"#{name.lower()}" for name in schemas}
    rows = [
        (verb.upper(), f"[{path}](#{_anchor(verb, path)})", operation["summary"])
        for path, verbs in paths.items()
        for verb, operation in verbs.items()
    ]
    operations = [
        _operation(verb, path, operation, known)
        for path, verbs in paths.items()
        for verb, operation in verbs.items()
    ]
    overview = table(("verb", "address", "what it does"), rows)
    return joined(INTRODUCTION, overview, "## Operations", *operations, "## Models", *_models(schemas, known))


def _anchor(verb: str, path: str) -> str:
    words = "".join(letter if letter.isalnum() else "-" for letter in f"{verb}{path}")
    return "op-" + "-".join(filter(None, words.split("-")))


def _operation(verb: str, path: str, operation: Mapping[str, Any], known: Mapping[str, str]) -> str:
    parts = [f"({_anchor(verb, path)})=", f"### `{verb.upper()} {path}`", "", operation["summary"]]
    asked = operation["x-jupyter-permission"]
    parts += ["", f"Jupyter's authorizer is asked for `{asked['action']}` on `{asked['resource']}`."]
    if operation["parameters"]:
        rows = [
            (code(row["name"]), row["in"], kind(row["schema"], known), row.get("description", ""))
            for row in operation["parameters"]
        ]
        parts += ["", table(("parameter", "in", "type", "what it is"), rows)]
    body = operation.get("requestBody")
    if body:
        model = kind(body["content"]["application/json"]["schema"], known)
        parts += ["", f"Body: {model}{'' if body['required'] else ' (may be left out)'}."]
    asked = operation["x-jupyter-permission"]
    parts += ["", f"Permission: `{asked['action']}` on `{asked['resource']}`."]
    return "\n".join([*parts, "", _answers(operation, known)])


def _answers(operation: Mapping[str, Any], known: Mapping[str, str]) -> str:
    rows = []
    for status, answer in operation["responses"].items():
        told = [
            f"`{media}`: {_event(content) or kind(content['schema'], known)}"
            for media, content in answer.get("content", {}).items()
        ]
        rows.append((code("else" if status == "default" else status), "; ".join(told) or "nothing"))
    return table(("status", "answer"), rows)


def _event(content: Mapping[str, Any]) -> str:
    reference = content.get("x-event") or content["schema"].get("properties", {}).get("data", {}).get(
        "contentSchema"
    )
    return f"stream of [{reference['$ref'].removeprefix(REF)}](events.md)" if reference else ""


def _models(schemas: Mapping[str, Any], known: Mapping[str, str]) -> Iterator[str]:
    for name, schema in schemas.items():
        words = described(schema.get("description", ""))
        inside = (
            fields(schema, words.fields, known) if "properties" in schema else f"It is {kind(schema, known)}."
        )
        yield f"({name.lower()})=\n### {name}\n\n{words.text}\n\n{inside}"

"""The description of the interface."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

from tornado.httpclient import HTTPResponse

from gptoss_lab.routes.openapi import openapi
from gptoss_lab.routes.table import ROUTES

Fetch = Callable[..., Awaitable[HTTPResponse]]


def references(value: Any) -> set[str]:
    """Return every `$ref` of a document."""
    if isinstance(value, dict):
        own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*(references(item) for item in value.values()))
    return set().union(*(references(item) for item in value)) if isinstance(value, list) else set()


async def test_the_document_is_served(jp_fetch: Fetch, jp_base_url: str) -> None:
    """It is JSON, names version 3.1, and counts from the server's base URL."""
    response = await jp_fetch("api", "v1", "openapi.json")
    document = json.loads(response.body)
    assert response.headers["Content-Type"] == "application/json"
    assert document["openapi"].startswith("3.1")
    assert document["servers"] == [{"url": jp_base_url.rstrip("/")}]


def test_every_route_and_verb_is_described() -> None:
    """The table and the document say the same."""
    document = openapi(ROUTES, "1", "/")
    assert {(path, verb) for path, verbs in document["paths"].items() for verb in verbs} == {
        (route.path, op.verb.lower()) for route in ROUTES for op in route.operations
    }
    names = [op["operationId"] for verbs in document["paths"].values() for op in verbs.values()]
    assert len(names) == len(set(names))
    for path, verbs in document["paths"].items():
        for op in verbs.values():
            inside = [place["name"] for place in op["parameters"] if place["in"] == "path"]
            assert inside == re.findall(r"\{(\w+)\}", path)
            assert "default" in op["responses"]


def test_every_reference_leads_somewhere() -> None:
    """No `$ref` of the document is broken, and it is plain JSON."""
    document = openapi(ROUTES, "1", "/")
    schemas = json.loads(json.dumps(document))["components"]["schemas"]
    named = {reference.removeprefix("#/components/schemas/") for reference in references(document)}
    assert named
    assert named <= schemas.keys()
    assert {"Event", "Problem", "CodeGenerationRequest", "JobAccepted"} <= named


def test_a_stream_and_a_body_are_described() -> None:
    """Generation takes a body and answers 202, or 200 with events."""
    generate = openapi(ROUTES, "1", "/")["paths"]["/api/v1/code/generate"]["post"]
    assert generate["requestBody"]["required"]
    assert {"200", "202", "default"} == generate["responses"].keys()
    assert "text/event-stream" in generate["responses"]["200"]["content"]

"""Requests, as pages show them, held against the interface."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pydantic import TypeAdapter

from gptoss_lab.routes import wire
from gptoss_lab.routes.operation import Operation
from gptoss_lab.routes.table import ROUTES


class RequestMistakeError(ValueError):
    """The server would not take a request."""


def check(verb: str, path: str, query: Mapping[str, object], body: str) -> None:
    """Check a request: there is such an address and verb, its parameters are known, and its body is valid.

    Raises:
        RequestMistakeError: The server would refuse it.
    """
    operation = _operation(verb, path)
    unknown = query.keys() - {parameter.name for parameter in operation.query}
    if unknown:
        raise RequestMistakeError(f"{verb} {path} has no parameter {', '.join(sorted(unknown))}")
    if body:
        if not operation.request:
            raise RequestMistakeError(f"{verb} {path} takes no body")
        TypeAdapter(getattr(wire, operation.request)).validate_json(body, strict=True)
    elif operation.request and not operation.may_be_empty:
        raise RequestMistakeError(f"{verb} {path} needs a body")


def check_block(text: str) -> None:
    """Check a block that shows a request: a line `VERB PATH HTTP/1.1`, headers, an empty line, the body.

    Raises:
        RequestMistakeError: The server would refuse it.
    """
    head, _, body = text.partition("\n\n")
    first, *headers = head.splitlines()
    found = re.fullmatch(r"([A-Z]+) (\S+?)(?:\?(\S*))? HTTP/1\.1", first)
    if not found or not all(re.fullmatch(r"[\w-]+: .+", header) for header in headers):
        raise RequestMistakeError("it begins with `VERB PATH HTTP/1.1`, then one header a line")
    query = dict(part.partition("=")[::2] for part in (found[3] or "").split("&") if part)
    check(found[1], found[2], query, body.strip())


def _operation(verb: str, path: str) -> Operation:
    for route in ROUTES:
        if re.match(route.pattern, path):
            for operation in route.operations:
                if operation.verb == verb:
                    return operation
            raise RequestMistakeError(f"{path} does not take {verb}")
    raise RequestMistakeError(f"the server has no {path}")

"""Errors as the wire carries them.

Source: https://www.rfc-editor.org/rfc/rfc9457
"""

from __future__ import annotations

from http.client import responses
from typing import TYPE_CHECKING

from tornado.web import HTTPError

from gptoss_lab.errors import GptossError
from gptoss_lab.routes import wire

if TYPE_CHECKING:
    from pydantic import ValidationError

MEDIA_TYPE = "application/problem+json"

_HTTP_CODES = {
    401: ("unauthenticated", "Log in to Jupyter, or send its token in the Authorization header."),
    403: ("forbidden", "Log in to Jupyter, send its token, or ask the administrator for the permission."),
    404: ("not_found", "Check the address; /api/v1/openapi.json lists what exists."),
    405: ("method_not_allowed", "Check the verb; /api/v1/openapi.json lists what exists."),
}


def problem_of(error: BaseException | None, status: int = 500) -> wire.Problem:
    """Return what a client may know of an error: nothing internal.

    Args:
        error: What was raised, or None where tornado only names a status.
        status: The status that tornado chose; used when the error does not know better.
    """
    from pydantic import ValidationError  # noqa: PLC0415 - loaded when the first error is told

    from gptoss_lab.services.problems import problem_of as own_problem  # noqa: PLC0415

    if isinstance(error, GptossError):
        return own_problem(error)
    if isinstance(error, ValidationError):
        return _invalid(error)
    if isinstance(error, HTTPError):
        status = error.status_code
    return _http(status)


def _http(status: int) -> wire.Problem:
    if status >= 500:  # noqa: PLR2004 - the class of server errors
        code, hint = "internal", GptossError.default_hint
    else:
        code, hint = _HTTP_CODES.get(status, ("bad_request", "Correct the request and send it again."))
    return wire.Problem(title=responses.get(status, "Error"), status=status, code=code, hint=hint)


def _invalid(error: ValidationError) -> wire.Problem:
    first, *others = error.errors(include_url=False, include_input=False, include_context=False)
    if first["type"] == "json_invalid":
        return wire.Problem(
            title=responses[400],
            status=400,
            detail=f"The body is not JSON: {first['msg']}.",
            code="bad_json",
            hint="Send one JSON object, in UTF-8.",
        )
    field = ".".join(str(part) for part in first["loc"]) or "the body"
    more = f" ({len(others)} more)" if others else ""
    return wire.Problem(
        title=responses[422],
        status=422,
        detail=f"`{field}`: {first['msg']}{more}.",
        code="invalid",
        hint=f"Correct `{field}`; /api/v1/openapi.json describes the body.",
    )

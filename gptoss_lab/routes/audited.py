"""What an audit is told of a request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tornado.web import RequestHandler

from gptoss_lab.routes.limits import READING
from gptoss_lab.routes.operation import Route

if TYPE_CHECKING:
    from gptoss_lab.services.audit import Asked


@dataclass(frozen=True, slots=True)
class Answered:
    """What only its handler knows of a request.

    `owner` is empty for who is not logged in, `code` where there is no problem, `location` where nothing was
    made; `body` is None where it was not read to its end.
    """

    owner: str
    code: str
    location: str
    body: bytes | None


def asked_of(handler: RequestHandler, route: Route | None, answered: Answered, received_bytes: int) -> Asked:
    """Return what the audit is told: by the route, never by the address that was sent."""
    from gptoss_lab.services.audit import Asked  # noqa: PLC0415 - see routes.wire

    verb = str(handler.request.method)
    operation = next((op for op in route.operations if op.verb == verb), None) if route else None
    default = "read" if verb in READING else "other"
    action = operation.audited if operation and operation.audited else default
    # tornado sets them once it knows the verb.
    parameters = dict(zip(route.parameters if route else (), getattr(handler, "path_args", ()), strict=False))
    made = {"sandbox" if action == "sandbox_start" else "job": answered.location.rpartition("/")[2]}
    return Asked(
        user=answered.owner,
        action=action,
        operation=f"{verb} {route.path}" if route and operation else "",
        resource=str(getattr(handler, "auth_resource", "")),
        status=handler.get_status(),
        code=answered.code,
        names={**parameters, **(made if answered.location else {})},
        subject=next(iter(parameters.values()), ""),
        body=answered.body,
        received_bytes=received_bytes,
        duration_s=handler.request.request_time(),
    )

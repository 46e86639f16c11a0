"""One line of the log for each request: what, how it ended, how long it took. No words of it."""

from __future__ import annotations

import logging
from typing import Any, Protocol

from jupyter_server.prometheus.log_functions import prometheus_log_method

from gptoss_lab.routes.operation import Route
from gptoss_lab.services.logs import ACCESS
from gptoss_lab.services.work import ASKER, mark_of

LOG = logging.getLogger(ACCESS)
NO_ROUTE = "(no such address)"
_REFUSED, _FAILED = 400, 500


class Answered(Protocol):
    """A request that was answered."""

    path_args: list[str]
    route: Route | None
    request: Any
    sent_bytes: int

    @property
    def request_id(self) -> str:
        """What it is called."""

    def get_status(self) -> int:
        """Return how it was answered."""


def log_request(handler: Answered) -> None:
    """Write the line of a request that was answered, and count it where Jupyter counts its requests."""
    status = handler.get_status()
    route = handler.route.path if handler.route else NO_ROUTE  # what was sent instead is not repeated
    method = str(handler.request.method)
    duration_s = round(handler.request.request_time(), 4)
    figures = {
        "request": handler.request_id,
        "job": _named(handler)[:128] if "{job}" in route else "",
        "owner": mark_of(ASKER.get()),
        "method": method,
        "route": route,
        "status": status,
        "duration_s": duration_s,
        "bytes": handler.sent_bytes,
    }
    level = logging.ERROR if status >= _FAILED else logging.WARNING if status >= _REFUSED else logging.INFO
    LOG.log(level, "%s %s %d in %.1f ms", method, route, status, 1000 * duration_s, extra=figures)
    prometheus_log_method(handler)  # type: ignore[no-untyped-call]


def _named(handler: Answered) -> str:
    """Return the name in the address; tornado says it once it knows the verb."""
    names = getattr(handler, "path_args", None) or ("",)
    return str(names[0])

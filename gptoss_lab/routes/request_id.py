"""The id of a request: the client's own where it is well-formed, else one of ours.

It stands in the answer, in problems, in our log and in that of the jobs that the request starts, so that who
is told of an error and who reads the log speak of the same.
"""

from __future__ import annotations

import re
import uuid
from functools import cached_property
from typing import Any

from jupyter_server.base.handlers import APIHandler

from gptoss_lab.routes.access_log import log_request
from gptoss_lab.routes.operation import Route

HEADER = "X-Request-ID"
MAX_CHARS = 64
_WELL_FORMED = re.compile(rf"[A-Za-z0-9._~-]{{1,{MAX_CHARS}}}")


def request_id(sent: str | None) -> str:
    """Return what a client calls its request; a new id where it does not, or not as may stand in a log."""
    return sent if sent and _WELL_FORMED.fullmatch(sent) else uuid.uuid4().hex


class NamedRequest(APIHandler):
    """A handler that names its request in each answer, and writes one line of the log for it."""

    route: Route | None = None
    sent_bytes = 0

    def set_default_headers(self) -> None:
        """Name the request; called by tornado, for errors once more."""
        super().set_default_headers()
        self.set_header(HEADER, self.request_id)

    @cached_property
    def request_id(self) -> str:
        """What the request is called."""
        return request_id(self.request.headers.get(HEADER))

    def write(self, chunk: str | bytes | dict[str, Any]) -> None:
        """Write a piece of the answer and count what it takes."""
        super().write(chunk)
        self.sent_bytes += len(self._write_buffer[-1])

    def _log(self) -> None:
        """Log the request; called by tornado. Jupyter's own line would tell the words of a search."""
        log_request(self)

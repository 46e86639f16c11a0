"""Addresses of ours that do not exist: a problem, as everywhere else, not a page."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from gptoss_lab.errors import NotFoundError
from gptoss_lab.routes.base import GptossHandler

PATTERN = r"/api/v1/(code|corpora|sandboxes|model|feedback|report|metrics|monitor|health)(/.*)?"


async def _nothing(_handler: GptossHandler, *_parts: str) -> None:
    """Say that there is nothing.

    Raises:
        NotFoundError: Always.
    """
    raise NotFoundError("There is nothing at this address", hint="/api/v1/openapi.json lists what exists.")


class UnknownHandler(GptossHandler):
    """Whatever no other handler of ours takes, names that no job or sandbox can have among it."""

    # Each verb is wrapped for itself: `authorized` keeps the action of the first verb that it sees.
    get = authenticated(authorized(_nothing))
    post = authenticated(authorized(_nothing))
    delete = authenticated(authorized(_nothing))
    put = authenticated(authorized(_nothing))
    patch = authenticated(authorized(_nothing))

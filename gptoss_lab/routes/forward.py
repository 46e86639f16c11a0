"""Requests that another server answers: passed on as they came, and its answers as they come.

Who asks is decided here, as for requests that this server answers itself: the other one knows this
server alone. A client that leaves is a connection that closes there, too, so that leaving means the same.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from jupyter_core.utils import ensure_async
from jupyter_server.auth.decorator import authorized
from jupyter_server.utils import url_path_join
from tornado.web import authenticated

from gptoss_lab.errors import RemoteAuthError, RemoteLostError
from gptoss_lab.routes.base import SHARED_OWNER, GptossHandler
from gptoss_lab.routes.named_files import read_object, refuse_files
from gptoss_lab.routes.operation import Operation, Route

if TYPE_CHECKING:
    import httpx

    from gptoss_lab.services.remote import RemoteServer

OWN = ("/api/v1/feedback", "/api/v1/report", "/api/v1/metrics", "/api/v1/openapi.json")
"""What this server answers itself: reviews and notebooks are here, and what it has counted is its own."""
SENT = ("Accept", "Content-Type", "Idempotency-Key", "Last-Event-ID")
ANSWERED = (
    "Content-Length",
    "Content-Disposition",
    "Cache-Control",
    "Retry-After",
    "Allow",
    "X-Accel-Buffering",
)
STREAMS = {"text/event-stream": b"\n\n", "application/x-ndjson": b"\n"}
KNOWN = frozenset({"application/json", "application/problem+json", "application/octet-stream", *STREAMS})
"""What the other server answers with. Anything else, a page above all, is only data here."""
MAX_FRAME_BYTES = 64 << 20
EXECUTE = "/api/v1/code/execute"
ACCEPTED = 202
OPAQUE = "application/octet-stream"
Verb = Callable[..., Awaitable[None] | None]


def forwarding(routes: tuple[Route, ...]) -> tuple[Route, ...]:
    """Return the routes with handlers that pass on what the other server does."""
    return tuple(route if route.path in OWN else _forwarded(route) for route in routes)


def _forwarded(route: Route) -> Route:
    kind: Any = route.handler
    verbs = {one.verb.lower(): _verb(getattr(kind, one.verb.lower()), one) for one in route.operations}
    return Route(route.path, type(kind.__name__, (kind,), verbs), route.operations)


def _verb(local: Verb, operation: Operation) -> Verb:
    """Return a verb that passes on where there is somebody to pass to."""

    @authorized(action=operation.permission)  # type: ignore[untyped-decorator]
    async def passed(handler: GptossHandler, remote: RemoteServer) -> None:
        await handler.unless_gone(_pass_on(handler, remote))

    @authenticated
    async def verb(handler: GptossHandler, *parts: str) -> None:
        remote: RemoteServer | None = handler.context.remote
        if remote is not None and await remote.works():
            await passed(handler, remote)
        else:
            await ensure_async(local(handler, *parts))

    return verb


async def _pass_on(handler: GptossHandler, remote: RemoteServer) -> None:
    from gptoss_lab.services.remote import Passed  # noqa: PLC0415 - loads the HTTP client

    handler.waits_for_job()  # how long it takes says nothing of this server
    if not remote.same_files:
        refuse_files(handler.body)
    request = Passed(
        verb=str(handler.request.method),
        path=_address(handler),
        headers={name: value for name in SENT if (value := handler.request.headers.get(name))},
        body=handler.body,
        owner=_owner(handler, remote),
    )
    async with remote.sent(request, streams=_asks_for_stream(handler)) as answer:
        await _answer(handler, answer, remote)


def _owner(handler: GptossHandler, remote: RemoteServer) -> str:
    """Return for whom this is asked.

    Raises:
        RemoteAuthError: The other server would take all persons of this one for one.
    """
    if handler.owner != SHARED_OWNER and not remote.tells_owners_apart:
        raise RemoteAuthError(
            "This server knows its persons, and the one that does the work cannot tell them apart",
            hint="Give both the same secret: `owner_key_file` or `owner_key_env` of c.GptossLabApp.remote.",
        )
    return handler.owner


def _asks_for_stream(handler: GptossHandler) -> bool:
    """Say whether events are the answer: they have a pulse, other answers take as long as they take."""
    return handler.wanted_form is not None or handler.request.path.endswith("/events")


def _address(handler: GptossHandler) -> str:
    """Return the address below the base URL, without a token of this server's."""
    path, _, query = str(handler.request.uri).partition("?")
    kept = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name != "token"]
    return path.removeprefix(handler.base_url.rstrip("/")) + (f"?{urlencode(kept)}" if kept else "")


async def _answer(handler: GptossHandler, answer: httpx.Response, remote: RemoteServer) -> None:
    handler.set_status(answer.status_code)
    for name in ANSWERED:
        if name in answer.headers:
            handler.set_header(name, answer.headers[name])
    media_type = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    media_type = media_type if media_type in KNOWN else OPAQUE
    handler.set_header("Content-Type", media_type)
    handler.set_header("X-Content-Type-Options", "nosniff")
    if "Location" in answer.headers:
        handler.set_header("Location", _here(handler, answer.headers["Location"]))
    if media_type in STREAMS:
        await _stream(handler, answer, remote, media_type)
    elif answer.status_code == ACCEPTED:
        told = read_object(await _whole(answer, remote))
        handler.clear_header("Content-Length")
        handler.finish(json.dumps({**told, "events": _here(handler, str(told.get("events", "")))}))
    else:
        async for piece in _pieces(answer, remote):
            handler.write(piece)
            await handler.flush()
        handler.finish(set_content_type=media_type)


def _here(handler: GptossHandler, address: str) -> str:
    """Return an address of the other server as this one has it."""
    _, ours, rest = address.partition("/api/v1/")
    return url_path_join(handler.base_url, ours, rest) if ours else address


async def _whole(answer: httpx.Response, remote: RemoteServer) -> bytes:
    return b"".join([piece async for piece in _pieces(answer, remote)])


async def _pieces(answer: httpx.Response, remote: RemoteServer) -> AsyncIterator[bytes]:
    import httpx  # noqa: PLC0415 - as above

    try:
        async for piece in answer.aiter_raw():
            yield piece
    except httpx.TransportError as error:
        remote.forget()
        raise RemoteLostError(f"The server that does the work, {remote.url}, went away") from error


async def _stream(
    handler: GptossHandler, answer: httpx.Response, remote: RemoteServer, media_type: str
) -> None:
    """Pass events on, whole ones alone; where they are cut off, say so in their own form."""
    frames = _Frames(STREAMS[media_type])
    handler.send_small_pieces()
    try:
        with handler.services.metrics.reading():
            async for piece in _pieces(answer, remote):
                if whole := frames.feed(piece):
                    await handler.send(whole)
    except RemoteLostError as error:
        handler.log.warning("%s while it answered %s", error.message, handler.request.path)
        await handler.send(_last_words(handler, error, answer))
    handler.finish(set_content_type=media_type)


class _Frames:
    """Events out of pieces that end anywhere, as bytes."""

    def __init__(self, end: bytes) -> None:
        self._end = end
        self._rest = b""

    def feed(self, piece: bytes) -> bytes:
        """Take a piece and return the events that it completes.

        Raises:
            RemoteLostError: One is larger than any of ours.
        """
        head, found, self._rest = (self._rest + piece).rpartition(self._end)
        if len(self._rest) > MAX_FRAME_BYTES:
            raise RemoteLostError("The server that does the work sent an event that is too large")
        return head + found


def _last_words(handler: GptossHandler, error: RemoteLostError, answer: httpx.Response) -> bytes:
    """Return an event without a number. An execution is over; a reader of another job may resume."""
    from gptoss_lab.routes import sse  # noqa: PLC0415 - as above
    from gptoss_lab.schemas.events import Failed, Warn  # noqa: PLC0415 - as above
    from gptoss_lab.services.problems import problem_of  # noqa: PLC0415 - as above

    job = answer.headers.get("Location", handler.request.path.removesuffix("/events")).rpartition("/")[2]
    event: Failed | Warn = Warn(seq=0, job=job, message=f"{error.message}.", hint=error.hint)
    if handler.request.path.endswith(EXECUTE):
        event = Failed(seq=0, job=job, problem=problem_of(error))
    form = handler.wanted_form or sse.SSE
    return form.write(event)

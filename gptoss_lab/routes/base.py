"""Reading, replying, streaming and error mapping, written once for every handler."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from jupyter_server.auth.identity import IdentityProvider, PasswordIdentityProvider
from tornado.iostream import StreamClosedError
from tornado.web import HTTPError, RequestHandler, stream_request_body

from gptoss_lab.errors import GptossError, RequestError, TooLargeError
from gptoss_lab.routes import limits, problems, sse, wire
from gptoss_lab.routes.audited import Answered, asked_of
from gptoss_lab.routes.context import RouteContext
from gptoss_lab.routes.owner_label import FOREIGN, owner_label
from gptoss_lab.routes.paths import is_bare, resolve_data, resolve_source
from gptoss_lab.routes.request_id import NamedRequest
from gptoss_lab.services.work import ASKER, REQUEST

if TYPE_CHECKING:
    from pydantic import BaseModel

    from gptoss_lab.routes.operation import Route
    from gptoss_lab.schemas.documents import DocSource
    from gptoss_lab.schemas.runs import JobEvent
    from gptoss_lab.services.assembly import Services

    Model = TypeVar("Model", bound=BaseModel)

LOG = logging.getLogger(__name__)
AUTH_RESOURCE = "gptoss_lab"
MAX_BODY_BYTES = 2 << 20
UNAUTHENTICATED, METHOD_NOT_ALLOWED = 401, 405
MAX_KEY_CHARS = 200
SHARED_OWNER = "shared-token"
OTHER_ROUTE = "other"
OTHER_VERB = "other"


@stream_request_body
class GptossHandler(NamedRequest):
    """The base of every handler. The body is read as it comes, so that a huge one is never held."""

    auth_resource = AUTH_RESOURCE
    max_body_bytes = MAX_BODY_BYTES
    may_stream: bool | None = False
    """Whether it answers with events; None where the client says whether it wants them."""
    context: RouteContext
    services: Services

    def initialize(self, context: RouteContext, route: Route | None = None) -> None:
        """Take the doors to the rest of the house; called by tornado for each request."""
        self.context = context
        self.route = route
        self._code = ""
        self._waits = False
        self._body = bytearray()
        self._received_bytes = 0
        self._gone = asyncio.Event()
        self._leave: Callable[[], None] | None = None
        self._ready = False

    async def prepare(self) -> None:  # type: ignore[override] # jupyter_server makes it a coroutine too
        """Authenticate, refuse a huge body before it is sent, and have the services ready.

        Raises:
            HTTPError: Nobody is logged in: 401, so that a client knows that it lacks no permission.
            TooLargeError: The body is announced as larger than `max_body_bytes`.
            TooBusyError: The person has sent too much, or too many read events already.
        """
        REQUEST.set(self.request_id)
        try:
            await super().prepare()
        finally:
            # Also where Jupyter has refused it already, because a form of another site could have sent it.
            self._refuse_strangers()
        announced = self.request.headers.get("Content-Length", "0")
        self._received_bytes = int(announced) if announced.isdigit() else 0
        ASKER.set(self.owner)
        self._refuse_huge_body()
        self._received_bytes = 0
        self.services = await self.context.services()
        limits.count_request(self.services.access.quotas, self.owner, str(self.request.method))
        if self.wanted_form if self.may_stream is None else self.may_stream:
            self._leave = self.services.access.readers.enter(self.owner)
            if self._gone.is_set():  # before there was a place to give back
                self._give_place()
        self._ready = True

    def data_received(self, chunk: bytes) -> None:
        """Keep a piece of the body, up to the limit."""
        self._received_bytes += len(chunk)
        if self._received_bytes <= self.max_body_bytes:
            self._body += chunk

    def on_connection_close(self) -> None:
        """Note that the client has left; called by tornado."""
        self._gone.set()
        self._give_place()
        super().on_connection_close()

    def on_finish(self) -> None:
        """Give the place of a reader back, and tell of the answer; called by tornado after it."""
        self._give_place()
        verb = self.request.method if self.request.method in self.SUPPORTED_METHODS else OTHER_VERB
        seconds = None if self._waits else self.request.request_time()
        route = self.route.path if self.route else OTHER_ROUTE
        self.context.answered(route, verb or OTHER_VERB, self.get_status(), seconds)
        self._tell_audit()
        super().on_finish()

    def waits_for_job(self) -> None:
        """Note that how long the answer takes says nothing of the server."""
        self._waits = True

    @property
    def owner(self) -> str:
        """Whose jobs a request may see.

        Jupyter's own token and password providers know no persons: they name each request without
        a cookie anew. Everyone who holds that one secret is one owner. Any other provider names
        people, and each sees only their own.

        Another server of ours that shows the owner key says for whom it asks.

        Raises:
            PolicyError: It names somebody, and may not.
        """
        named = owner_label(self.request.headers, self.context.owner_key)
        if named:
            return named
        if type(self.identity_provider) in {IdentityProvider, PasswordIdentityProvider}:
            return SHARED_OWNER
        name = str(self.current_user.username)
        # No person gets what belongs to the token, or to a person of another server, by taking its name.
        return f"{name} (a person)" if name.startswith((SHARED_OWNER, FOREIGN)) else name

    def read(self, model: type[Model]) -> Model:
        """Return the body as a model.

        Raises:
            TooLargeError: The body is larger than `max_body_bytes`.
        """
        return model.model_validate_json(self.body, strict=True)

    @property
    def body(self) -> bytes:
        """The body as it came.

        Raises:
            TooLargeError: It is larger than `max_body_bytes`.
        """
        self._refuse_huge_body()
        return bytes(self._body)

    @property
    def request_key(self) -> str:
        """What the client calls the request, so that it is not done twice.

        Source: https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/

        Raises:
            RequestError: It is too long.
        """
        key: str = self.request.headers.get("Idempotency-Key", "")
        if len(key) > MAX_KEY_CHARS:
            raise RequestError(f"The Idempotency-Key has more than {MAX_KEY_CHARS} characters")
        return key

    @property
    def has_body(self) -> bool:
        """Say whether the request has a body."""
        return bool(self._body.strip())

    def reply(self, model: BaseModel, status: int = 200) -> None:
        """Answer with a model."""
        self.set_status(status)
        self.finish(model.model_dump_json())

    def reply_empty(self) -> None:
        """Answer that it is done and that there is nothing to say."""
        self.set_status(204)
        self.finish()

    async def located(self, source: DocSource) -> DocSource:
        """Return a source as the services take it: an installed name is the package, before any path.

        Raises:
            SourceRefusedError: It is a path, and the files that the person sees are elsewhere.
        """
        if is_bare(source) and await self.services.corpora.is_installed(source.uri):
            return source.model_copy(update={"kind": "package"})
        return await asyncio.to_thread(resolve_source, source, self.context.root)

    async def shown(self, paths: Sequence[str]) -> tuple[str, ...]:
        """Return what the person agrees to show a sandbox as absolute paths, where it may be shown.

        Raises:
            NotFoundError: There is no such file or folder.
            PolicyError: It may not be shown.
            RequestError: Two of the paths have one name.
        """
        found = [await asyncio.to_thread(resolve_data, path, self.context.root) for path in paths]
        await self.services.execution.check_data(found)
        return tuple(found)

    def parameter(self, name: str, default: str = "") -> str:
        """Return a parameter of the address; the default where it is not given.

        Raises:
            RequestError: It is there twice.
        """
        found = self.get_query_arguments(name)
        if len(found) > 1:
            raise RequestError(f"?{name}= is there {len(found)} times")
        return found[0] if found else default

    def flag(self, name: str) -> bool:
        """Return a parameter of the address that is true or false; false when it is not given.

        Raises:
            RequestError: It is neither.
        """
        text = self.parameter(name, "false").lower()
        if text not in {"0", "1", "false", "true"}:
            raise RequestError(f"?{name}= is neither true nor false")
        return text in {"1", "true"}

    def last_event(self) -> int:
        """Return the number of the last event that the client has seen.

        Raises:
            RequestError: It is not a number.
        """
        text = self.request.headers.get("Last-Event-ID") or self.parameter("after", "0")
        if not (text.isascii() and text.isdigit() and len(text) <= 15):  # noqa: PLR2004 - beyond any count
            raise RequestError("Last-Event-ID or ?after= is not the number of an event")
        return int(text)

    @property
    def wanted_form(self) -> sse.Form | None:
        """How the client accepts events; None where it does not ask for them."""
        accepted = self.request.headers.get("Accept", "")
        return next((form for form in (sse.SSE, sse.NDJSON) if form.media_type in accepted), None)

    async def stream(
        self, batches: AsyncIterator[Sequence[JobEvent]], *, leave: Callable[[], Awaitable[Any]] | None = None
    ) -> None:
        """Answer with events until they end or the client leaves.

        Args:
            batches: The events, as many at a time as are ready.
            leave: Called when the client has left before the end.
        """
        self.waits_for_job()
        form = self.wanted_form or sse.SSE
        self.set_header("Content-Type", form.media_type)
        self.set_header("Cache-Control", "no-cache")
        self.set_header("X-Accel-Buffering", "no")
        self.send_small_pieces()
        try:
            with self.services.metrics.reading():
                await sse.send(batches, self.send, self._gone, every_s=sse.HEARTBEAT_S, form=form)
        except StreamClosedError:
            self.log.debug("A reader of events left.")
            self._gone.set()
        if not self._gone.is_set():
            self.finish(set_content_type=form.media_type)
        else:
            self._tell_audit()
            if leave is not None:
                await leave()

    def _asker(self) -> str:
        """Return who asks; empty where nobody is logged in, or somebody claims to ask for another."""
        if getattr(self, "_jupyter_current_user", None) is None:  # what is no verb is refused before that
            return ""
        try:
            return self.owner
        except GptossError:
            return ""

    def _tell_audit(self) -> None:
        if self.context.audit is not None:
            whole = self._ready and self._received_bytes <= self.max_body_bytes
            body = bytes(self._body) if whole else None
            answered = Answered(self._asker(), self._code, str(self._headers.get("Location", "")), body)
            self.context.audit.request(asked_of(self, self.route, answered, self._received_bytes))

    def _refuse_strangers(self) -> None:
        # Nobody's name is empty: that is whom the server's own work belongs to.
        if not self.current_user or not self.current_user.username:
            raise HTTPError(UNAUTHENTICATED)

    def send_small_pieces(self) -> None:
        """Have each piece of the answer leave at once."""
        # On a connection that is kept a reader acknowledges 40 ms late, and until then the system would
        # hold back what is smaller than a packet: each token. tornado undoes it after the answer.
        connection = getattr(self.request.connection, "stream", None)
        if connection is not None:
            connection.set_nodelay(True)
            limits.notice_half_open(connection, self.services.access.config.reader_timeout_s)

    async def send(self, data: bytes) -> None:
        """Send a piece of the answer, and wait until there is room for more."""
        self.write(data)
        connection = getattr(self.request.connection, "stream", None)
        await limits.taken(self.flush(), connection, self.services.access.config.reader_timeout_s)

    def _give_place(self) -> None:
        if self._leave is not None:
            self._leave()

    async def unless_gone(self, work: Any) -> Any:
        """Await work that only this client wants; stop it when the client leaves.

        Raises:
            StreamClosedError: The client has left and the work was stopped.
        """
        task = asyncio.ensure_future(work)
        left = asyncio.ensure_future(self._gone.wait())
        try:
            await asyncio.wait({task, left}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise StreamClosedError
            return task.result()
        finally:
            for future in (task, left):
                future.cancel()
            await asyncio.wait({task, left})

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer with the problem that an error is; called by tornado."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        problem = problems.problem_of(error, status_code)
        self.set_status(problem.status, problem.title)
        self._code = problem.code
        if problem.status == UNAUTHENTICATED:
            self.set_header("WWW-Authenticate", 'token realm="Jupyter"')
        if not self._ready:
            # It was refused before its body was read, after which tornado hangs up: nobody is to send more.
            self.set_header("Connection", "close")
        if when := limits.retry_after(error):
            self.set_header("Retry-After", when)
        if problem.status == METHOD_NOT_ALLOWED:
            self.set_header("Allow", ", ".join(self._verbs()))
        answer = wire.RequestProblem(**problem.model_dump(), request_id=self.request_id)
        self.finish(answer.model_dump_json(), set_content_type=problems.MEDIA_TYPE)

    def _verbs(self) -> list[str]:
        """Return the verbs that this address knows.

        Source: https://www.rfc-editor.org/rfc/rfc9110#section-15.5.6
        """
        known = {verb: getattr(type(self), verb.lower()) for verb in self.SUPPORTED_METHODS}
        return [verb for verb, method in known.items() if method is not getattr(RequestHandler, verb.lower())]

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Log what is our fault with its place; a refusal is in the request's line. Called by tornado."""
        if isinstance(value, StreamClosedError):
            LOG.debug("The client left before the answer.")
        elif isinstance(value, GptossError):
            LOG.info("Refused: %s", value.code)
        elif not isinstance(value, HTTPError) and type(value).__name__ != "ValidationError":
            LOG.error("The request failed because of a fault in gptoss_lab", exc_info=(typ, value, tb))

    def _refuse_huge_body(self) -> None:
        if self._received_bytes > self.max_body_bytes:
            raise TooLargeError(
                f"The body is larger than {self.max_body_bytes >> 20} MB", hint="Send fewer or shorter cells."
            )

"""What both clients put on the wire, and how they name what fails there."""

from __future__ import annotations

import contextlib
import logging
import secrets
import ssl
import uuid
from collections.abc import Iterator
from typing import Any

import httpx

from gptoss_lab.client.answers import REQUEST_ID, Answer
from gptoss_lab.client.call import Call
from gptoss_lab.client.errors import ServerUnreachableError
from gptoss_lab.client.retry import Patience
from gptoss_lab.client.server import Server

LOG = logging.getLogger("gptoss_lab.client")
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


class Line:
    """The way to one server: what each request carries, without sending it.

    Args:
        server: Where it goes.
        patience: How long it may take.
    """

    def __init__(self, server: Server, patience: Patience) -> None:
        self.server = server
        self.patience = patience
        self._xsrf = secrets.token_hex(16)

    def verified(self, verify: bool | ssl.SSLContext) -> bool | ssl.SSLContext:
        """Return how certificates are checked: to read those of all authorities takes a tenth of a second."""
        return verify if self.server.url.startswith("https:") or not self.server.is_near else False

    def request(self, call: Call[Any]) -> httpx.Request:
        """Return the request of a call."""
        patience = self.patience
        silence_s = patience.slow_reply_s if call.slow else patience.reply_s
        body = call.body.model_dump_json().encode() if call.body is not None else None
        headers = {"Accept": "application/json, */*;q=0.1"}
        if call.key:
            headers["Idempotency-Key"] = call.key
        if body is not None:
            headers["Content-Type"] = "application/json"
        return self._signed(call, headers, body, silence_s)

    def stream_request(self, call: Call[Any], after: int, silence_s: float) -> httpx.Request:
        """Return the request of a stream of events, after the last one that came."""
        headers = {
            "Accept": "text/event-stream",
            "Accept-Encoding": "identity",  # what is packed comes when a packet is full, not when it is said
            "Cache-Control": "no-store",
            "Last-Event-ID": str(after),
        }
        return self._signed(call, headers, None, silence_s)

    def _signed(
        self, call: Call[Any], headers: dict[str, str], body: bytes | None, silence_s: float
    ) -> httpx.Request:
        if self.server.token:
            headers["Authorization"] = f"token {self.server.token}"
        if call.verb != "GET":
            # Where it needs no token Jupyter asks for a word that a page of another site could not know. We
            # are no browser that such a page could use, and may choose the word.
            headers |= {"Cookie": f"_xsrf={self._xsrf}", "X-XSRFToken": self._xsrf}
        timeout = httpx.Timeout(silence_s, connect=self.patience.connect_s, write=self.patience.reply_s)
        return httpx.Request(
            call.verb,
            httpx.URL(f"{self.server.url}{call.address}", params=call.parameters or None),
            headers={**headers, REQUEST_ID: uuid.uuid4().hex},
            content=body,
            extensions={"timeout": timeout.as_dict()},
        )

    @contextlib.contextmanager
    def named(self, request: httpx.Request) -> Iterator[None]:
        """Name what fails on the way.

        Raises:
            ServerUnreachableError: The server was not reached, or has fallen silent.
        """
        try:
            yield
        except (httpx.TransportError, httpx.DecodingError, OSError) as error:
            silent = isinstance(error, httpx.ReadTimeout)
            why = "it is silent" if silent else str(error) or type(error).__name__
            fault = ServerUnreachableError(
                f"Nothing answers at {self.server.url} ({why})", sent=not isinstance(error, _NEVER_SENT)
            )
            fault.request_id = request.headers[REQUEST_ID]
            raise fault from error

    def may_repeat(self, call: Call[Any], answer: Answer | ServerUnreachableError, failures: int) -> bool:
        """Say whether a call that failed so often is sent again: where nobody could have done it twice."""
        if failures > self.patience.retries:
            return False
        if isinstance(answer, ServerUnreachableError):
            return call.is_repeatable or not answer.sent
        return call.is_repeatable and isinstance(answer.error(), ServerUnreachableError)

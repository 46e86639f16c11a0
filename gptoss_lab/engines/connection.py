"""HTTP to a model server, on TCP or a unix socket.

With health.py the only file that knows httpx to the engine.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from gptoss_lab.engines.deadline import Deadline
from gptoss_lab.errors import EngineProtocolError, EngineTimeoutError, EngineUnreachableError

MAX_BODY_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Waits:
    """How long a server may take: to connect, to its first byte, and between two pieces."""

    connect_s: float
    first_byte_s: float
    idle_s: float


class Connection:
    """Requests to one server.

    Redirects are refused, and no proxy of the environment is used: what is sent goes to the
    configured address or nowhere.

    Attributes:
        where: The server as messages name it, without a password.
    """

    def __init__(self, url: str, waits: Waits) -> None:
        parts = urlsplit(url)
        self._waits = waits
        self._socket = parts.path if parts.scheme == "unix" else ""
        self._base = "http://engine/v1" if self._socket else url.rstrip("/")
        self._client: httpx.AsyncClient | None = None
        self.where = url if self._socket else f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"

    @asynccontextmanager
    async def sent(
        self, method: str, path: str, body: Any = None, *, key: str = "", at_root: bool = False
    ) -> AsyncIterator[Answer]:
        """Send a request; the answer is closed on leaving.

        Args:
            method: The verb.
            path: What follows the configured address.
            body: What to send as JSON; None sends nothing.
            key: The key to show; empty shows none.
            at_root: The path follows the address without its `/v1`.

        Raises:
            EngineTimeoutError: The server accepted and said nothing.
            EngineUnreachableError: Nothing answers there.
            EngineProtocolError: It hung up.
        """
        base = self._base.removesuffix("/v1") if at_root else self._base
        headers = {"Accept": "text/event-stream, application/json", "Accept-Encoding": "identity"}
        if key:
            headers["Authorization"] = f"Bearer {key}"
        client = await self._connected()
        try:
            request = client.build_request(method, base + path, json=body, headers=headers)
            with Deadline(self._waits.first_byte_s):
                response = await client.send(request, stream=True)
        except asyncio.TimeoutError as error:
            raise EngineTimeoutError(silence(self.where, self._waits.first_byte_s)) from error
        except (
            httpx.ConnectError,
            httpx.ConnectTimeout,
            httpx.UnsupportedProtocol,
            httpx.InvalidURL,
        ) as error:
            raise EngineUnreachableError(f"Nothing answers at the model's address {self.where}") from error
        except httpx.TransportError as error:
            raise EngineProtocolError(f"{self.where} dropped the connection without an answer") from error
        try:
            yield Answer(response, self.where, self._waits)
        finally:
            await response.aclose()

    async def close(self) -> None:
        """Give the connections back."""
        client, self._client = self._client, None
        if client:
            await client.aclose()

    async def _connected(self) -> httpx.AsyncClient:
        if self._base.startswith("https:"):
            context = await asyncio.to_thread(ssl.create_default_context)
        else:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # never used, and quick to make
        if self._client is None:
            self._client = httpx.AsyncClient(
                transport=httpx.AsyncHTTPTransport(uds=self._socket or None, verify=context, trust_env=False),
                timeout=httpx.Timeout(None, connect=self._waits.connect_s),
                follow_redirects=False,
                trust_env=False,
            )
        return self._client


class Answer:
    """What a server answers.

    Attributes:
        was_cut: The connection broke before the answer's end.
    """

    def __init__(self, response: httpx.Response, where: str, waits: Waits) -> None:
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers
        self.was_cut = False
        self._response = response
        self._where = where
        self._waits = waits

    @property
    def is_success(self) -> bool:
        """Whether the server did what was asked."""
        return self._response.is_success

    @property
    def is_redirect(self) -> bool:
        """Whether the server names another address."""
        return self._response.is_redirect

    @property
    def kind(self) -> str:
        """The type of its content, without parameters."""
        return str(self.headers.get("content-type", "")).partition(";")[0].strip().lower()

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """Yield the bytes as they come; a broken connection ends them and is noted.

        Raises:
            EngineTimeoutError: The server went silent.
        """
        timeout_s = self._waits.first_byte_s
        deadline = Deadline(timeout_s)
        try:
            with deadline:
                async for piece in self._response.aiter_raw():
                    deadline.pause()
                    yield piece
                    timeout_s = self._waits.idle_s
                    deadline.begin(timeout_s)
        except asyncio.TimeoutError as error:
            raise EngineTimeoutError(silence(self._where, timeout_s)) from error
        except httpx.TransportError:
            self.was_cut = True

    async def text(self, max_bytes: int = MAX_BODY_BYTES) -> str:
        """Return the whole of a short answer.

        Raises:
            EngineTimeoutError: The server went silent.
            EngineProtocolError: It is too long, or was cut off.
        """
        body = b""
        async with aclosing(self.pieces()) as pieces:
            async for piece in pieces:
                body += piece
                if len(body) > max_bytes:
                    raise EngineProtocolError(f"{self._where} sent more than such an answer needs")
        if self.was_cut:
            raise EngineProtocolError(f"{self._where} cut its answer off")
        return body.decode("utf-8", errors="replace")


def silence(where: str, timeout_s: float) -> str:
    """Return what to say of a server that says nothing."""
    return f"The model service at {where} was silent for {timeout_s:g} s"

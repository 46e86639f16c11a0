"""Any OpenAI-compatible chat service over HTTP, on TCP or a unix socket.

The only file that knows httpx to the engine.
"""

from __future__ import annotations

import asyncio
import json
import os
import ssl
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx

from gptoss_lab.engines.answer import AnswerReader
from gptoss_lab.engines.base import ChatDelta, ChatRequest
from gptoss_lab.engines.deadline import Deadline
from gptoss_lab.engines.dialects import Dialect, error_message
from gptoss_lab.engines.pieces import coalesced
from gptoss_lab.errors import (
    EngineAuthError,
    EngineError,
    EngineProtocolError,
    EngineTimeoutError,
    EngineUnreachableError,
)
from gptoss_lab.schemas.config import ModelConfig

_MAX_BODY_BYTES = 1 << 20
_MAX_ADAPTATIONS = 4
_HINTS = {
    404: "Check the model's name, and that the address ends in /v1.",
    503: "The model may still be loading; wait, then try again.",
}


class HttpChatEngine:
    """A model service that speaks the chat protocol.

    Nothing is retried once the answer has begun. Redirects are refused, and no proxy of the
    environment is used: the prompt goes to the configured address or nowhere.

    Args:
        config: The address, the model's name and the timeouts.
    """

    name = "chat"

    def __init__(self, config: ModelConfig) -> None:
        self.model = config.name
        self._config = config
        self._dialect = Dialect()
        self._client: httpx.AsyncClient | None = None
        parts = urlsplit(config.url)
        self._socket = parts.path if parts.scheme == "unix" else ""
        self._base = "http://engine/v1" if self._socket else config.url.rstrip("/")
        self._where = config.url if self._socket else f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatDelta, None]:
        """Stream the answer; see `ChatEngine.stream`.

        Raises:
            EngineError: The service failed; what was yielded before stays valid.
        """
        if not self.model:
            self.model = (await self.models())[0]
        reader = AnswerReader()
        async with self._answer(request) as response, aclosing(coalesced(self._pieces(response))) as pieces:
            try:
                async for piece in pieces:
                    for delta in reader.feed(piece):
                        yield delta
                    if reader.done:
                        break
            except httpx.TransportError:
                pass  # the reader tells a cut answer from a whole one
            for delta in [] if reader.done else reader.finish():
                yield delta
        if reader.fault:
            raise type(reader.fault)(self._redacted(reader.fault.message), hint=reader.fault.hint)

    async def models(self) -> list[str]:
        """Return the names of the models that the service offers, at least one.

        Raises:
            EngineError: The service failed, or offers none.
            EngineProtocolError: It answered something else than a list of models.
        """
        async with self._sent("GET", "/models", None) as response:
            self._raise_for_status(response, await self._text(response) if response.is_error else "")
            text = await self._text(response)
        try:
            listing = json.loads(text)
            names = [str(row["id"]) for row in listing["data"]]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise EngineProtocolError(
                f"{self._where}/… does not list models as a chat service does"
            ) from error
        if not names:
            raise EngineError(f"The model service at {self._where} offers no model", hint="Load one there.")
        return names

    async def close(self) -> None:
        """Give the connections back."""
        client, self._client = self._client, None
        if client:
            await client.aclose()

    @asynccontextmanager
    async def _answer(self, request: ChatRequest) -> AsyncIterator[httpx.Response]:
        for _ in range(_MAX_ADAPTATIONS):
            body = self._dialect.body(request, self.model, self._config)
            async with self._sent("POST", "/chat/completions", body) as response:
                if response.is_success:
                    self._require_event_stream(response)
                    yield response
                    return
                text = await self._text(response)
                refused = response.status_code in {400, 422}
                adapted = self._dialect.adapted(self._message(text)) if refused else None
                if adapted is None:
                    self._raise_for_status(response, text)
                else:
                    self._dialect = adapted
        raise EngineProtocolError(f"The model service at {self._where} refuses every form of the request")

    @asynccontextmanager
    async def _sent(self, method: str, path: str, body: Any) -> AsyncIterator[httpx.Response]:
        client = await self._connected()
        try:
            request = client.build_request(method, self._base + path, json=body, headers=self._headers())
            with Deadline(self._config.first_byte_timeout_s):
                response = await client.send(request, stream=True)
        except asyncio.TimeoutError as error:
            raise self._silent(self._config.first_byte_timeout_s) from error
        except (
            httpx.ConnectError,
            httpx.ConnectTimeout,
            httpx.UnsupportedProtocol,
            httpx.InvalidURL,
        ) as error:
            raise EngineUnreachableError(f"Nothing answers at the model's address {self._where}") from error
        except httpx.TransportError as error:
            raise EngineProtocolError(f"{self._where} dropped the connection without an answer") from error
        try:
            yield response
        finally:
            await response.aclose()

    async def _pieces(self, response: httpx.Response) -> AsyncGenerator[bytes, None]:
        timeout_s = self._config.first_byte_timeout_s
        deadline = Deadline(timeout_s)
        try:
            with deadline:
                async for piece in response.aiter_raw():
                    deadline.pause()
                    yield piece
                    timeout_s = self._config.idle_timeout_s
                    deadline.begin(timeout_s)
        except asyncio.TimeoutError as error:
            raise self._silent(timeout_s) from error

    async def _text(self, response: httpx.Response) -> str:
        body = b""
        try:
            async with aclosing(self._pieces(response)) as pieces:
                async for piece in pieces:
                    body += piece
                    if len(body) > _MAX_BODY_BYTES:
                        raise EngineProtocolError(f"{self._where} sent more than such an answer needs")
        except httpx.TransportError as error:
            raise EngineProtocolError(f"{self._where} cut its answer off") from error
        return body.decode("utf-8", errors="replace")

    async def _connected(self) -> httpx.AsyncClient:
        if self._base.startswith("https:"):
            context = await asyncio.to_thread(ssl.create_default_context)
        else:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # never used, and quick to make
        if self._client is None:
            self._client = httpx.AsyncClient(
                transport=httpx.AsyncHTTPTransport(uds=self._socket or None, verify=context, trust_env=False),
                timeout=httpx.Timeout(None, connect=self._config.connect_timeout_s),
                follow_redirects=False,
                trust_env=False,
            )
        return self._client

    def _headers(self) -> dict[str, str]:
        headers = {"Accept": "text/event-stream, application/json", "Accept-Encoding": "identity"}
        key = self._key()
        if key:
            if not (key.isascii() and key.isprintable()):
                raise EngineAuthError(
                    f"The key in {self._config.api_key_env} holds characters that no key has"
                )
            headers["Authorization"] = f"Bearer {key}"
        return headers

    def _key(self) -> str:
        return os.environ.get(self._config.api_key_env, "").strip()

    def _raise_for_status(self, response: httpx.Response, text: str) -> None:
        status = response.status_code
        if response.is_success:
            return
        if response.is_redirect:
            raise EngineProtocolError(f"{self._where} redirects to another address, which is refused")
        if status in {401, 403}:
            raise EngineAuthError(f"The model service at {self._where} refused the key ({status})")
        message = self._message(text)
        raise EngineError(
            f"The model service answered {status}{': ' if message else ''}{message}",
            hint=_HINTS.get(status, ""),
        )

    def _require_event_stream(self, response: httpx.Response) -> None:
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "text/event-stream":
            raise EngineProtocolError(
                f"{self._where} answered {kind or 'no content type'}, not an event stream"
            )

    def _message(self, text: str) -> str:
        if text.lstrip().startswith("<"):
            return ""  # an error page helps nobody
        try:
            body = json.loads(text)
        except (ValueError, RecursionError):
            body = text
        return self._redacted(error_message(body))

    def _redacted(self, text: str) -> str:
        key = self._key()
        return text.replace(key, "***") if key else text

    def _silent(self, timeout_s: float) -> EngineTimeoutError:
        return EngineTimeoutError(f"The model service at {self._where} was silent for {timeout_s:g} s")

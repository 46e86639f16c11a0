"""Any OpenAI-compatible chat service."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import Any

from gptoss_lab.engines.answer import AnswerReader
from gptoss_lab.engines.base import ChatDelta, ChatRequest
from gptoss_lab.engines.chunks import error_message
from gptoss_lab.engines.connection import Answer, Connection, Waits
from gptoss_lab.engines.dialects import MIN_COMPLETION_TOKENS, Dialect, dialect_of
from gptoss_lab.engines.families import ModelRow, family_of, models_of, window_of, window_path
from gptoss_lab.engines.keys import Key
from gptoss_lab.engines.metrics import read_metrics
from gptoss_lab.engines.overflow import Overflow, overflow_of
from gptoss_lab.engines.pieces import coalesced
from gptoss_lab.errors import EngineAuthError, EngineError, EngineProtocolError, PromptTooLongError
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.model import EngineMetrics

_MAX_ADAPTATIONS = 8
_HINTS = {
    404: "Check the model's name, and that the address ends in /v1.",
    503: "The model may still be loading; wait, then try again.",
}


class HttpChatEngine:
    """A model service that speaks the chat protocol.

    Nothing is retried once the answer has begun. What the server is, and how long its window, is
    learnt when its models are listed, and kept.

    Args:
        config: The address, the model's name and the timeouts.
        key: The key of an engine that this server started; else that of the configuration holds.

    Attributes:
        is_known: The server was asked what it is.
        context_tokens: Its window; None where it is not known.
    """

    name = "chat"

    def __init__(self, config: ModelConfig, *, key: str = "") -> None:
        self.model = config.name
        self.is_known = False
        self.context_tokens: int | None = None
        self._config = config
        self._key = Key(config.api_key_env, config.api_key_file, key)
        self._dialect = Dialect()
        waits = Waits(config.connect_timeout_s, config.first_byte_timeout_s, config.idle_timeout_s)
        self._connection = Connection(config.url, waits)

    @property
    def caches_prefixes(self) -> bool:
        """Whether the server gains from a prefix that is sent ahead."""
        return self._dialect.family == "vllm"

    @property
    def server(self) -> str:
        """The family of the server, as far as it is known."""
        return self._dialect.family

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatDelta, None]:
        """Stream the answer; see `ChatEngine.stream`.

        Raises:
            EngineError: The service failed; what was yielded before stays valid.
            PromptTooLongError: The prompt does not fit into the server's window.
        """
        if not self.model:
            self.model = (await self.models())[0]
        reader = AnswerReader()
        async with self._answer(request) as answer, aclosing(coalesced(answer.pieces())) as pieces:
            async for piece in pieces:
                for delta in reader.feed(piece):
                    yield delta
                if reader.done:
                    break
            for delta in [] if reader.done else reader.finish():
                yield delta
        if reader.fault:
            self._raise_fault(reader.fault)

    async def models(self) -> list[str]:
        """Return the names of the models that the service offers, at least one.

        Raises:
            EngineError: The service failed, or offers none.
            EngineProtocolError: It answered something else than a list of models.
        """
        async with self._sent("GET", "/models") as answer:
            text = await answer.text()
            self.is_known = True
            self._raise_for_status(answer, text)
        listing = _json(text)
        rows = models_of(listing)
        where = self._connection.where
        if rows is None:
            raise EngineProtocolError(f"{where}/… does not list models as a chat service does")
        if not rows:
            raise EngineError(f"The model service at {where} offers no model", hint="Load one there.")
        family = family_of(answer.headers, listing)
        if family != self._dialect.family:
            self._dialect = replace(
                dialect_of(family), left_out=dialect_of(family).left_out | self._dialect.left_out
            )
        await self._learn_window(rows)
        return [row.name for row in rows]

    async def metrics(self) -> EngineMetrics:
        """Return what the server measured; nothing where it does not say.

        Raises:
            EngineError: Nothing answers there, or it went silent.
        """
        async with self._sent("GET", "/metrics", at_root=True) as answer:
            return read_metrics(await answer.text()) if answer.is_success else EngineMetrics()

    async def close(self) -> None:
        """Give the connections back."""
        await self._connection.close()

    @asynccontextmanager
    async def _answer(self, request: ChatRequest) -> AsyncIterator[Answer]:
        for _ in range(_MAX_ADAPTATIONS):
            body = self._dialect.body(request, self.model, self._config, self.context_tokens)
            async with self._sent("POST", "/chat/completions", body) as answer:
                # Some servers refuse with 200 and an error in JSON.
                if answer.is_success and answer.kind != "application/json":
                    self._require_event_stream(answer)
                    yield answer
                    return
                text = await answer.text()
            request = self._adapted(request, answer, text)
        raise EngineProtocolError(
            f"The model service at {self._connection.where} refuses every form of the request"
        )

    def _adapted(self, request: ChatRequest, answer: Answer, text: str) -> ChatRequest:
        """Return the request as the server may take it.

        Raises:
            EngineError: The complaint is of something else.
        """
        message = self._message(text)
        overflow = overflow_of(_json(text) or text, message)
        if overflow is not None:
            return self._shortened(request, overflow)
        adapted = self._dialect.adapted(message) if answer.status in {400, 422} else None
        if adapted is None:
            self._raise_for_status(answer, text)
            raise EngineError(f"The model service answered: {message}")
        self._dialect = adapted
        return request

    def _shortened(self, request: ChatRequest, overflow: Overflow) -> ChatRequest:
        """Leave the answer less room where the prompt alone fits."""
        window = overflow.context_tokens
        prompt = overflow.prompt_tokens or request.prompt_tokens
        known = self.context_tokens
        self.context_tokens = window or known
        is_news = prompt > request.prompt_tokens or (window is not None and window != known)
        if window and is_news and window - prompt >= MIN_COMPLETION_TOKENS:
            return replace(request, prompt_tokens=prompt)
        raise overflow.error()

    async def _learn_window(self, rows: list[ModelRow]) -> None:
        model = self.model or rows[0].name
        found = next((row.context_tokens for row in rows if row.name == model), None)
        path = window_path(self._dialect.family)
        if found is None and path:
            found = window_of(self._dialect.family, await self._asked(path), model)
        self.context_tokens = found or self.context_tokens

    async def _asked(self, path: str) -> Any:
        try:
            async with self._sent("GET", path, at_root=True) as answer:
                return _json(await answer.text()) if answer.is_success else None
        except EngineError:
            return None  # it lists models; that it does not tell its window is no failure

    @asynccontextmanager
    async def _sent(
        self, method: str, path: str, body: Any = None, *, at_root: bool = False
    ) -> AsyncIterator[Answer]:
        key = self._key.get()
        async with self._connection.sent(method, path, body, key=key, at_root=at_root) as answer:
            yield answer

    def _raise_for_status(self, answer: Answer, text: str) -> None:
        where = self._connection.where
        if answer.is_success:
            return
        if answer.is_redirect:
            raise EngineProtocolError(f"{where} redirects to another address, which is refused")
        if answer.status in {401, 403}:
            raise EngineAuthError(f"The model service at {where} refused the key ({answer.status})")
        message = self._message(text)
        raise EngineError(
            f"The model service answered {answer.status}{': ' if message else ''}{message}",
            hint=_HINTS.get(answer.status, ""),
        )

    def _raise_fault(self, fault: EngineError | PromptTooLongError) -> None:
        if isinstance(fault, PromptTooLongError):
            self.context_tokens = fault.context_tokens or self.context_tokens
            raise fault
        raise type(fault)(self._redacted(fault.message), hint=fault.hint)

    def _require_event_stream(self, answer: Answer) -> None:
        if answer.kind != "text/event-stream":
            raise EngineProtocolError(
                f"{self._connection.where} answered {answer.kind or 'no content type'}, not an event stream"
            )

    def _message(self, text: str) -> str:
        if text.lstrip().startswith("<"):
            return ""  # an error page helps nobody
        body = _json(text)
        return self._redacted(error_message(text if body is None else body))

    def _redacted(self, text: str) -> str:
        key = self._key.get()
        return text.replace(key, "***") if key else text


def _json(text: str) -> Any:
    """Return what a text holds as JSON; None where it holds none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None

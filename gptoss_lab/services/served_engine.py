"""The hosted model as an engine that generations can ask."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from gptoss_lab.engines.base import ChatDelta, ChatEngine, ChatRequest, KnowsServer
from gptoss_lab.engines.launch import Endpoint
from gptoss_lab.errors import (
    EngineAuthError,
    EngineError,
    EngineLoadError,
    EngineLostError,
    EngineNotReadyError,
    EngineTimeoutError,
)
from gptoss_lab.schemas.model import SERVING, EnginePhase, EngineProgress
from gptoss_lab.services.hosted import HostedModel
from gptoss_lab.services.model_words import progress_words

LOOK_EVERY_S = 0.5
TELL_EVERY_S = 3.0
Connect = Callable[[Endpoint], ChatEngine]


class ServedEngine:
    """Asks the hosted engine; waits for it while it loads or is started again.

    Args:
        hosted: The engine's process.
        connect: Makes an engine that talks to an endpoint.
        model: The name under which it will answer.
        wait_s: How long a request waits for it at most.
    """

    name = "served"

    def __init__(self, hosted: HostedModel, connect: Connect, *, model: str, wait_s: float) -> None:
        self._model = model
        self._hosted = hosted
        self._connect = connect
        self._wait_s = wait_s
        self._engines: dict[Endpoint, ChatEngine] = {}

    @property
    def model(self) -> str:
        """The name under which it answers, or will: that of the start that was decided, where one was."""
        prepared = self._hosted.prepared
        return prepared.setting.served_name if prepared is not None else self._model

    @property
    def is_known(self) -> bool:
        """Whether the engine of now was asked what it is."""
        return bool(self._engines)

    @property
    def context_tokens(self) -> int | None:
        """The engine's window; None until it is known."""
        known = self._known()
        return known.context_tokens if known is not None else None

    @property
    def caches_prefixes(self) -> bool:
        """Whether it gains from a prefix that is sent ahead."""
        known = self._known()
        return known is not None and known.caches_prefixes

    async def waiting(self) -> AsyncGenerator[tuple[str, EngineProgress | None], None]:
        """Yield what the model is waited for with each phase, and every few seconds, until it is ready.

        Raises:
            EngineLoadError: It could not be brought up.
            EngineNotReadyError: It is not started, or was not ready in time.
        """
        ready = asyncio.ensure_future(self._hosted.ready(self._wait_s))
        told, told_at = "", 0.0
        phase: EnginePhase = "stopped"
        try:
            while not ready.done():
                await asyncio.wait({ready}, timeout=LOOK_EVERY_S if told else 0.01)
                view = self._hosted.view
                words = progress_words(view.phase, view.progress)
                is_due = view.phase != phase or time.monotonic() - told_at >= TELL_EVERY_S
                # Its end may be a moment behind its phase.
                waits = not ready.done() and view.phase != "ready"
                if waits and words != told and is_due:
                    told, told_at, phase = words, time.monotonic(), view.phase
                    yield words, view.progress
            ready.result()
        finally:
            ready.cancel()
            await asyncio.wait({ready})
            if not ready.cancelled():
                ready.exception()

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatDelta, None]:
        """Stream the answer; see `ChatEngine.stream`.

        Raises:
            EngineLoadError: The model could not be brought up.
            EngineNotReadyError: It is not started, or was not ready in time.
            EngineLostError: It ended while it answered, and is started again.
            EngineAuthError: It refused the key.
            EngineTimeoutError: It went silent; if it hangs it is started again.
            EngineError: It refused the request.
        """
        try:
            engine = await self._connected()
            with self._hosted.using() as beat:
                async with aclosing(engine.stream(request)) as deltas:
                    async for delta in deltas:
                        beat()
                        yield delta
        except (EngineAuthError, EngineLoadError, EngineNotReadyError):
            raise
        except EngineError as error:
            await self._hosted.suspect()
            raise self._judged(error) from error

    async def metrics_of(self) -> ChatEngine | None:
        """Return the engine to ask for its measurements; None while it is not there."""
        return await self._connected() if self._hosted.phase in SERVING else None

    async def models(self) -> list[str]:
        """Wait for it; return the one name that it answers under.

        Raises:
            EngineError: It is not there.
        """
        await self._connected()
        return [self.model]

    async def close(self) -> None:
        """Give the connections back."""
        engines, self._engines = self._engines, {}
        for engine in engines.values():
            await engine.close()

    async def _connected(self) -> ChatEngine:
        endpoint = await self._hosted.ready(self._wait_s)
        if endpoint not in self._engines:
            await self.close()
            engine = self._connect(endpoint)
            await engine.models()  # it learns what its server is
            self._engines[endpoint] = engine
        return self._engines[endpoint]

    def _known(self) -> KnowsServer | None:
        for engine in self._engines.values():
            if isinstance(engine, KnowsServer):
                return engine
        return None

    def _judged(self, error: EngineError) -> EngineError:
        """Return what a fault means, now that the engine was looked at."""
        view = self._hosted.view
        if view.phase in SERVING:
            return error
        if isinstance(error, EngineTimeoutError):
            return EngineTimeoutError(
                "The model went silent and is started again.",
                hint="What was finished is kept; generate again, it will wait until the model is ready.",
            )
        if view.failure is not None and view.failure.code in {"oom_gpu", "oom_host"}:
            return EngineLostError(
                f"The model ran out of memory while it answered. {view.failure.message}",
                hint=view.failure.hint,
            )
        if view.phase == "failed" and view.failure is not None:
            return EngineLostError(
                f"The model ended while it answered, and could not be started again. {view.failure.message}",
                hint=view.failure.hint,
            )
        if view.phase in {"stopped", "draining"}:
            return EngineNotReadyError("The model was stopped while it answered; what was finished is kept.")
        return EngineLostError("The model ended while it answered; it is started again.")

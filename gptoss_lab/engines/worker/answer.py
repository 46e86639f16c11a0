"""One answer in the wire form of vLLM 0.32: chunks of a stream, or the whole."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any

from gptoss_lab.engines.worker.generate import Ended, Picked, Prefilled, Step
from gptoss_lab.engines.worker.metrics import Metrics
from gptoss_lab.engines.worker.reader import AnswerReader, Piece


class Answer:
    """Turns the steps of a generation into what is sent, and measures them.

    Args:
        model: The name under which the model answers.
        metrics: Where measurements are added up.
        clock: Seconds that only go forward.
    """

    def __init__(self, model: str, metrics: Metrics, clock: Callable[[], float] = time.monotonic) -> None:
        self._model = model
        self._metrics = metrics
        self._clock = clock
        self._id = f"chatcmpl-{uuid.uuid4().hex}"
        self._created = int(time.time())
        self._reader = AnswerReader()
        self._prompt = Prefilled(0, 0, 0)
        self._tokens = 0
        self._reason = ""
        self._reasoning: list[str] = []
        self._content: list[str] = []
        self._asked_s = clock()
        self._turn_s = self._first_s = self._last_s = 0.0

    def take(self, step: Step) -> list[dict[str, Any]]:
        """Take a step and return the chunks that it makes."""
        if isinstance(step, Prefilled):
            return self._advance(step)
        if isinstance(step, Picked):
            begins = self._count_token()
            return [*begins, *self._say(self._reader.feed(step.token))]
        return self._end(step)

    def whole(self) -> dict[str, Any]:
        """Return the answer in one, once it has ended."""
        reasoning = "".join(self._reasoning) or None
        message = {"role": "assistant", "content": "".join(self._content) or None, "reasoning": reasoning}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": self._reason}
        return {**self._head("chat.completion"), "choices": [choice], **self._figures()}

    def _advance(self, step: Prefilled) -> list[dict[str, Any]]:
        """Count a prompt while it is computed: whoever watches sees that a long one moves."""
        if not self._turn_s:
            self._turn_s = self._clock()
            self._metrics.cached_tokens += step.cached
        self._metrics.prompt_tokens += step.done - self._prompt.done
        self._prompt = step
        return []

    def _count_token(self) -> list[dict[str, Any]]:
        now = self._clock()
        self._tokens += 1
        self._metrics.generation_tokens += 1
        last, self._last_s = self._last_s, now
        if self._tokens == 1:
            self._first_s = now
            self._metrics.first_tokens += 1
            self._metrics.first_token_s += now - self._asked_s
            return [self._chunk({"role": "assistant", "content": "", "reasoning": None})]
        self._metrics.between_tokens += 1
        self._metrics.between_tokens_s += now - last
        return []

    def _say(self, piece: Piece) -> list[dict[str, Any]]:
        chunks = []
        if piece.reasoning:
            self._reasoning.append(piece.reasoning)
            chunks.append(self._chunk({"reasoning": piece.reasoning}))
        if piece.content:
            self._content.append(piece.content)
            chunks.append(self._chunk({"content": piece.content}))
        return chunks

    def _end(self, step: Ended) -> list[dict[str, Any]]:
        self._reason = step.reason
        self._metrics.ended[step.reason] += 1
        rest = self._say(self._reader.finish())
        usage = {**self._head("chat.completion.chunk"), "choices": [], **self._figures()}
        return [*rest, self._chunk({}, step.reason), usage]

    def _figures(self) -> dict[str, Any]:
        spoken_s = self._last_s - self._first_s
        return {
            "usage": {
                "prompt_tokens": self._prompt.total,
                "total_tokens": self._prompt.total + self._tokens,
                "completion_tokens": self._tokens,
                "prompt_tokens_details": {"cached_tokens": self._prompt.cached},
                "completion_tokens_details": {"reasoning_tokens": self._reader.reasoning_tokens},
            },
            "metrics": {
                "time_to_first_token_ms": 1000 * (self._first_s - self._asked_s),
                "queue_time_ms": 1000 * (self._turn_s - self._asked_s),
                "mean_itl_ms": 1000 * spoken_s / max(1, self._tokens - 1),
                "tokens_per_second": (self._tokens - 1) / spoken_s if spoken_s > 0 else None,
            },
        }

    def _chunk(self, delta: dict[str, Any], reason: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        return {**self._head("chat.completion.chunk"), "choices": [choice]}

    def _head(self, kind: str) -> dict[str, Any]:
        return {"id": self._id, "object": kind, "created": self._created, "model": self._model}

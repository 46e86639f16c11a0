"""How servers differ in their form of the chat protocol.

Source: https://platform.openai.com/docs/api-reference/chat/create
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import Any

from pydantic_core import from_json

from gptoss_lab.engines.base import ChatDelta, ChatRequest, ContentDelta, Finished, ReasoningDelta, UsageDelta
from gptoss_lab.errors import EngineError, EngineProtocolError
from gptoss_lab.schemas.chat import completion_tokens
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.generation import TokenUsage

_MIN_COMPLETION_TOKENS = 256
_MAX_MESSAGE_CHARS = 300


@dataclass(frozen=True, slots=True)
class Dialect:
    """What this server takes; `adapted` gives up what it has refused."""

    developer_role: str = "developer"
    length_field: str = "max_completion_tokens"
    sends_effort: bool = True
    sends_stream_options: bool = True

    def body(self, request: ChatRequest, model: str, config: ModelConfig) -> dict[str, Any]:
        """Return the body of a request for a streamed completion."""
        room = config.context_tokens - request.prompt_tokens
        most = completion_tokens(request.effort, config.context_tokens)
        body: dict[str, Any] = {
            "model": model,
            "messages": [
                {
                    "role": self.developer_role if message.role == "developer" else message.role,
                    "content": message.content,
                }
                for message in request.messages
            ],
            self.length_field: max(_MIN_COMPLETION_TOKENS, min(most, room)),
            "temperature": config.temperature,
            "top_p": config.top_p,
            "stream": True,
        }
        if self.sends_effort:
            body["reasoning_effort"] = request.effort
        if self.sends_stream_options:
            body["stream_options"] = {"include_usage": True}
        if request.seed is not None:
            body["seed"] = request.seed
        return body

    def adapted(self, refusal: str) -> Dialect | None:
        """Return the dialect without what a 400 or 422 complains of; None where that is something else."""
        text = refusal.lower()
        if self.developer_role == "developer" and re.search(r"\brole|developer", text):
            return replace(self, developer_role="system")
        if self.length_field in text and self.length_field != "max_tokens":
            return replace(self, length_field="max_tokens")
        if self.sends_effort and "reasoning" in text:
            return replace(self, sends_effort=False)
        if self.sends_stream_options and "stream_options" in text:
            return replace(self, sends_stream_options=False)
        return None


def read_chunk(data: str) -> list[ChatDelta]:
    """Return what one event of the stream says.

    Raises:
        EngineProtocolError: It is not a chunk of a completion.
        EngineError: The server reports a failure inside the stream.
    """
    try:
        chunk = from_json(data)  # half the time of the standard library's
    except ValueError as error:
        raise EngineProtocolError("The model service sent an event that is not JSON") from error
    if not isinstance(chunk, dict):
        raise EngineProtocolError("The model service sent an event that is not a JSON object")
    if chunk.get("error"):
        raise EngineError(f"The model service failed while answering: {error_message(chunk)}")
    choices = chunk.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    deltas = _read_choice(choice) if isinstance(choice, dict) else []
    usage = chunk.get("usage")
    if isinstance(usage, dict):
        deltas.append(UsageDelta(_usage(usage)))
    return deltas


def _read_choice(choice: dict[str, Any]) -> list[ChatDelta]:
    deltas: list[ChatDelta] = []
    delta = choice.get("delta")
    if isinstance(delta, dict):
        # vLLM and Ollama say `reasoning`, llama.cpp and transformers `reasoning_content`.
        reasoning = delta.get("reasoning") or delta.get("reasoning_content")
        if reasoning and isinstance(reasoning, str):
            deltas.append(ReasoningDelta(reasoning))
        content = delta.get("content")
        if content and isinstance(content, str):
            deltas.append(ContentDelta(content))
    reason = choice.get("finish_reason")
    if reason and isinstance(reason, str):
        deltas.append(Finished(reason))
    return deltas


def _usage(usage: dict[str, Any]) -> TokenUsage:
    def count(table: Any, key: str) -> int:
        value = table.get(key) if isinstance(table, dict) else None
        return value if isinstance(value, int) and value > 0 else 0

    return TokenUsage(
        prompt_tokens=count(usage, "prompt_tokens"),
        completion_tokens=count(usage, "completion_tokens"),
        reasoning_tokens=count(usage.get("completion_tokens_details"), "reasoning_tokens"),
        cached_tokens=count(usage.get("prompt_tokens_details"), "cached_tokens"),
    )


def error_message(body: Any) -> str:
    """Return the sentence of an error in any of the forms that servers use, on one short line."""
    error = body.get("error", body) if isinstance(body, dict) else body
    if isinstance(error, dict):
        error = error.get("message") or error.get("detail") or error.get("code") or ""
    if isinstance(error, list | dict):
        error = json.dumps(error)
    line = " ".join(str(error).split())
    printable = "".join(character for character in line if character.isprintable())
    return printable if len(printable) <= _MAX_MESSAGE_CHARS else printable[:_MAX_MESSAGE_CHARS] + "…"

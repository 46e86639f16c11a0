"""What one event of a streamed completion says, in the words of any server.

Source: https://platform.openai.com/docs/api-reference/chat/streaming
"""

from __future__ import annotations

import json
from typing import Any

from pydantic_core import from_json

from gptoss_lab.engines.base import ChatDelta, ContentDelta, Finished, ReasoningDelta, UsageDelta
from gptoss_lab.engines.overflow import overflow_of
from gptoss_lab.errors import EngineError, EngineProtocolError
from gptoss_lab.schemas.generation import TokenUsage

_MAX_MESSAGE_CHARS = 300


def read_chunk(data: str) -> list[ChatDelta]:
    """Return what one event of the stream says.

    Raises:
        EngineProtocolError: It is not a chunk of a completion.
        EngineError: The server reports a failure inside the stream.
        PromptTooLongError: The server says only inside the stream that the prompt does not fit.
    """
    chunk = _parsed(data)
    if not isinstance(chunk, dict):
        raise EngineProtocolError("The model service sent an event that is not a JSON object")
    if chunk.get("error"):
        message = error_message(chunk)
        overflow = overflow_of(chunk, message)
        if overflow is not None:
            raise overflow.error()
        raise EngineError(f"The model service failed while answering: {message}")
    choices = chunk.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    deltas = _read_choice(choice) if isinstance(choice, dict) else []
    usage = chunk.get("usage")
    if isinstance(usage, dict):
        deltas.append(UsageDelta(_usage(usage, chunk.get("timings"))))
    return deltas


def _parsed(data: str) -> Any:
    try:
        return from_json(data)  # half the time of the standard library's
    except ValueError:
        pass  # it also refuses half of a surrogate pair, which a server may cut in two
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise EngineProtocolError("The model service sent an event that is not JSON") from error


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


def _usage(usage: dict[str, Any], timings: Any) -> TokenUsage:
    """Read a usage; llama.cpp tells of speculation beside it, in its timings."""
    details = usage.get("completion_tokens_details")
    accepted = _count(details, "accepted_prediction_tokens")
    drafted = accepted + _count(details, "rejected_prediction_tokens")
    return TokenUsage(
        prompt_tokens=_count(usage, "prompt_tokens"),
        completion_tokens=_count(usage, "completion_tokens"),
        reasoning_tokens=_count(details, "reasoning_tokens"),
        cached_tokens=_count(usage.get("prompt_tokens_details"), "cached_tokens"),
        drafted_tokens=drafted or _count(timings, "draft_n"),
        accepted_tokens=accepted or _count(timings, "draft_n_accepted"),
    )


def _count(table: Any, key: str) -> int:
    value = table.get(key) if isinstance(table, dict) else None
    return value if isinstance(value, int) and value > 0 else 0


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

"""What a chat request asks for: read, checked, and refused where this engine cannot do it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from gptoss_lab.engines.worker.faults import Refused
from gptoss_lab.engines.worker.generate import Repetition, Sampling
from gptoss_lab.engines.worker.prompt import EFFORTS, Turn

_ROLES = frozenset({"system", "developer", "user", "assistant"})
_CANNOT = ("tools", "functions", "structured_outputs", "stop", "logprobs", "logit_bias", "guided_json")
_MAX_PATTERN_TOKENS = 512


@dataclass(frozen=True, slots=True)
class Ask:
    """A chat to continue.

    Attributes:
        max_tokens: The most tokens of the answer; None takes what the window leaves.
        salt: Only prompts of the same salt share the cache.
    """

    turns: tuple[Turn, ...]
    effort: str = "medium"
    stream: bool = False
    max_tokens: int | None = None
    sampling: Sampling = field(default_factory=Sampling)
    repetition: Repetition = field(default_factory=Repetition)
    salt: str = ""


def read_ask(body: bytes, model: str) -> Ask:
    """Return what a request asks for.

    Args:
        body: The body as it came.
        model: The name under which the model answers.

    Raises:
        Refused: It is not a chat request, or asks for what this engine cannot do.
    """
    try:
        given = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(400, "The body is not JSON") from error
    if not isinstance(given, dict):
        raise Refused(400, "The body is not a JSON object")
    if given.get("model") not in {None, "", model}:
        raise Refused(404, "The model of the request does not exist here")
    _refuse_what_we_cannot(given)
    return Ask(
        turns=_turns(given.get("messages")),
        effort=_effort(given.get("reasoning_effort")),
        stream=_flag(given, "stream"),
        max_tokens=_max_tokens(given),
        sampling=Sampling(
            temperature=_number(given, "temperature", 1.0, lambda value: 0 <= value <= 100),  # noqa: PLR2004
            top_p=_number(given, "top_p", 1.0, lambda value: 0 < value <= 1),
            top_k=max(0, _whole(given, "top_k", 0, lambda value: value >= -1)),
            min_p=_number(given, "min_p", 0.0, lambda value: 0 <= value <= 1),
            seed=_whole(given, "seed", None, lambda value: -(2**63) <= value < 2**63),
        ),
        repetition=_repetition(given.get("repetition_detection")),
        salt=_salt(given.get("cache_salt")),
    )


def _refuse_what_we_cannot(given: dict[str, Any]) -> None:
    for name in _CANNOT:
        if given.get(name):
            raise Refused(400, f"{name} is not supported by this engine")
    form = given.get("response_format")
    if form is not None and (not isinstance(form, dict) or form.get("type") != "text"):
        raise Refused(400, "response_format is not supported by this engine, except for text")
    if given.get("n") not in {None, 1}:
        raise Refused(400, "n must be 1: this engine gives one answer")


def _turns(messages: Any) -> tuple[Turn, ...]:
    if not isinstance(messages, list) or not messages:
        raise Refused(400, "messages must be a list with at least one message")
    return tuple(_turn(message) for message in messages)


def _turn(message: Any) -> Turn:
    role = message.get("role") if isinstance(message, dict) else None
    if not isinstance(role, str) or role not in _ROLES:
        raise Refused(400, f"The role of each message must be one of {', '.join(sorted(_ROLES))}")
    return Turn(role, _text(message.get("content")))


def _text(content: Any) -> str:
    if isinstance(content, list):
        parts = [part.get("text") if isinstance(part, dict) else None for part in content]
        words = [part for part in parts if isinstance(part, str)]
        content = "".join(words) if len(words) == len(parts) else None
    if not isinstance(content, str):
        raise Refused(400, "The content of each message must be text")
    return content


def _effort(effort: Any) -> str:
    if effort is None:
        return "medium"
    if not isinstance(effort, str) or effort not in EFFORTS:
        raise Refused(400, f"reasoning_effort is not supported; supported values are {', '.join(EFFORTS)}")
    return effort


def _max_tokens(given: dict[str, Any]) -> int | None:
    name = "max_completion_tokens" if given.get("max_completion_tokens") is not None else "max_tokens"
    most: int | None = _whole(given, name, None, lambda value: value >= 1)
    return most


def _repetition(rule: Any) -> Repetition:
    if rule is None:
        return Repetition()
    if not isinstance(rule, dict):
        raise Refused(400, "repetition_detection must be an object")
    return Repetition(
        _whole(rule, "max_pattern_size", 0, lambda value: 0 <= value <= _MAX_PATTERN_TOKENS),
        max(1, _whole(rule, "min_pattern_size", 1, lambda value: value >= 0)),
        _whole(rule, "min_count", 2, lambda value: value >= 2),  # noqa: PLR2004 - once is no repetition
    )


def _salt(salt: Any) -> str:
    if salt is not None and not isinstance(salt, str):
        raise Refused(400, "cache_salt must be a text")
    return salt or ""


def _flag(given: dict[str, Any], name: str) -> bool:
    value = given.get(name)
    if value is not None and not isinstance(value, bool):
        raise Refused(400, f"{name} must be true or false")
    return bool(value)


def _number(given: dict[str, Any], name: str, default: float, is_good: Callable[[float], bool]) -> float:
    value = given.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or not is_good(value):
        raise Refused(400, f"{name} is out of its range")
    return float(value)


def _whole(given: dict[str, Any], name: str, default: Any, is_good: Callable[[int], bool]) -> Any:
    value = given.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or not is_good(value):
        raise Refused(400, f"{name} is out of its range")
    return value

"""From the messages of a chat to the tokens of a Harmony prompt."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from openai_harmony import (
    Conversation,
    DeveloperContent,
    HarmonyEncoding,
    HarmonyEncodingName,
    Message,
    ReasoningEffort,
    Role,
    SystemContent,
    load_harmony_encoding,
)

EFFORTS = {"low": ReasoningEffort.LOW, "medium": ReasoningEffort.MEDIUM, "high": ReasoningEffort.HIGH}


@dataclass(frozen=True, slots=True)
class Turn:
    """One message: "system", "developer", "user" or "assistant", and its text."""

    role: str
    text: str


@cache
def encoding() -> HarmonyEncoding:
    """Return gpt-oss's encoding; half a second at first, and no network."""
    return load_harmony_encoding(HarmonyEncodingName.HARMONY_GPT_OSS)


def render(turns: tuple[Turn, ...], effort: str, date: str) -> list[int]:
    """Return the tokens of a prompt, as vLLM renders it.

    Control tokens in a text become ordinary ones. The reasoning of earlier answers is not among the
    turns, and is never fed back.

    Args:
        turns: The messages.
        effort: One of `EFFORTS`.
        date: The date that the model is told.
    """
    system = SystemContent.new().with_reasoning_effort(EFFORTS[effort]).with_conversation_start_date(date)
    messages = [Message.from_role_and_content(Role.SYSTEM, system), *(_message(turn) for turn in turns)]
    conversation = Conversation.from_messages(messages)
    return list(encoding().render_conversation_for_completion(conversation, Role.ASSISTANT))


def _message(turn: Turn) -> Message:
    text = turn.text.encode("utf-16", "surrogatepass").decode(
        "utf-16", "replace"
    )  # JSON may hold half a character
    if turn.role in {"system", "developer"}:
        instructions = DeveloperContent.new().with_instructions(text)
        return Message.from_role_and_content(Role.DEVELOPER, instructions)
    if turn.role == "assistant":
        return Message.from_role_and_content(Role.ASSISTANT, text).with_channel("final")
    return Message.from_role_and_content(Role.USER, text)

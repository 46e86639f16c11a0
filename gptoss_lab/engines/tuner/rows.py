"""Rows of a dataset as tokens, rendered as the server renders a prompt when the model is asked.

Reviews keep no thoughts, so the base model thinks first, as it will when it is asked, and its thought stands
between prompt and answer. It is learnt along, which keeps the answer
from being learnt as a thought.

Source: https://github.com/openai/harmony/blob/main/docs/format.md
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from openai_harmony import (
    Conversation,
    DeveloperContent,
    HarmonyEncodingName,
    Message,
    ReasoningEffort,
    Role,
    SystemContent,
    load_harmony_encoding,
)

FINAL = "<|channel|>final<|message|>"
END = "<|return|>"
IGNORED = -100


@cache
def encoding() -> Any:
    """Return the vocabulary; it comes with its package."""
    return load_harmony_encoding(HarmonyEncodingName.HARMONY_GPT_OSS)


Think = Callable[[list[int]], list[int]]
"""Returns the thought that the base model has on a prompt: a whole message, or nothing."""


class Rows:
    """Turns lines into what TRL's trainers take, and counts what is left out.

    Args:
        effort: What the model is told of how much to think.
        date: The date that it is told, ISO 8601.
        max_tokens: The most that a row may have.
        think: Asked once for each row.
    """

    def __init__(self, effort: str, date: str, max_tokens: int, think: Think) -> None:
        self._system = Message.from_role_and_content(
            Role.SYSTEM,
            SystemContent
            .new()
            .with_reasoning_effort(ReasoningEffort[effort.upper()])
            .with_conversation_start_date(date),
        )
        self._max_tokens = max_tokens
        self._think = think
        self.too_long = 0

    def completions(self, file: Path) -> list[dict[str, list[int]]]:
        """Return a file of prompts and completions as `input_ids` and `labels`."""
        rows = []
        for row in _lines(file):
            prompt, answer = self._prompt(row["prompt"]), _answer(row["completion"])
            if self._fits(prompt, answer):
                thought = self._thought(prompt, answer)
                learnt = [*thought, *_header(thought), *answer]
                rows.append({"input_ids": prompt + learnt, "labels": [IGNORED] * len(prompt) + learnt})
        return rows

    def pairs(self, file: Path) -> list[dict[str, list[int]]]:
        """Return a file of preferences as `prompt_ids`, `chosen_ids` and `rejected_ids`."""
        rows = []
        for row in _lines(file):
            prompt = self._prompt(row["prompt"])
            chosen, rejected = _answer(row["chosen"]), _answer(row["rejected"])
            if self._fits(prompt, max(chosen, rejected, key=len)):
                thought = self._thought(prompt, max(chosen, rejected, key=len))
                before = [*prompt, *thought, *_header(thought)]
                rows.append({"prompt_ids": before, "chosen_ids": chosen, "rejected_ids": rejected})
        return rows

    def _fits(self, prompt: list[int], answer: list[int]) -> bool:
        fits = len(prompt) + len(answer) <= self._max_tokens
        self.too_long += not fits
        return fits

    def _thought(self, prompt: list[int], answer: list[int]) -> list[int]:
        thought = self._think(prompt)
        return thought if len(prompt) + len(thought) + len(answer) <= self._max_tokens else []

    def _prompt(self, messages: Sequence[dict[str, str]]) -> list[int]:
        conversation = Conversation.from_messages([self._system, *map(_message, messages)])
        return list(encoding().render_conversation_for_completion(conversation, Role.ASSISTANT))


def special(text: str) -> list[int]:
    """Return the tokens of a text in which markers are markers."""
    return list(encoding().encode(text, allowed_special="all"))


def _header(thought: list[int]) -> list[int]:
    """Return what stands before an answer; after a thought a new message begins."""
    return special(f"<|start|>assistant{FINAL}" if thought else FINAL)


def _message(message: dict[str, str]) -> Message:
    if message["role"] in {"developer", "system"}:
        content = DeveloperContent.new().with_instructions(message["content"])
        return Message.from_role_and_content(Role.DEVELOPER, content)
    return Message.from_role_and_content(Role(message["role"]), message["content"])


def _answer(messages: Sequence[dict[str, str]]) -> list[int]:
    text = messages[-1]["content"]
    # A marker within the text is text: what a cell holds must not end the answer.
    return [*encoding().encode(text, disallowed_special=()), *special(END)]


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8") as opened:
        for line in opened:
            if line.strip():
                yield json.loads(line)

"""How many tokens a prompt has for gpt-oss, exactly as a server renders it.

Source: https://github.com/openai/harmony/blob/main/docs/format.md
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from gptoss_lab.prompts.budget import TextKind
from gptoss_lab.schemas.base import Effort
from gptoss_lab.schemas.chat import ChatMessage

# Every date of this form has the same number of tokens, so that the count does not depend on the day.
_ANY_DATE = "2026-01-01"
_MESSAGE_TOKENS = 4  # <|start|>, the role, <|message|>, <|end|>
_ANSWER_TOKENS = 2  # <|start|>assistant
_RULES = "# Instructions\n\n"
# The encoder holds the interpreter's lock, and takes time with the square of an unbroken run of
# characters: seconds for what a hostile page may hold. It gets short stretches, cut where a token
# ends in any case; a stretch without such a place is cut anywhere, and counted wrong by a token or two.
_STRETCH_CHARS = 1024
_SAFE_CUT = re.compile(r"(?<=[A-Za-z])(?= [A-Za-z])|(?<=\n)(?=[A-Za-z0-9])")


class HarmonyCounter:
    """Counts with the vocabulary of gpt-oss. It may be used by several threads.

    Args:
        encoding: The encoding of `openai_harmony`.
    """

    def __init__(self, encoding: Any) -> None:
        self._encoding = encoding

    def text(self, text: str, kind: TextKind = "code") -> int:
        """Return the tokens of a text; its kind makes no difference."""
        del kind
        encode = self._encoding.encode
        return sum(len(encode(stretch, disallowed_special=())) for stretch in stretches(text))

    def messages(self, messages: Sequence[ChatMessage], effort: Effort) -> int:
        """Return the tokens of the prompt that a server makes of messages, system message included."""
        texts = [
            (_RULES + message.content)
            if place == 0 and message.role in {"developer", "system"}
            else message.content
            for place, message in enumerate(messages)
        ]
        inside = sum(self.text(text) + _MESSAGE_TOKENS for text in texts)
        return _system_tokens(self._encoding, effort) + inside + _ANSWER_TOKENS


@cache
def load_counter() -> HarmonyCounter:
    """Load the vocabulary: about 0.3 s and 85 MB, once in a process. It comes with the package."""
    import openai_harmony  # noqa: PLC0415 - heavy, and of use to a model only

    name = openai_harmony.HarmonyEncodingName.HARMONY_GPT_OSS
    return HarmonyCounter(openai_harmony.load_harmony_encoding(name))


def stretches(text: str) -> Iterator[str]:
    """Cut a text into short stretches that are counted one by one."""
    start = 0
    while len(text) - start > 2 * _STRETCH_CHARS:
        cut = _SAFE_CUT.search(text, start + _STRETCH_CHARS, start + 2 * _STRETCH_CHARS)
        end = cut.start() if cut else start + _STRETCH_CHARS
        yield text[start:end]
        start = end
    yield text[start:]


@cache
def _system_tokens(encoding: Any, effort: Effort) -> int:
    import openai_harmony as harmony  # noqa: PLC0415 - as above; loaded by now

    content = (
        harmony.SystemContent
        .new()
        .with_reasoning_effort(harmony.ReasoningEffort[effort.upper()])
        .with_conversation_start_date(_ANY_DATE)
    )
    system = harmony.Message.from_role_and_content(harmony.Role.SYSTEM, content)
    return len(encoding.render_conversation(harmony.Conversation.from_messages([system])))

"""How servers differ in what they take.

Source: https://platform.openai.com/docs/api-reference/chat/create
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Literal

from gptoss_lab.engines.base import ChatRequest
from gptoss_lab.engines.families import Family
from gptoss_lab.schemas.chat import completion_tokens
from gptoss_lab.schemas.config import ModelConfig

MIN_COMPLETION_TOKENS = 256

EffortField = Literal["field", "template", "both"]
# vLLM counts in tokens. A pattern of fewer than 8 tokens is often data, as in a list of zeros.
_REPETITION = {"max_pattern_size": 64, "min_pattern_size": 8, "min_count": 4}
_OPTIONAL = (
    "cache_salt",
    "repetition_detection",
    "chat_template_kwargs",
    "reasoning_effort",
    "stream_options",
    "seed",
    "top_p",
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """What this server takes; `adapted` gives up what it has refused.

    `stop` is never sent: it ends the answer inside the reasoning too, and is not cut from the text.
    No tools are ever sent, as documents that nobody vouches for are in the prompt.

    Attributes:
        effort: Where the effort stands: a field of the request, an argument of the template, or both.
        extends: The server takes vLLM's own fields.
        left_out: Fields that it has refused.
    """

    family: Family = "generic"
    developer_role: str = "developer"
    length_field: str = "max_completion_tokens"
    effort: EffortField = "field"
    extends: bool = False
    left_out: frozenset[str] = frozenset()

    def body(
        self, request: ChatRequest, model: str, config: ModelConfig, context_tokens: int | None = None
    ) -> dict[str, Any]:
        """Return the body of a request for a streamed completion.

        Args:
            request: What to ask.
            model: The name of the model.
            config: How to sample, and the most of the context that may be used.
            context_tokens: The server's window, where it is known.
        """
        body: dict[str, Any] = {
            "model": model,
            "messages": [
                {
                    "role": self.developer_role if message.role == "developer" else message.role,
                    "content": message.content,
                }
                for message in request.messages
            ],
            self.length_field: request.max_tokens or answer_room(request, config, context_tokens),
            "temperature": config.temperature,
            "top_p": config.top_p,
            "stream": True,
            "stream_options": {"include_usage": True},
            **self._effort(request),
        }
        if request.seed is not None:
            body["seed"] = request.seed
        if self.extends:
            body["repetition_detection"] = _REPETITION
            if request.cache_salt:
                body["cache_salt"] = request.cache_salt
        return {name: value for name, value in body.items() if name not in self.left_out}

    def adapted(self, refusal: str) -> Dialect | None:
        """Return the dialect without what a 400 or 422 complains of; None where that is something else."""
        text = refusal.lower()
        if "unexpected fields in the request" in text and self.family == "generic":
            return replace(_DIALECTS["transformers"], left_out=self.left_out)
        if self.length_field in text and self.length_field != "max_tokens":
            return replace(self, length_field="max_tokens")
        for name in _OPTIONAL:
            if name in text and name not in self.left_out:
                return replace(self, left_out=self.left_out | {name})
        if "reasoning" in text and "reasoning_effort" not in self.left_out:
            return replace(self, left_out=self.left_out | {"reasoning_effort"})
        if self.developer_role == "developer" and re.search(r"\brole|developer", text):
            return replace(self, developer_role="system")
        return None

    def _effort(self, request: ChatRequest) -> dict[str, Any]:
        in_field = {"reasoning_effort": request.effort}
        in_template = {"chat_template_kwargs": in_field}
        return {
            **(in_field if self.effort != "template" else {}),
            **(in_template if self.effort != "field" else {}),
        }


_DIALECTS: dict[Family, Dialect] = {
    "generic": Dialect(),
    "vllm": Dialect("vllm", extends=True),
    # Builds of llama-server that do not know a field ignore it, and then write without end.
    "llama_server": Dialect("llama_server", length_field="max_tokens", effort="both"),
    "ollama": Dialect("ollama", "system", "max_tokens"),
    "lm_studio": Dialect("lm_studio", "system", "max_tokens"),
    "transformers": Dialect(
        "transformers", length_field="max_tokens", effort="template", left_out=frozenset({"stream_options"})
    ),
}


def dialect_of(family: Family) -> Dialect:
    """Return what a family of servers takes."""
    return _DIALECTS[family]


def answer_room(request: ChatRequest, config: ModelConfig, context_tokens: int | None) -> int:
    """Return how many tokens the answer may have: what the effort needs, within the window."""
    window = min(config.context_tokens, context_tokens or config.context_tokens)
    most = completion_tokens(request.effort, window)
    return max(MIN_COMPLETION_TOKENS, min(most, window - request.prompt_tokens))

"""What tells one model server from another, and how each refuses."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["plain", "vllm", "llama_server", "ollama", "lm_studio", "transformers"]

_OWNERS: dict[Kind, str] = {
    "plain": "someone",
    "vllm": "vllm",
    "llama_server": "llamacpp",
    "ollama": "library",
    "lm_studio": "organization_owner",
    "transformers": "openai",
}
_TRANSFORMERS_TAKES = {"model", "messages", "max_tokens", "temperature", "top_p", "stream", "seed"}
_BAD = "400 Bad Request"


@dataclass(frozen=True, slots=True)
class ServerKind:
    """One server. `window` is its context, at four characters a token; 0 takes any prompt.

    `refuses` are fields that it does not know and says so.
    """

    kind: Kind = "plain"
    window: int = 0
    refuses: tuple[str, ...] = ()

    @property
    def headers(self) -> str:
        """Its own header lines."""
        return "Server: llama.cpp\r\n" if self.kind == "llama_server" else "Server: uvicorn\r\n"

    def listing(self, models: list[str]) -> bytes:
        """Return its list of models."""
        rows: list[dict[str, Any]] = [
            {"id": model, "object": "model", "owned_by": _OWNERS[self.kind]} for model in models
        ]
        if self.kind == "vllm":
            rows = [{**row, "max_model_len": self.window or 131_072} for row in rows]
        return json.dumps({"object": "list", "data": rows}).encode()

    def told(self, path: str, model: str) -> bytes:
        """Return what it says at a path of its own; nothing where it has none."""
        said: dict[tuple[Kind, str], Any] = {
            ("llama_server", "/props"): {"default_generation_settings": {"n_ctx": self.window}},
            ("ollama", "/api/ps"): {"models": [{"name": model, "context_length": self.window}]},
            ("lm_studio", "/api/v0/models"): {
                "data": [{"id": model, "max_context_length": 131_072, "loaded_context_length": self.window}]
            },
        }
        answer = said.get((self.kind, path))
        return json.dumps(answer).encode() if answer else b""

    def refusal(self, body: dict[str, Any]) -> tuple[str, str, bytes] | None:
        """Return why it does not take a request; None where it does."""
        unknown = sorted(set(self.refuses) & body.keys())
        if self.kind == "transformers":
            unknown = sorted(body.keys() - _TRANSFORMERS_TAKES - {"chat_template_kwargs"})
        if unknown:
            detail = f"Unexpected fields in the request: {set(unknown)}"
            return "422 Unprocessable Entity", "application/json", json.dumps({"detail": detail}).encode()
        prompt = sum(len(message["content"]) for message in body["messages"]) // 4
        answer = body.get("max_completion_tokens") or body.get("max_tokens") or 0
        if not self.window or prompt + (answer if self.kind == "vllm" else 0) <= self.window:
            return None
        return _BAD, "application/json", json.dumps(self._overflow(prompt, answer)).encode()

    def _overflow(self, prompt: int, answer: int) -> dict[str, Any]:
        window = self.window
        if self.kind == "llama_server":
            message = f"request ({prompt} tokens) exceeds the available context size ({window} tokens)"
            told = {"type": "exceed_context_size_error", "n_prompt_tokens": prompt, "n_ctx": window}
            return {"error": {"code": 400, "message": message, **told}}
        if self.kind == "lm_studio":
            return {
                "error": f"Trying to keep the first {prompt} tokens when context the overflows. However, the "
                f"model is loaded with context length of only {window} tokens, which is not enough."
            }
        if self.kind == "ollama":
            return {"error": {"message": "prompt too long; exceeded max context length"}}
        if answer > window:
            message = f"max_completion_tokens={answer} cannot be greater than max_model_len={window}."
        elif prompt <= window:
            message = (
                f"This model's maximum context length is {window} tokens. However, you requested {answer} "
                f"output tokens and your prompt contains {prompt} input tokens, for a total of more."
            )
        else:
            message = (
                f"This model's maximum context length is {window} tokens. However, your prompt contains at "
                f"least {prompt} input tokens, which exceeds this limit even without any output tokens."
            )
        return {"error": {"message": message, "type": "BadRequestError", "param": "input_tokens"}}

"""Which server it is, from what it says of itself, and how long its window is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Family = Literal["vllm", "llama_server", "ollama", "lm_studio", "transformers", "generic"]

NAMES: dict[Family, str] = {
    "vllm": "vLLM",
    "llama_server": "llama-server",
    "ollama": "Ollama",
    "lm_studio": "LM Studio",
    "transformers": "transformers serve",
    "generic": "Chat server",
}
_OWNERS: dict[str, Family] = {
    "vllm": "vllm",
    "gptoss_lab": "vllm",  # our own worker on transformers: it takes what vLLM takes, the salt above all
    "llamacpp": "llama_server",
    "library": "ollama",
    "ollama": "ollama",
    "organization_owner": "lm_studio",
}
# Where a server that names no window in its list of models does so, and how to find it there.
_WINDOW_PATHS: dict[Family, str] = {
    "llama_server": "/props",
    "ollama": "/api/ps",
    "lm_studio": "/api/v0/models",
}
_MIN_WINDOW, _MAX_WINDOW = 256, 100_000_000


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One model of a server's list. `context_tokens` is None where it does not say."""

    name: str
    context_tokens: int | None = None


def family_of(headers: Mapping[str, str], listing: Any) -> Family:
    """Return the family of a server from its answer to `/v1/models`."""
    if headers.get("server", "").lower().startswith("llama.cpp"):
        return "llama_server"
    owners = [str(row.get("owned_by", "")).lower() for row in _rows(listing)]
    for owner in owners:
        if owner in _OWNERS:
            return _OWNERS[owner]
    return "generic"


def models_of(listing: Any) -> list[ModelRow] | None:
    """Return the models of a list; None where it is no list of models."""
    if not isinstance(listing, dict) or not isinstance(listing.get("data"), list):
        return None
    rows = _rows(listing)
    if len(rows) != len(listing["data"]) or not all(isinstance(row.get("id"), str) for row in rows):
        return None
    return [ModelRow(row["id"], _window(row)) for row in rows]


def window_path(family: Family) -> str:
    """Return the path, from the server's root, that tells the window; empty where there is none."""
    return _WINDOW_PATHS.get(family, "")


def window_of(family: Family, answer: Any, model: str) -> int | None:
    """Return the window that the answer to `window_path` tells of a model."""
    if not isinstance(answer, dict):
        return None
    if family == "llama_server":
        settings = answer.get("default_generation_settings")
        return _tokens(settings.get("n_ctx")) if isinstance(settings, dict) else None
    named = "models" if family == "ollama" else "data"
    for row in _dicts(answer.get(named)):
        if model in {row.get("id"), row.get("name"), row.get("model")}:
            return _tokens(row.get("loaded_context_length") or row.get("context_length"))
    return None


def _window(row: Mapping[str, Any]) -> int | None:
    # vLLM and SGLang say `max_model_len`, some routers `context_length` or `context_window`.
    keys = ("max_model_len", "context_length", "context_window")
    return next((found for key in keys if (found := _tokens(row.get(key)))), None)


def _rows(listing: Any) -> list[dict[str, Any]]:
    return _dicts(listing.get("data")) if isinstance(listing, dict) else []


def _dicts(rows: Any) -> list[dict[str, Any]]:
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, Sequence) else []


def _tokens(value: Any) -> int | None:
    return value if isinstance(value, int) and _MIN_WINDOW <= value <= _MAX_WINDOW else None

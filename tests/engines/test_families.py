"""Servers are told by what they say of themselves."""

from __future__ import annotations

from typing import Any

import pytest

from gptoss_lab.engines.families import NAMES, Family, family_of, models_of, window_of, window_path


@pytest.mark.parametrize(
    ("headers", "owner", "family"),
    [
        ({"server": "uvicorn"}, "vllm", "vllm"),
        ({"server": "llama.cpp"}, "llamacpp", "llama_server"),
        ({"server": "llama.cpp"}, "me", "llama_server"),
        ({}, "llamacpp", "llama_server"),
        ({}, "library", "ollama"),
        ({}, "organization_owner", "lm_studio"),
        ({"server": "uvicorn"}, "openai", "generic"),
        ({}, None, "generic"),
    ],
)
def test_family(headers: dict[str, str], owner: str | None, family: Family) -> None:
    """A header or the owner of the models tells the server; one that says nothing is generic."""
    assert family_of(headers, {"data": [{"id": "m", "owned_by": owner}]}) == family
    assert NAMES[family]


@pytest.mark.parametrize(
    "listing", [None, [], {"data": 3}, {"data": [3]}, {"data": [{"id": 3}]}, {"models": []}, "x"]
)
def test_what_is_no_list_of_models(listing: Any) -> None:
    """Another kind of answer is told from an empty list, and never trips us."""
    assert models_of(listing) is None
    assert family_of({}, listing) == "generic"
    assert models_of({"data": []}) == []


@pytest.mark.parametrize(
    ("row", "window"),
    [
        ({"max_model_len": 4096}, 4096),
        ({"context_length": 8192}, 8192),
        ({"max_model_len": -1}, None),
        ({"max_model_len": "4096"}, None),
        ({}, None),
    ],
)
def test_window_in_the_list(row: dict[str, Any], window: int | None) -> None:
    """A window is taken where it is a sane number."""
    rows = models_of({"data": [{"id": "m", **row}]})
    assert rows
    assert rows[0].context_tokens == window


@pytest.mark.parametrize(
    ("family", "answer", "window"),
    [
        ("llama_server", {"default_generation_settings": {"n_ctx": 4096}}, 4096),
        ("llama_server", {"default_generation_settings": None}, None),
        ("ollama", {"models": [{"name": "other"}, {"name": "m", "context_length": 4096}]}, 4096),
        ("ollama", {"models": []}, None),
        ("lm_studio", {"data": [{"id": "m", "loaded_context_length": 4096}]}, 4096),
        ("lm_studio", {"data": [{"id": "m", "max_context_length": 131072}]}, None),
        ("ollama", [], None),
    ],
)
def test_window_asked_for(family: Family, answer: Any, window: int | None) -> None:
    """The window is the loaded one, not what the model could have."""
    assert window_path(family).startswith("/")
    assert window_of(family, answer, "m") == window
    assert window_path("vllm") == ""

"""Sections of the configuration."""

from __future__ import annotations

import pytest

from gptoss_lab.errors import RequestError
from gptoss_lab.schemas.base import Wire
from gptoss_lab.schemas.config import (
    DocumentConfig,
    ExecutionConfig,
    ModelConfig,
    SandboxConfig,
)
from gptoss_lab.schemas.sections import describe_section, parse_section


@pytest.mark.parametrize("model", [ModelConfig, SandboxConfig, ExecutionConfig, DocumentConfig])
def test_every_section_has_defaults_and_a_description(model: type[Wire]) -> None:
    """An empty section is valid, and each key is described once."""
    assert parse_section(model, "c.X", {}) == model()
    described = [line.split(":")[0] for line in describe_section(model).splitlines()]
    assert described == list(model.model_fields)


def test_words_of_a_command_line_become_numbers() -> None:
    """`--GptossLabApp.execution max_jobs=2` sends text."""
    assert parse_section(ExecutionConfig, "c.X", {"max_jobs": "2"}).max_jobs == 2


def test_an_unknown_key_names_itself_and_the_known_ones() -> None:
    """A typo is found at start, not at the first job."""
    with pytest.raises(RequestError, match=r"c\.X has no key `max_job`") as caught:
        parse_section(ExecutionConfig, "c.X", {"max_job": 2})
    assert "max_jobs" in caught.value.hint


def test_a_wrong_value_is_not_repeated() -> None:
    """It may be a secret in the wrong place."""
    with pytest.raises(RequestError, match="`temperature` is wrong") as caught:
        parse_section(ModelConfig, "c.X", {"temperature": "sk-secret"})
    assert "sk-secret" not in caught.value.message + caught.value.hint


@pytest.mark.parametrize("url", ["http://me:hunter2@host/v1", "https://hunter2@host:8000/v1"])
def test_an_address_holds_no_secret(url: str) -> None:
    """A password in a configuration file is refused, and not repeated."""
    with pytest.raises(RequestError, match="`api_key_file`") as caught:
        parse_section(ModelConfig, "c.GptossLabApp.model", {"url": url})
    assert "hunter2" not in caught.value.message
    assert parse_section(ModelConfig, "x", {"url": "http://host/v1/@x"}).url


@pytest.mark.parametrize("url", ["nonsense", "ftp://x/v1", "http://", "localhost:8000/v1", "unix://engine"])
def test_an_address_of_a_model_is_http_or_a_socket(url: str) -> None:
    """Anything else is refused where it is written, not when the first cell is asked for."""
    with pytest.raises(
        RequestError, match=r"`url` is wrong: it must begin with http://, https:// or unix:///"
    ):
        parse_section(ModelConfig, "c.GptossLabApp.model", {"url": url})
    assert parse_section(ModelConfig, "x", {"url": "unix:///run/engine.sock"}).url


def test_the_address_of_a_model_holds_no_password() -> None:
    """A password in the address is refused, and the message does not show it."""
    with pytest.raises(RequestError, match="api_key_file") as caught:
        parse_section(ModelConfig, "c.GptossLabApp.model", {"url": "http://me:secret@127.0.0.1:9/v1"})
    assert "secret" not in caught.value.message

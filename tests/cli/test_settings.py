"""The configuration as the command line reads it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gptoss_lab.cli.settings import Settings, load_settings
from gptoss_lab.errors import RequestError
from gptoss_lab.schemas.config import (
    DocumentConfig,
    ExecutionConfig,
    FeedbackConfig,
    ModelConfig,
    MonitorConfig,
    PaperConfig,
    PromptConfig,
    SandboxConfig,
)


def test_nothing_configured_means_defaults(config_dir: Path) -> None:
    """Without files the models speak."""
    assert config_dir.is_dir()
    assert load_settings() == Settings(
        ModelConfig(),
        SandboxConfig(),
        ExecutionConfig(),
        DocumentConfig(),
        FeedbackConfig(),
        PromptConfig(),
        PaperConfig(),
        MonitorConfig(),
    )


def test_python_and_json_files_are_read(config_dir: Path) -> None:
    """The same section of the same files that the server reads."""
    (config_dir / "jupyter_server_config.py").write_text(
        'c = get_config()\nc.GptossLabApp.model = {"url": "http://127.0.0.1:1/v1", "name": "a"}\n'
        'c.GptossLabApp.documents.update({"max_files": 7})\n'
    )
    (config_dir / "jupyter_server_config.json").write_text(
        json.dumps({"GptossLabApp": {"sandbox": {"runtime": "none"}}})
    )
    settings = load_settings({"model": {"name": "b"}})
    assert (settings.model.url, settings.model.name) == ("http://127.0.0.1:1/v1", "b")
    assert settings.sandbox.runtime == "none"
    assert settings.documents.max_files == 7


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('c.GptossLabApp.model = {"ulr": "x"}', "c.GptossLabApp.model has no key `ulr`"),
        ('c.GptossLabApp.model = "x"', "c.GptossLabApp.model is not a dictionary"),
        ('c.GptossLabApp.execution = {"max_jobs": "many"}', "`max_jobs` is wrong"),
        ("1 / 0", "jupyter_server_config cannot be read: ZeroDivisionError"),
    ],
)
def test_a_bad_file_is_named(text: str, said: str, config_dir: Path) -> None:
    """The sentence says which key or file is wrong."""
    (config_dir / "jupyter_server_config.py").write_text(f"c = get_config()\n{text}\n")
    with pytest.raises(RequestError, match=said.replace("(", r"\(")) as caught:
        load_settings()
    assert caught.value.hint

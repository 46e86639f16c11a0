"""The configuration that the Jupyter Server would use, as the command line sees it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jupyter_core.application import JupyterApp
from traitlets.config.loader import LazyConfigValue

from gptoss_lab.errors import RequestError
from gptoss_lab.schemas.config import (
    DocumentConfig,
    ExecutionConfig,
    ModelConfig,
    SandboxConfig,
    parse_section,
)

SECTION = "GptossLabApp"
FILES = ("jupyter_server_config", "jupyter_gptoss_lab_config")

Overrides = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Settings:
    """One model per section of the configuration."""

    model: ModelConfig
    sandbox: SandboxConfig
    execution: ExecutionConfig
    documents: DocumentConfig


def load_settings(overrides: Overrides | None = None) -> Settings:
    """Read Jupyter's configuration files; what is in `overrides` goes before them.

    Raises:
        RequestError: A file cannot be read, or a key or value in it is wrong.
    """
    found = _read_files()

    def section(key: str) -> dict[str, Any]:
        return {**found.get(key, {}), **(overrides or {}).get(key, {})}

    return Settings(
        model=parse_section(ModelConfig, f"c.{SECTION}.model", section("model")),
        sandbox=parse_section(SandboxConfig, f"c.{SECTION}.sandbox", section("sandbox")),
        execution=parse_section(ExecutionConfig, f"c.{SECTION}.execution", section("execution")),
        documents=parse_section(DocumentConfig, f"c.{SECTION}.documents", section("documents")),
    )


def _read_files() -> dict[str, dict[str, Any]]:
    reader = JupyterApp(raise_config_file_errors=True, log=logging.getLogger("gptoss_lab.settings"))
    for name in FILES:
        reader.config_file_name = name
        try:
            reader.load_config_file(suppress_errors=False)
        except Exception as error:  # a Python configuration file can raise whatever it likes
            raise RequestError(
                f"Jupyter's configuration file {name} cannot be read: {type(error).__name__}: {error}",
                hint="Correct the file; `jupyter --paths` lists the folders that are searched.",
            ) from error
    values = reader.config.get(SECTION, {})
    return {key: _plain(key, value) for key, value in values.items()}


def _plain(key: str, value: Any) -> dict[str, Any]:
    if isinstance(value, LazyConfigValue):
        value = value.get_value({})
    if not isinstance(value, Mapping):
        raise RequestError(f"c.{SECTION}.{key} is not a dictionary", hint="Write it as {'key': value}.")
    return dict(value)

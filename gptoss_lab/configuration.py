"""Jupyter's configuration files, as a process that is no server reads them.

A server has its configuration at hand. The command line has not, nor has a kernel that papermill or
`jupyter run` starts: what the administrator wrote for the server holds for them as well.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from jupyter_core.application import JupyterApp
from traitlets import Dict
from traitlets.config.loader import DeferredConfig, LazyConfigValue

from gptoss_lab.errors import RequestError

SECTION = "GptossLabApp"
FILES = ("jupyter_server_config", "jupyter_gptoss_lab_config")


def read_sections() -> dict[str, dict[str, Any]]:
    """Return what the files say of us, by key. Blocks.

    Raises:
        RequestError: A file cannot be read, or what it says is no dictionary.
    """
    reader = JupyterApp(raise_config_file_errors=True, log=logging.getLogger("gptoss_lab.configuration"))
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
    return {key: plain_section(key, value) for key, value in values.items()}


def plain_section(key: str, value: Any) -> dict[str, Any]:
    """Return one key's value as a dictionary, also where a file only changed the default or it is an option.

    Raises:
        RequestError: It is none.
    """
    if isinstance(value, LazyConfigValue):
        value = value.get_value({})
    if isinstance(value, DeferredConfig):
        value = value.get_value(Dict())  # from the command line; what cannot be read stays text
    if not isinstance(value, Mapping):
        raise RequestError(f"c.{SECTION}.{key} is not a dictionary", hint="Write it as {'key': value}.")
    return dict(value)

"""How a block is checked, by its language. A block in another language is a mistake."""

from __future__ import annotations

import ast
import configparser
import importlib
import importlib.util
import json
import re
import sys
from collections.abc import Callable, Mapping

import yaml
from traitlets.config import Config

from gptoss_lab.configuration import SECTION, plain_section
from gptoss_lab.extension import GptossLabApp
from gptoss_lab.magics.line import parse_line, read_task
from gptoss_lab.magics.verbs import VERBS
from gptoss_lab.schemas.sections import parse_section
from tests.docs import http, programs, shell
from tools.docs.configuration import models

CONFIGURATION = re.compile(r"(?m)^c\.\w+")
ELSEWHERE = frozenset({"jupyterhub", "dockerspawner", "kubespawner", "oauthenticator"})
"""Packages of a hub, which the tests do not install."""


class BlockError(ValueError):
    """A block shows something that would not work."""


def bash(text: str) -> None:
    """Check a block of commands."""
    for words in shell.commands(text):
        programs.check(words)


def console(text: str) -> None:
    """Check a block of commands with what they print."""
    for words in shell.commands(text, prompted=True):
        programs.check(words)


def python(text: str) -> None:
    """Check a program, or a configuration: the real models read ours.

    Raises:
        BlockError: A name that it imports is not there.
    """
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                _imported(alias.name, ())
        elif isinstance(node, ast.ImportFrom):
            _imported(node.module or "", [alias.name for alias in node.names])
    if CONFIGURATION.search(text):
        _configuration(text)


def ipython(text: str) -> None:
    """Check a cell that begins with a magic.

    Raises:
        BlockError: There is no such magic.
    """
    first, _, task = text.partition("\n")
    if first.startswith("%%gptoss"):
        options = parse_line(first.removeprefix("%%gptoss"))
        read_task(task, paper=options.paper is not None)
    elif first.startswith("%gptoss"):
        for line in text.splitlines():
            if line.removeprefix("%gptoss").strip() not in {*VERBS, "help"}:
                raise BlockError(f"there is no {line}")
    elif first != "%load_ext gptoss_lab.magics":
        raise BlockError(f"{first} is no magic of ours")


def toml(text: str) -> None:
    """Check TOML."""
    importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli").loads(text)


def ini(text: str) -> None:
    """Check an ini file, such as a unit of systemd; a key may be there twice."""
    parser = configparser.ConfigParser(strict=False, interpolation=None, allow_no_value=True)
    parser.read_string(text)


def yaml_documents(text: str) -> None:
    """Check YAML."""
    list(yaml.safe_load_all(text))


def _imported(name: str, inside: list[str] | tuple[str, ...]) -> None:
    if name.partition(".")[0] in ELSEWHERE:
        return
    if importlib.util.find_spec(name.partition(".")[0]) is None:
        raise BlockError(f"there is no package {name}")
    module = importlib.import_module(name)
    for part in inside:
        if not hasattr(module, part) and importlib.util.find_spec(f"{name}.{part}") is None:
            raise BlockError(f"{name} has no {part}")


def _configuration(text: str) -> None:
    config = Config()
    exec(compile(text, "jupyter_server_config.py", "exec"), {"c": config, "get_config": lambda: config})  # noqa: S102 - pages of ours
    for key, value in config.get(SECTION, {}).items():
        if key in models():
            parse_section(models()[key], key, plain_section(key, value))
        elif key not in GptossLabApp.class_trait_names(config=True):
            raise BlockError(f"there is no c.{SECTION}.{key}")
        else:
            setattr(GptossLabApp(), key, value)  # the trait validates it


LANGUAGES: Mapping[str, Callable[[str], object]] = {
    "bash": bash,
    "console": console,
    "http": http.check_block,
    "ini": ini,
    "ipython": ipython,
    "json": json.loads,
    "python": python,
    "toml": toml,
    "yaml": yaml_documents,
}

"""The block in a person's IPython configuration that makes `%%gptoss` known at first use."""

from __future__ import annotations

import ast
import os
import re
from pathlib import Path

from gptoss_lab.cli.own_block import Block, read_own
from gptoss_lab.errors import RequestError

BLOCK = Block(
    begin="# >>> gptoss_lab magic: `jupyter gptoss magic enable` wrote this, `disable` removes it >>>",
    end="# <<< gptoss_lab magic <<<",
    body="""\
import importlib.util as _gptoss_lab

if _gptoss_lab.find_spec("gptoss_lab"):
    c.MagicsManager.lazy_magics.update({"gptoss": "gptoss_lab.magics"})  # noqa: F821 - IPython gives it
""",
)
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*\Z")


def config_path(profile: str) -> Path:
    """Return where IPython reads the configuration of a profile.

    Raises:
        RequestError: That is no name of a profile.
    """
    return profile_folder(profile) / "ipython_config.py"


def profile_folder(profile: str) -> Path:
    """Return the folder of an IPython profile.

    Raises:
        RequestError: That is no name of a profile.
    """
    if not _NAME.match(profile):
        raise RequestError(f"{profile!r} is no name of an IPython profile", hint="Check --profile.")
    base = os.environ.get("IPYTHONDIR", "")
    folder = Path(base).expanduser() if base else Path.home() / ".ipython"
    return folder / f"profile_{profile}"


def read_config(path: Path) -> str:
    """Return the configuration; empty where there is none yet.

    Raises:
        RequestError: It is not text, or not a configuration that IPython can read.
    """
    text = read_own(path)
    try:
        ast.parse(text)
    except (ValueError, SyntaxError) as error:
        raise RequestError(
            f"{path} is not a configuration that IPython can read, so it was left as it is",
            hint="Mend or move the file, then try again.",
        ) from error
    return text

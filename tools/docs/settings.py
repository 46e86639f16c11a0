"""The page of the settings of a person, from the schema that JupyterLab reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.docs.markdown import code, table
from tools.docs.markdown import page as joined
from tools.docs.models import kind

SCHEMA = Path(__file__).resolve().parents[2] / "schema" / "plugin.json"
INTRODUCTION = """\
# Settings of a person

*Settings → Settings Editor → gpt-oss* in JupyterLab. The administrator of the server sets the maxima
([configuration](configuration.md)); what is beyond them is cut, and the panel says so.
"""
KEYS = """\
## Keys

*Help → Keyboard Shortcuts* of the panel lists the keys as you have set them. These are the ones that
come with the extension.
"""


def page() -> str:
    """Return the page."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    rows = [
        (
            f"**{value['title']}** {code(key)}",
            _kind(value),
            code(json.dumps(value["default"])),
            value["description"],
        )
        for key, value in schema["properties"].items()
    ]
    keys = [
        (
            code(" ".join(row["keys"])),
            row["command"].removeprefix("gptoss-lab:").replace("-", " "),
            _where(row),
        )
        for row in schema["jupyter.lab.shortcuts"]
    ]
    settings = table(("setting", "type", "default", "what it does"), rows)
    return joined(INTRODUCTION, settings, KEYS, table(("key", "command", "where"), keys))


def _kind(schema: Mapping[str, Any]) -> str:
    if "oneOf" in schema:
        return " or ".join(f"{code(choice['const'])} ({choice['title']})" for choice in schema["oneOf"])
    return kind(schema)


def _where(shortcut: Mapping[str, Any]) -> str:
    if "hasPending" in shortcut["selector"]:
        return "in a notebook in which something waits"
    return "everywhere" if shortcut["selector"] == "body" else "in a notebook"

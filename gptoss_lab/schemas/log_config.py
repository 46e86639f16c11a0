"""How the server's log is written."""

from __future__ import annotations

from typing import Literal

from gptoss_lab.schemas.base import Wire


class LogConfig(Wire):
    """How the server's log is written; the variable GPTOSS_LAB_LOG chooses its form where this does not.

    A line says which request and which job it belongs to. What people ask and get is in no line.

    Attributes:
        form: `json` writes one object a line, for programs: Jupyter's own lines, too. `text` is for persons.
        level: From which level on; empty for that of Jupyter, and at least `info` as JSON.
    """

    form: Literal["text", "json"] | None = None
    level: Literal["", "debug", "info", "warning", "error"] = ""

"""What an executed cell has printed, as text."""

from __future__ import annotations

import re

from gptoss_lab.schemas.execution import CellVerification

MAX_CHARS = 400_000
_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")


def printed_text(run: CellVerification) -> str:
    """Return standard output and the text form of results, in order; messages of errors are none."""
    parts: list[str] = []
    for output in run.outputs:
        kind = output.get("output_type")
        if kind == "stream" and output.get("name") == "stdout":
            parts.append(_text(output.get("text")))
        elif kind in {"execute_result", "display_data"}:
            data = output.get("data")
            parts.append(f"{_text(data.get('text/plain'))}\n" if isinstance(data, dict) else "")
    return _ESCAPES.sub("", "".join(parts))[:MAX_CHARS]


def _text(value: object) -> str:
    """Return a text that nbformat may hold as lines."""
    if isinstance(value, list):
        return "".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""

"""A generation as the HTTP API takes it, and in words for the person who is about to send it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gptoss_lab.magics.line import Options

REPAIRS = {"run": 0, "repair": 3}


def request_of(options: Options, task: str) -> dict[str, Any]:
    """Return the body of the request; what the person left open is left to the server."""
    request: dict[str, Any] = {
        "task": task,
        "language": options.lang or "python",
        "sources": [{"kind": "auto", "uri": located(source)} for source in options.docs],
    }
    if options.paper:
        request["paper"] = {"uri": located(options.paper)}
    if options.effort:
        request["effort"] = options.effort
    if options.verify:
        request["verify"] = options.verify != "off"
    if options.verify in REPAIRS:
        request["max_repairs"] = REPAIRS[options.verify]
    if options.cells:
        request["max_cells"] = options.cells
    return request


def preview_of(options: Options, task: str) -> str:
    """Say exactly what is sent."""
    rows = [
        ("documentation", ", ".join(options.docs) or "none"),
        ("language", options.lang or "python"),
        ("effort", options.effort or "as the server is set"),
        ("verification", options.verify or "as the server is set"),
    ]
    if options.paper:
        rows.insert(0, ("paper", options.paper))
    if options.cells:
        rows.append(("code cells", f"at most {options.cells}"))
    if options.replace:
        rows.append(("this cell", "goes when the new ones are accepted; where cells are printed, it stays"))
    return "\n".join(["Task:", *(f"  {line}" for line in task.splitlines()), *_columns(rows)])


def located(source: str) -> str:
    """Return a path of this kernel's working folder in full: the server works elsewhere."""
    is_path = "/" in source or source.startswith(("~", "."))
    if "://" in source or not is_path:
        return source
    path = Path(source).expanduser()
    return str(path.resolve()) if path.exists() else source


def _columns(rows: list[tuple[str, str]]) -> list[str]:
    return [f"{name.capitalize()}: {value}" for name, value in rows]

"""`jupyter gptoss check NOTEBOOK…`: refuse, in a pipeline, notebooks with cells that wait for a review.

nbclient, nbconvert and papermill send no metadata to a kernel: no guard behind them can know a cell.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from gptoss_lab.cli.options import AsJson
from gptoss_lab.cli.screen import remark, say
from gptoss_lab.cli.session import PENDING, run
from gptoss_lab.errors import RequestError
from gptoss_lab.sandbox.agent.guard import is_pending

MAX_WIDTH = 60

Notebooks = Annotated[list[Path], typer.Argument(help="The notebooks to look at; - reads standard input.")]


def check(notebooks: Notebooks, *, as_json: AsJson = False) -> None:
    """List the cells that wait for a review; exit with 5 where there are any: `check … && papermill …`."""

    async def verb() -> int:
        found = 0
        for path in notebooks:
            for number, cell in enumerate(_cells(path), start=1):
                if is_pending(cell.get("metadata")):
                    found += 1
                    kind, line = cell.get("cell_type"), _first_line(cell)
                    row = {"notebook": str(path), "cell": number, "kind": kind, "line": line}
                    say(row, f"{path}: cell {number} ({kind}) waits: {line}", as_json=as_json)
        if found:
            remark(f"{found} cells are pending review. Accept or reject them in JupyterLab.")
        return PENDING if found else 0

    run(verb)


def _cells(path: Path) -> list[dict[str, Any]]:
    """Return a notebook's cells.

    Raises:
        RequestError: It cannot be read, or is none.
    """
    try:
        # `-` is standard input, as everywhere.
        notebook = json.loads(sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RequestError(f"{path} cannot be read: {error.strerror}", hint="Check the path.") from error
    except ValueError:
        notebook = None
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if isinstance(cells, list) and all(isinstance(cell, dict) for cell in cells):
        return cells
    raise RequestError(f"{path} is no notebook of format 4", hint="Open and save it in JupyterLab.")


def _first_line(cell: dict[str, Any]) -> str:
    source = cell.get("source")
    text = "".join(map(str, source)) if isinstance(source, list) else str(source or "")
    line = (text.strip().splitlines() or [""])[0]
    printable = "".join(letter if letter.isprintable() else "?" for letter in line)
    return printable if len(printable) <= MAX_WIDTH else f"{printable[: MAX_WIDTH - 1]}…"

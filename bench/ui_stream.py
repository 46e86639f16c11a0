"""300 tokens a second into a cell of a 200-cell notebook, in a real browser.

    python -m bench.ui_stream

A token's age is the time from the read of its event in the page to the first frame that has painted
it. The peer reads the same stream from the same server in the same page, and writes each token with
`updateSource`, as the shared model's own undo step.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.fast_model import MODEL
from bench.figure import Figure, percentile, report
from bench.production import production_path
from bench.server import jupyter_server
from bench.ui_browser import drive

NAME = "ui_stream"
RATE = 300
TOKENS = 600
CELLS = 200
MAX_TASK_MS = 100
MAX_AGE_MS = 50
NOT_LONG_MS = 50.0
"""A browser reports no task that is shorter than this."""


@contextlib.contextmanager
def fast_model() -> Iterator[str]:
    """Start the model server of this benchmark; give its address."""
    command = [sys.executable, "-m", "bench.fast_model", "--rate", str(RATE), "--tokens", str(TOKENS)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()


def write_notebook(folder: Path) -> None:
    """Write the notebook that the browser opens."""
    cells: list[dict[str, Any]] = [
        {
            "id": f"cell-{number}",
            "cell_type": "code",
            "execution_count": None,
            "metadata": {},
            "outputs": [],
            "source": f"value_{number} = {number}\nprint(value_{number})",
        }
        for number in range(CELLS)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    (folder / "bench.ipynb").write_text(json.dumps(notebook))


def longest_ms(run: dict[str, Any]) -> float:
    """Return the longest task of a run; what a browser does not report counts as its limit."""
    return max([NOT_LONG_MS, *(float(task["duration"]) for task in run["longTasks"])])


def main() -> int:
    """Measure and report.

    Raises:
        RuntimeError: Not every token was painted.
    """
    with (
        fast_model() as url,
        production_path() as path,
        jupyter_server(
            extension=True,
            lab=True,
            config={"model": {"url": url, "name": MODEL}},
            env={"JUPYTER_PATH": path},
        ) as server,
    ):
        write_notebook(server.folder)
        runs = drive("stream.js", f"{server.url}/lab/tree/bench.ipynb?reset&token={server.token}")
    ours, naive = runs["ours"], runs["naive"]
    for run in (ours, naive):
        if run["tokens"] < TOKENS or len(run["ages"]) < TOKENS:
            raise RuntimeError(f"Of {TOKENS}, {run['tokens']} came and {len(run['ages'])} were painted.")
    peer = "one change for each token"
    ages = [percentile(run["ages"], 95) for run in (ours, naive)]
    tasks = [longest_ms(run) for run in (ours, naive)]
    return report([
        Figure(NAME, "longest task", tasks[0], "ms", peer, tasks[1], MAX_TASK_MS),
        Figure(NAME, "event to painted text, p95", ages[0], "ms", peer, ages[1], MAX_AGE_MS),
        Figure(NAME, "undo steps", ours["steps"], "steps", peer, naive["steps"], 1),
    ])


if __name__ == "__main__":
    sys.exit(main())

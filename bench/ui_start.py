"""What the extension adds to the start of JupyterLab: time, and JavaScript to fetch.

    python -m bench.ui_start

The same JupyterLab with the extension and without it, in turn, each time in a browser without a
cache. Counted is what the browser fetches of ours before the panel is opened, compressed with gzip.
"""

from __future__ import annotations

import sys
from statistics import median

from bench.figure import Figure, report
from bench.production import production_path
from bench.server import jupyter_server
from bench.ui_browser import drive

NAME = "ui_start"
ROUNDS = 7
MAX_ADDED_MS = 100
MAX_KB = 150


def main() -> int:
    """Measure and report.

    Raises:
        RuntimeError: The extension was not where it should be.
    """
    with (
        production_path() as path,
        jupyter_server(extension=True, lab=True, env={"JUPYTER_PATH": path}) as server,
    ):
        pairs = drive("start.js", f"{server.url}/lab?reset&token={server.token}", str(ROUNDS))
    if any(pair["bare"]["scripts"] for pair in pairs) or not all(pair["ours"]["scripts"] for pair in pairs):
        raise RuntimeError("The extension was not there where it should be, or was where it should not.")
    added_ms = median(pair["ours"]["ms"] - pair["bare"]["ms"] for pair in pairs)
    bare_ms = median(pair["bare"]["ms"] for pair in pairs)
    fetched_kb = max(pair["ours"]["bytes"] for pair in pairs) / 1e3
    peer = "JupyterLab without the extension"
    return report([
        Figure(NAME, "start time added", added_ms, "ms", peer, bare_ms, MAX_ADDED_MS),
        Figure(NAME, "JavaScript fetched before the panel opens", fetched_kb, "kB", threshold=MAX_KB),
    ])


if __name__ == "__main__":
    sys.exit(main())

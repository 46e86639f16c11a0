"""How long the review of many changed cells takes to open, and to be accepted at once.

    python -m bench.ui_review [--peer FOLDER]

The cells are in an open notebook; the clock stops when all of them are painted as changes, and when
none is any more. The peer, jupyterlab-diff, shows what it can of the same cells in the same page: those
that have an editor. `--peer` names a folder with its labextension, and with that of
jupyterlab-cell-input-footer, which it needs.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from statistics import median

from bench.figure import Figure, report
from bench.production import production_path
from bench.server import jupyter_server
from bench.ui_browser import drive

NAME = "ui_review"
CELLS = 200
ROUNDS = 3
MAX_MS = 1000


def main() -> int:
    """Measure and report."""
    parser = argparse.ArgumentParser(prog=f"bench.{NAME}", description=__doc__)
    parser.add_argument("--cells", type=int, default=CELLS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--peer", default="", help="a Jupyter data folder with jupyterlab-diff")
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folders = [stack.enter_context(production_path()), *filter(None, [options.peer])]
        environment = {"JUPYTER_PATH": os.pathsep.join(folders)}
        server = stack.enter_context(jupyter_server(extension=True, lab=True, env=environment))
        url = f"{server.url}/lab?reset&token={server.token}"
        rounds = drive("review.js", url, str(options.cells), str(options.rounds))
    figures = []
    for figure, key in (("review opens", "opened"), ("accept all", "accepted")):
        value = median(each["ours"][key] for each in rounds)
        peers = [each["peer"] for each in rounds if each["peer"] and each["peer"][key] is not None]
        peer_value = median(each[key] for each in peers) if peers else None
        shown = f", {peers[0]['shown']} of the cells" if peers else ""
        peer = f"jupyterlab-diff 0.7.1{shown}" if peers else ""
        name = f"{figure} for {options.cells} cells"
        figures.append(Figure(NAME, name, value, "ms", peer, peer_value, MAX_MS))
    return report(figures)


if __name__ == "__main__":
    sys.exit(main())

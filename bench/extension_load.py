"""What the server extension adds to a bare Jupyter Server: load time and memory.

    python -m bench.extension_load

Load time is measured inside fresh processes around the import of the extension and around Jupyter
Server's own link and load of it. Memory is the resident set of whole servers, some seconds after
they answer, so that what the extension does in the background is counted.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from statistics import median

import psutil

from bench.figure import Figure, report
from bench.server import jupyter_server

NAME = "extension_load"
RUNS = 7
SERVERS = 3
SETTLE_S = 6.0
PROGRAM = """
import json, resource, sys, tempfile, time
begin = time.perf_counter()
from jupyter_server.serverapp import ServerApp
import jupyter_server.extension.application
with tempfile.TemporaryDirectory() as folder:
    app = ServerApp(allow_root=True, open_browser=False, root_dir=folder, runtime_dir=folder, log_level=40)
    app.config_dir = folder
    app.initialize(argv=[], find_extensions=False, new_httpserver=False)
    bare_s = time.perf_counter() - begin
    begin = time.perf_counter()
    app.extension_manager.add_extension("gptoss_lab", enabled=True)
    app.extension_manager.link_extension("gptoss_lab")
    app.extension_manager.load_extension("gptoss_lab")
    loaded_s = time.perf_counter() - begin
(extension,) = app.extension_manager.extension_apps["gptoss_lab"]
assert extension.handlers, "not loaded"
print(json.dumps({"bare_s": bare_s, "loaded_s": loaded_s}))
"""


def load_times_s() -> tuple[float, float]:
    """Return the medians of a bare server's start and of our load on top of it.

    Raises:
        RuntimeError: A server could not load the extension.
    """
    rows = []
    for _ in range(RUNS):
        done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        rows.append(json.loads(done.stdout.splitlines()[-1]))
    return median(row["bare_s"] for row in rows), median(row["loaded_s"] for row in rows)


def resident_bytes(*, extension: bool) -> float:
    """Return the median resident set of servers that are idle."""
    seen = []
    for _ in range(SERVERS):
        with jupyter_server(extension=extension) as server:
            time.sleep(SETTLE_S)
            seen.append(psutil.Process(server.pid).memory_info().rss)
    return float(median(seen))


def main() -> int:
    """Measure and report."""
    bare_s, loaded_s = load_times_s()
    bare_bytes = resident_bytes(extension=False)
    added_bytes = resident_bytes(extension=True) - bare_bytes
    peer = "bare jupyter server"
    return report([
        Figure(NAME, "import and load time added", loaded_s * 1000, "ms", peer, bare_s * 1000, 150),
        Figure(NAME, "resident memory added", added_bytes / 1e6, "MB", peer, bare_bytes / 1e6, 40),
    ])


if __name__ == "__main__":
    sys.exit(main())

"""A million rows of a dataset: what they take of the memory, and how long.

python -m bench.dataset_export [--rows 1000000]
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.figure import Figure, report
from gptoss_lab.services.learning.export import KINDS, SPLITS, _file
from gptoss_lab.services.learning.likeness import exact
from gptoss_lab.services.learning.rows import Row
from gptoss_lab.services.learning.staging import Staging

BENCH = "dataset_export"
MOST_GROWTH_MB = 64.0
NOTEBOOKS = 5000
TEXT = "x = pd.read_csv('a.csv')\n" * 30


def made(number: int) -> Row:
    """Return a row of about a kilobyte; each tenth is there already."""
    task = number - 1 if number % 10 == 1 else number
    text = json.dumps({"prompt": f"task {task}", "completion": TEXT})
    key = exact(text)
    return Row("sft", f"n{number % NOTEBOOKS}.ipynb", text, key, key, {})


def grown_mb(rows: int, keep: bool) -> tuple[float, float, int]:
    """Return by how much this process grew, the seconds, and the rows that were written."""
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    kept: dict[bytes, Row] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        written = 0
        if keep:
            for number in range(rows):
                row = made(number)
                kept.setdefault(row.exact, row)
            (folder / "a.jsonl").write_text("\n".join(row.text for row in kept.values()))
            written = len(kept)
        else:
            staging = Staging(folder, seed=0, validation=0.1)
            for number in range(rows):
                staging.add(made(number))
            files = [_file(folder, kind, split, staging) for kind in KINDS for split in SPLITS]
            staging.close()
            written = sum(file.rows for file in files if file)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return (after - before) / 1024, time.perf_counter() - began, written


def in_child(rows: int, keep: bool) -> tuple[float, float, int]:
    """Measure in a process of its own: the most that one has used never falls."""
    one = "keep" if keep else "stage"
    command = [sys.executable, "-m", "bench.dataset_export", "--rows", str(rows), "--one", one]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    mb, seconds, written = json.loads(said.stdout)
    return mb, seconds, written


def main() -> int:
    """Measure, print, and say whether all is as promised."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--one", choices=("keep", "stage"))
    given = parser.parse_args()
    if given.one:
        print(json.dumps(grown_mb(given.rows, given.one == "keep")))
        return 0
    (mb, seconds, written), peer = in_child(given.rows, False), in_child(given.rows, True)
    assert written == peer[2]
    peer_name = "all rows in a dictionary"
    return report([
        Figure(BENCH, f"memory for {given.rows} rows", mb, "MB", peer_name, peer[0], MOST_GROWTH_MB),
        Figure(BENCH, "rows a second", given.rows / seconds, "rows/s", peer_name, given.rows / peer[1]),
    ])


if __name__ == "__main__":
    sys.exit(main())

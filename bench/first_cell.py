"""From POST to the first cell, over HTTP to a real Jupyter Server, no model.

    python -m bench.first_cell [--requests N] [--package NAME]

The index of the package is warm. The peer is GET /api/status of the same server, on the same
connection, in turns with the requests.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator

import httpx

from bench.figure import Figure, percentile, report
from bench.server import Server, jupyter_server

NAME = "first_cell"
P50_MS, P95_MS = 100.0, 250.0
TASKS = (
    "train a random forest classifier and predict",
    "standardize features with a scaler",
    "principal component analysis of a data set",
    "k-means clustering of points",
    "split data into train and test sets",
    "grid search over the parameters of a support vector machine",
)


def events(client: httpx.Client, body: dict[str, object]) -> Iterator[dict[str, object]]:
    """Yield the events of a generation as they arrive."""
    headers = {"Accept": "text/event-stream"}
    with client.stream("POST", "/api/v1/code/generate", json=body, headers=headers) as response:
        response.raise_for_status()
        for line in response.iter_lines():
            if line.startswith("data: "):
                yield json.loads(line.removeprefix("data: "))


def first_cell_ms(client: httpx.Client, body: dict[str, object]) -> float:
    """Return the time to the first cell; the rest of the stream is read to its end.

    Raises:
        RuntimeError: The generation failed or made no cell.
    """
    begin, first = time.perf_counter(), None
    for event in events(client, body):
        if event["type"] == "cell_open" and first is None:
            first = (time.perf_counter() - begin) * 1000
        if event["type"] == "error":
            raise RuntimeError(f"The generation failed: {event['problem']}")
    if first is None:
        raise RuntimeError(f"No cell for: {body['task']}")
    return first


def status_ms(client: httpx.Client) -> float:
    """Return the time of the peer."""
    begin = time.perf_counter()
    client.get("/api/status").raise_for_status()
    return (time.perf_counter() - begin) * 1000


def measure(server: Server, package: str, requests: int, *, verify: bool) -> list[Figure]:
    """Return the figures of one mode."""
    cells: list[float] = []
    peers: list[float] = []
    with server.client() as client:
        for number in range(requests + 2):
            body = {
                "task": TASKS[number % len(TASKS)],
                "sources": [{"kind": "package", "uri": package}],
                "generator": "examples",
                "verify": verify,
            }
            peers.append(status_ms(client))
            cells.append(first_cell_ms(client, body))
    # The first two requests load code and warm the index; the service is warm after them.
    cells, peers = cells[2:], peers[2:]
    mode = "verify on" if verify else "verify off"
    peer = "GET /api/status"
    return [
        Figure(NAME, f"p50, {mode}", percentile(cells, 50), "ms", peer, percentile(peers, 50), P50_MS),
        Figure(NAME, f"p95, {mode}", percentile(cells, 95), "ms", peer, percentile(peers, 95), P95_MS),
    ]


def sandbox_ready(server: Server) -> bool:
    """Say whether cells can be run; verification is measured only where they can."""
    with server.client() as client:
        sandbox = client.get("/api/v1/health").raise_for_status().json()["sandbox"]
    return bool(sandbox["available"] and sandbox["image_ready"])


def main(arguments: list[str] | None = None) -> int:
    """Measure and report."""
    parser = argparse.ArgumentParser(prog="bench.first_cell")
    parser.add_argument("--requests", type=int, default=36)
    parser.add_argument("--verified-requests", type=int, default=30)
    parser.add_argument("--package", default="scikit-learn")
    asked = parser.parse_args(arguments or [])
    with tempfile.TemporaryDirectory() as folder:
        env = {} if os.environ.get("GPTOSS_LAB_DATA_DIR") else {"GPTOSS_LAB_DATA_DIR": folder}
        with jupyter_server(extension=True, env=env) as server:
            figures = measure(server, asked.package, asked.requests, verify=False)
            if sandbox_ready(server):
                figures += measure(server, asked.package, asked.verified_requests, verify=True)
            else:
                print("first_cell: verify on was not measured: no sandbox is ready", file=sys.stderr)
    return report(figures)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

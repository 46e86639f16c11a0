"""A JupyterLab as `pip install` leaves it, asked what a person asks first."""

from __future__ import annotations

import contextlib
import json
import re
import secrets
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx

START_WITHIN_S = 300.0
"""The first start of an environment compiles all that it imports, beside tests that take both processors."""
JOB_WITHIN_S = 120.0
STOP_WITHIN_S = 60.0
GUIDE = """# Means

The mean of numbers:

```python
import statistics

print(statistics.mean([1, 2, 3]))
```
"""
TASK = "mean of numbers"


class LabError(Exception):
    """JupyterLab does not start."""


class Lab:
    """A running JupyterLab; `http` holds the token."""

    def __init__(self, address: str, token: str, http: httpx.Client) -> None:
        self.address = address
        self.token = token
        self.http = http

    def problems(self, guide: Path) -> Iterator[str]:
        """Yield what it does not do: show our panel, list our kernels, generate from a document."""
        yield from self._page()
        specs = self.http.get("/api/kernelspecs").json()["kernelspecs"]
        lacking = {"gptoss-python", "gptoss-r"} - set(specs)
        yield from (f"the kernelspec {name} is not offered" for name in sorted(lacking))
        job = self._generated(guide)
        if job["state"] != "done" or not any("mean" in cell["source"] for cell in job["cells"]):
            yield f"a document gave no cell: {json.dumps(job)[:600]}"

    def _page(self) -> Iterator[str]:
        page = self.http.get("/lab").text
        found = re.search(r'<script id="jupyter-config-data"[^>]*>(.*?)</script>', page, re.DOTALL)
        config = json.loads(found[1]) if found else {}
        extensions = {one["name"]: one for one in config.get("federated_extensions", ())}
        if "gptoss-lab" not in extensions:
            yield f"the page of JupyterLab does not load gptoss-lab, only {sorted(extensions)}"
            return
        base = f"{config['fullLabextensionsUrl']}/gptoss-lab/"
        for path in (extensions["gptoss-lab"]["load"], "static/third-party-licenses.json"):
            answer = self.http.get(base + path)
            if answer.status_code != httpx.codes.OK or not answer.content:
                yield f"{base}{path} answers {answer.status_code}"
        settings = self.http.get("/lab/api/settings/gptoss-lab:plugin")
        if settings.status_code != httpx.codes.OK:
            yield f"the settings of gptoss-lab:plugin answer {settings.status_code}"

    def _generated(self, guide: Path) -> dict[str, Any]:
        body = {
            "task": TASK,
            "sources": [{"uri": str(guide)}],
            "generator": "examples",
            "verify": False,
        }
        begun = self.http.post("/api/v1/code/generate", json=body)
        if begun.status_code != httpx.codes.ACCEPTED:
            return {"state": f"HTTP {begun.status_code}", "cells": [], "answer": begun.text}
        until = time.monotonic() + JOB_WITHIN_S
        while True:
            job: dict[str, Any] = self.http.get(f"/api/v1/code/jobs/{begun.json()['job']}").json()
            if job["state"] not in {"queued", "running"} or time.monotonic() > until:
                return job
            time.sleep(0.2)


@contextlib.contextmanager
def running(python: Path, folder: Path, environment: Mapping[str, str]) -> Iterator[Lab]:
    """Start `jupyter lab` of an environment in a folder of its own; stop it at the end.

    Raises:
        LabError: It does not answer; the end of its log is in the message.
    """
    port, token, log = _free_port(), secrets.token_hex(16), folder / "lab.log"
    words = ("--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0")
    address = f"http://127.0.0.1:{port}"
    with log.open("wb") as written:
        server = subprocess.Popen(
            [python.parent / "jupyter-lab", *words, f"--ServerApp.root_dir={folder}"],
            cwd=folder,
            env={**environment, "JUPYTER_TOKEN": token},
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=written,
        )
    headers = {"Authorization": f"token {token}"}
    try:
        with httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=60) as http:
            if not _answers(http, server):
                raise LabError(f"jupyter lab does not answer: {log.read_text(errors='replace')[-3000:]}")
            yield Lab(address, token, http)
    finally:
        server.terminate()
        server.wait(STOP_WITHIN_S)


def _answers(http: httpx.Client, server: subprocess.Popen[bytes]) -> bool:
    until = time.monotonic() + START_WITHIN_S
    while server.poll() is None and time.monotonic() < until:
        with contextlib.suppress(httpx.TransportError):
            if http.get("/api/v1/health").is_success:
                return True
        time.sleep(0.2)
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

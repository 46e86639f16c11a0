"""What Prometheus is given beside Compose, read by Prometheus' own tool."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tools.debian import unpacked
from tools.deploy.files import DEPLOY

FILES = ("compose/prometheus.yml", "prometheus/alerts.yml")


def problems() -> Iterator[str]:
    """Yield what promtool says; say so where it is not there."""
    tool = unpacked("prometheus") / "usr" / "bin" / "promtool"
    if not tool.is_file():
        print("deploy: promtool was not asked: `python -m tools.debian` unpacks it")
        return
    with tempfile.TemporaryDirectory() as name:
        for file in FILES:
            shutil.copy(DEPLOY / file, name)
        # The token is a secret of the container.
        command = [str(tool), "check", "config", "--syntax-only", str(Path(name) / "prometheus.yml")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        yield f"compose/prometheus.yml: {done.stdout}{done.stderr}"

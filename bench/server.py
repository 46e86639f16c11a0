"""A real Jupyter Server in a process of its own, for the benchmarks that go over HTTP."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

START_WITHIN_S = 60.0
NO_OTHERS = dict.fromkeys(("jupyterlab", "jupyter_lsp", "notebook_shim", "jupyter_server_terminals"), False)
UNLIMITED = {"reads_per_minute": 0, "writes_per_minute": 0, "executions_per_hour": 0}
"""Benchmarks ask more than a person may."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server. `url` ends without a slash."""

    url: str
    token: str
    pid: int
    folder: Path

    def client(self) -> httpx.Client:
        """Return a client that holds the token and keeps its connection."""
        headers = {"Authorization": f"token {self.token}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=120, trust_env=False)


@contextlib.contextmanager
def jupyter_server(
    *,
    extension: bool,
    config: Mapping[str, Any] | None = None,
    env: Mapping[str, str] | None = None,
    lab: bool = False,
) -> Iterator[Server]:
    """Start a Jupyter Server with no other extension, and stop it in the end.

    Args:
        extension: Whether ours is there.
        config: Our traits.
        env: What the server's environment holds besides.
        lab: Serve JupyterLab, which says to the page where its application is.
    """
    token, port = secrets.token_hex(16), _free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = _command(Path(folder), config or {}, f"--port={port}", f"--IdentityProvider.token={token}")
        command.append(f"--ServerApp.jpserver_extensions={ {'gptoss_lab': extension, **NO_OTHERS} }")
        if lab:
            command[2] = "jupyterlab"
            command += ["--LabApp.expose_app_in_browser=True", *_settings(Path(folder))]
        clean = {**os.environ, "JUPYTER_CONFIG_DIR": folder, "JUPYTER_RUNTIME_DIR": folder, **(env or {})}
        log = Path(folder, "log")
        with log.open("w") as output:
            process = subprocess.Popen(command, env=clean, stdout=output, stderr=output)
        try:
            server = Server(f"http://127.0.0.1:{port}", token, process.pid, Path(folder))
            _wait(server, process, log)
            yield server
        finally:
            _stop(process)


def _settings(folder: Path) -> list[str]:
    """Write JupyterLab's settings; return what tells it of them."""
    own = folder / "settings" / "gptoss-lab" / "plugin.jupyterlab-settings"
    own.parent.mkdir(parents=True)
    own.write_text(json.dumps({"verify": False}))
    return [f"--LabApp.user_settings_dir={folder / 'settings'}", f"--LabApp.workspaces_dir={folder / 'work'}"]


def _command(folder: Path, config: Mapping[str, Any], *more: str) -> list[str]:
    file = folder / "bench.json"
    # A server that is not configured loads nothing for it: what it costs must not change.
    ours = {"access": UNLIMITED, **config} if config else {}
    file.write_text(json.dumps({"GptossLabApp": ours}))
    command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", f"--config={file}"]
    return [
        *command,
        "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={folder}",
        "--log-level=WARN",
        *more,
    ]


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_WITHIN_S
    with server.client() as client:
        while time.monotonic() < deadline and process.poll() is None:
            with contextlib.suppress(httpx.TransportError):
                if client.get("/api/status").status_code == httpx.codes.OK:
                    return
            time.sleep(0.05)
    raise RuntimeError(f"The Jupyter Server did not start:\n{log.read_text()[-2000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

"""Have schemathesis hold a real server against its OpenAPI document.

    python -m tools.api [--seed N] [--examples N]

Schemathesis has an environment of its own in the test data: it brings a plugin for pytest that the other
tests do not need.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

import httpx

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
START_WITHIN_S = 60.0
STOP_WITHIN_S = 30.0
REQUEST_TIMEOUT_S = 30
EXTENSIONS = ("jupyterlab", "jupyter_lsp", "notebook_shim", "jupyter_server_terminals")


def program() -> Path:
    """Return the program, installed where it is not there.

    Raises:
        subprocess.CalledProcessError: It cannot be installed; pip has said why.
    """
    pins = HERE / "requirements.txt"
    digest = hashlib.sha256(sys.version.encode() + pins.read_bytes()).hexdigest()[:12]
    data = Path(os.environ.get("GPTOSS_LAB_TEST_DATA_DIR") or ROOT / ".local" / "test-data").resolve()
    place = data / f"schemathesis-{digest}"
    done = place / ".complete"
    if not done.is_file():
        print("api: installing schemathesis", flush=True)
        shutil.rmtree(place, ignore_errors=True)
        venv.create(place, with_pip=True)
        words = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(pins))
        subprocess.run([str(place / "bin" / "python"), *words], check=True)
        done.touch()
    return place / "bin" / "st"


def start(folder: Path, port: int, token: str) -> subprocess.Popen[bytes]:
    """Start a Jupyter Server with our extension, without a sandbox and without a model."""
    # It asks more than a person may; what is over a limit would say nothing of the interface.
    limits = ("reads_per_minute", "writes_per_minute", "generations_per_hour", "executions_per_hour")
    ours = {
        "sandbox": {"runtime": "none"},
        "model": {"engine": "none"},
        "access": dict.fromkeys(limits, 0),
    }
    enabled = {**dict.fromkeys(EXTENSIONS, False), "gptoss_lab": True}
    config = {"GptossLabApp": ours, "ServerApp": {"jpserver_extensions": enabled}}
    (folder / "jupyter_server_config.json").write_text(json.dumps(config))
    (folder / "root").mkdir()
    own = {"HOME": str(folder), "JUPYTER_CONFIG_DIR": str(folder), "JUPYTER_TOKEN": token}
    words = ("--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0")
    with (folder / "server.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "jupyter_server", *words, f"--ServerApp.root_dir={folder / 'root'}"],
            env={**os.environ, **own, "GPTOSS_LAB_DATA_DIR": str(folder / "data")},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


def wait(address: str, token: str, server: subprocess.Popen[bytes]) -> None:
    """Wait until the server answers.

    Raises:
        SystemExit: It ended, or took too long.
    """
    until = time.monotonic() + START_WITHIN_S
    with httpx.Client(headers={"Authorization": f"token {token}"}, trust_env=False) as client:
        while server.poll() is None and time.monotonic() < until:
            with contextlib.suppress(httpx.TransportError):
                if client.get(address).is_success:
                    return
            time.sleep(0.2)
    raise SystemExit(f"api: no server answers at {address}")


def hold(address: str, token: str, options: argparse.Namespace, folder: Path) -> int:
    """Run schemathesis; return its exit status."""
    command = [program(), "--config-file", HERE / "schemathesis.toml", "--no-color", "run", address]
    limits = ("--request-timeout", REQUEST_TIMEOUT_S, "--seed", options.seed, "-n", options.examples)
    phases = ("--phases", "examples,coverage,fuzzing,stateful", "--continue-on-failure", "--warnings", "off")
    done = subprocess.run(
        [str(word) for word in (*command, *limits, *phases)],
        env={**os.environ, "GPTOSS_API_TOKEN": token},
        cwd=folder,
        check=False,
    )
    return done.returncode


def main() -> int:
    """Return 0 where the server keeps to its description."""
    parser = argparse.ArgumentParser(description="Hold the HTTP interface against its description.")
    parser.add_argument("--seed", type=int, default=1, help="what chance begins with")
    parser.add_argument("--examples", type=int, default=20, help="how many requests of each kind")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gptoss-api-") as name, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port, token = probe.getsockname()[1], secrets.token_hex(16)
        probe.close()
        folder = Path(name)
        server = start(folder, port, token)
        try:
            address = f"http://127.0.0.1:{port}/api/v1/openapi.json"
            wait(address, token, server)
            status = hold(address, token, options, folder)
        finally:
            server.terminate()
            server.wait(STOP_WITHIN_S)
        if status:
            print((folder / "server.log").read_text(errors="replace")[-6000:])
        return status


if __name__ == "__main__":
    raise SystemExit(main())

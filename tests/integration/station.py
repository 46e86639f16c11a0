"""A place to run the real programs in: folders and configuration of their own, and who is left."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import sys
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import psutil

from gptoss_lab.sandbox.reaper import OWNER_LABEL

MARK = "GPTOSS_LAB_TEST_MARK"
BIN = Path(sys.executable).parent
NO_OTHERS = dict.fromkeys(("jupyterlab", "jupyter_lsp", "notebook_shim", "jupyter_server_terminals"), False)
SWEEP_S = 0.03
KEPT = ("PATH", "PYTHONPATH", "LANG", "DOCKER_HOST", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")


class Station:
    """Folders, an environment and a configuration; it knows every process that was started from it.

    Args:
        folder: An empty folder for notebooks, documents and configuration.
        data: The data folder of the programs.
        config: Sections of the configuration.
    """

    def __init__(self, folder: Path, data: Path, config: Mapping[str, Any]) -> None:
        self.folder = folder
        self.data = data
        self._mark = uuid.uuid4().hex
        self._run = Path(tempfile.mkdtemp(prefix="gl-"))  # sockets need a short path
        self.config_dir = folder / "jupyter-config"
        self.config_dir.mkdir()
        execution = {"jobs_folder": str(folder / "jobs"), **config.get("execution", {})}
        ours = {**config, "execution": execution}
        values = {"GptossLabApp": ours, "ServerApp": {"jpserver_extensions": {**NO_OTHERS}}}
        values["ServerApp"]["jpserver_extensions"]["gptoss_lab"] = True
        (self.config_dir / "jupyter_server_config.json").write_text(json.dumps(values))
        self.seen: set[psutil.Process] = set()

    def environment(self) -> dict[str, str]:
        """Return the environment of a program: ours, and little of the person's."""
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        return {
            **kept,
            "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "HOME": str(self.folder),
            "XDG_RUNTIME_DIR": str(self._run),
            "JUPYTER_CONFIG_DIR": str(self.config_dir),
            "JUPYTER_RUNTIME_DIR": str(self._run),
            "GPTOSS_LAB_DATA_DIR": str(self.data),
            MARK: self._mark,
        }

    @contextlib.contextmanager
    def watched(self, pid: int) -> Iterator[None]:
        """Remember each process that descends from `pid`, however short it lives."""
        task = asyncio.ensure_future(self._sweep(pid))
        try:
            yield
        finally:
            task.cancel()

    def left(self) -> list[str]:
        """Return what still runs of all that was started from here."""
        # A copy: a sweep adds to it while a test looks from a thread.
        lives = {process for process in tuple(self.seen) if alive(process)}
        lives |= {process for process in psutil.process_iter() if self._is_marked(process)}
        return sorted(described(process) for process in lives)

    def containers(self, *, running: bool = False) -> list[str]:
        """Return the containers of the programs that ran here, by the owners in their leases.

        One that was made and not started yet counts, but not as running: nothing is attached to it.
        """
        owners = {path.stem for path in self._run.glob("gptoss_lab/*.lease")}
        return [name for name, owner in our_containers(running=running) if owner in owners]

    def close(self) -> None:
        """Remove what is not in the test's own folder."""
        shutil.rmtree(self._run, ignore_errors=True)

    async def _sweep(self, pid: int) -> None:
        root = psutil.Process(pid)
        self.seen.add(root)
        while True:
            with contextlib.suppress(psutil.NoSuchProcess):
                self.seen.update(root.children(recursive=True))
            await asyncio.sleep(SWEEP_S)

    def _is_marked(self, process: psutil.Process) -> bool:
        try:
            return process.environ().get(MARK) == self._mark and alive(process)
        except (psutil.Error, OSError):
            return False


def our_containers(*, running: bool = False) -> list[tuple[str, str]]:
    """Return the name and owner of each container that a program of ours started."""
    scheme, _, place = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock").partition("://")
    transport = httpx.HTTPTransport(uds=place if scheme == "unix" else None)
    base = "http://docker" if scheme == "unix" else f"http://{place}"
    asked = {"all": "0" if running else "1", "filters": json.dumps({"label": [OWNER_LABEL]})}
    with httpx.Client(transport=transport, base_url=base, timeout=20) as client:
        rows = client.get("/containers/json", params=asked).raise_for_status().json()
    return [(row["Names"][0], row["Labels"][OWNER_LABEL]) for row in rows]


def alive(process: psutil.Process) -> bool:
    """Say whether a process runs; one that only waits to be collected does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def described(process: psutil.Process) -> str:
    """Return what a failed test should show of a process."""
    try:
        return f"{process.pid} {' '.join(process.cmdline())[:160]}"
    except psutil.Error:
        return str(process.pid)


async def until(condition: Callable[[], bool], what: str, within_s: float) -> float:
    """Wait for a condition; return how long it took.

    Raises:
        AssertionError: It did not come true in time.
    """
    began = time.monotonic()
    while not await asyncio.to_thread(condition):
        assert time.monotonic() - began < within_s, f"after {within_s} s: {what}"
        await asyncio.sleep(0.05)
    return time.monotonic() - began


async def soon(work: Awaitable[Any], within_s: float) -> Any:
    """Await with a bound."""
    return await asyncio.wait_for(work, within_s)

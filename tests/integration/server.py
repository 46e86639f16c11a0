"""A Jupyter Server as a person starts it, and a client of its interface."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx

from tests.integration.station import Station

START_WITHIN_S = 60.0
STOP_WITHIN_S = 30.0
API = "/api/v1"


class Server:
    """A running server. `http` holds the token."""

    def __init__(self, process: asyncio.subprocess.Process, http: httpx.AsyncClient, log: Path) -> None:
        self.process = process
        self.http = http
        self._log = log

    @property
    def pid(self) -> int:
        """Its process."""
        return self.process.pid

    def log(self) -> str:
        """Return what it wrote."""
        return self._log.read_text(errors="replace")

    async def submit(self, **body: Any) -> str:
        """Start a generation; return its job."""
        answer = await self.http.post(f"{API}/code/generate", json=body)
        assert answer.status_code == httpx.codes.ACCEPTED, answer.text
        return str(answer.json()["job"])

    async def job(self, job: str) -> dict[str, Any]:
        """Return a job as it stands."""
        answer = await self.http.get(f"{API}/code/jobs/{job}")
        assert answer.status_code == httpx.codes.OK, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def events(self, job: str, after: int = 0) -> AsyncIterator[dict[str, Any]]:
        """Yield the events of a job; leaving the loop cuts the connection."""
        headers = {"Last-Event-ID": str(after)} if after else {}
        async with self.http.stream("GET", f"{API}/code/jobs/{job}/events", headers=headers) as answer:
            assert answer.headers["Content-Type"] == "text/event-stream"
            async for line in answer.aiter_lines():
                if line.startswith("data: "):
                    yield json.loads(line.removeprefix("data: "))

    async def story(self, job: str, after: int = 0) -> list[dict[str, Any]]:
        """Return the events of a job to its end."""
        return [event async for event in self.events(job, after)]

    async def reached(self, job: str, kind: str, **values: object) -> dict[str, Any]:
        """Wait for the first event of a kind with these values.

        Raises:
            AssertionError: The job ended before.
        """
        told = []
        async with contextlib.aclosing(self.events(job)) as events:  # type: ignore[type-var]
            async for event in events:
                told.append(event)
                if event["type"] == kind and values.items() <= event.items():
                    return event
        raise AssertionError(f"{kind} {values} did not come: {told}")


@contextlib.asynccontextmanager
async def server(station: Station, *options: str, **variables: str) -> AsyncIterator[Server]:
    """Run a Jupyter Server with our extension on a free port, with more options and variables."""
    token, port = secrets.token_hex(16), free_port()
    log = station.folder / "server.log"
    where = (f"--port={port}", "--ServerApp.port_retries=0", f"--ServerApp.root_dir={station.folder}")
    words = ("--no-browser", "--allow-root", "--ip=127.0.0.1", *where, *options)
    with log.open("wb") as sink:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "jupyter_server", *words),
            env={**station.environment(), "JUPYTER_TOKEN": token, **variables},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            cwd=station.folder,
        )
    headers = {"Authorization": f"token {token}"}
    http = httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60, trust_env=False
    )
    running = Server(process, http, log)
    try:
        with station.watched(process.pid):
            await asyncio.wait_for(_ready(running), START_WITHIN_S)
            yield running
    finally:
        await http.aclose()
        await stop(process)


async def _ready(running: Server) -> None:
    while True:
        assert running.process.returncode is None, running.log()
        with contextlib.suppress(httpx.TransportError):
            if (await running.http.get(f"{API}/health")).is_success:
                return
        await asyncio.sleep(0.1)


async def stop(process: asyncio.subprocess.Process) -> None:
    """End a server as a service manager does.

    Raises:
        AssertionError: It did not end in time.
    """
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOP_WITHIN_S)
    except asyncio.TimeoutError:
        process.kill()
        await process.wait()
        raise AssertionError(f"The server did not stop within {STOP_WITHIN_S} s") from None


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

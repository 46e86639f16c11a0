"""A real Jupyter Kernel Gateway with our interface."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from gptoss_lab._version import __version__
from gptoss_lab.sandbox.agent.guard import REFUSAL
from tests.routes.page import Page, contents

PROGRAM = (sys.executable, "-m", "kernel_gateway", "--KernelGatewayApp.api=gptoss_lab.gateway")
PENDING = {"gptoss_lab": {"review": "pending"}}
WITHIN_S = 60.0
TOKEN = "of-the-gateway"


@pytest.fixture
def environment(tmp_path: Path, data_dir: Path) -> dict[str, str]:
    """A configuration of the Jupyter Server, which has no sandbox; the gateway has none of its own."""
    folders = {name: tmp_path / name.lower() for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR")}
    for folder in folders.values():
        folder.mkdir()
    config = {"GptossLabApp": {"sandbox": {"runtime": "none"}}}
    (folders["JUPYTER_CONFIG_DIR"] / "jupyter_server_config.json").write_text(json.dumps(config))
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    named = {name: str(folder) for name, folder in folders.items()}
    return {**kept, **named, "HOME": str(tmp_path), "GPTOSS_LAB_DATA_DIR": str(data_dir)}


async def started(environment: dict[str, str], port: int, **more: str) -> asyncio.subprocess.Process:
    """Start a gateway."""
    return await asyncio.create_subprocess_exec(
        *(*PROGRAM, f"--port={port}", "--KernelGatewayApp.port_retries=0"),
        env={**environment, **more},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
async def gateway(environment: dict[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a gateway that listens; it must stop when it is told to."""
    port = free_port()
    process = await started(environment, port, KG_AUTH_TOKEN=TOKEN)
    assert process.stdout is not None
    said = b""
    while b"is available at" not in said:
        said = await asyncio.wait_for(process.stdout.readline(), WITHIN_S)
        assert said, "it ended"
    client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False)
    async with client:
        yield client
    process.terminate()
    out, _ = await asyncio.wait_for(process.communicate(), WITHIN_S)
    assert process.returncode == 0
    assert "Traceback" not in out.decode()


async def test_our_interface_is_beside_the_gateways_own(gateway: httpx.AsyncClient) -> None:
    """With the gateway's token, and the configuration of the Jupyter Server."""
    held = {"Authorization": f"token {TOKEN}"}
    health = (await gateway.get("/api/v1/health", headers=held)).json()
    assert (health["version"], health["sandbox"]["available"]) == (__version__, False)
    asked = {"task": "t", "generator": "examples", "sources": [], "verify": False}
    answer = await gateway.post("/api/v1/code/generate", json=asked, headers=held)
    assert answer.status_code == 202
    assert (await gateway.get(answer.headers["Location"], headers=held)).status_code == 200
    for path in ("/api/v1/health", "/api/v1/code/jobs", "/api/v1/openapi.json"):
        for wrong in ({}, {"Authorization": "token x"}):
            refused = await gateway.get(path, headers=wrong)
            assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
    assert (await gateway.get("/api/kernelspecs", headers=held)).status_code == 200
    assert (await gateway.get("/api/kernelspecs")).status_code == 401
    # Its websockets are ours: a cell that nobody has accepted runs on none of its kernels.
    kernel = (await gateway.post("/api/kernels", json={"name": "python3"}, headers=held)).json()["id"]
    address = str(gateway.base_url).replace("http", "ws", 1) + f"/api/kernels/{kernel}/channels"
    page = Page(await websocket_connect(HTTPRequest(address, headers=held)), binary=False)
    (failure,) = contents(await page.run("1", PENDING), "error")
    assert failure["evalue"] == REFUSAL
    (reply,) = contents(await page.run("1"), "execute_reply")
    assert (reply["status"], reply["execution_count"]) == ("ok", 1)
    await page.close()


async def test_a_gateway_without_a_token_does_not_start(environment: dict[str, str]) -> None:
    """It would run anybody's code; it says what to set."""
    process = await started(environment, free_port())
    out, _ = await asyncio.wait_for(process.communicate(), WITHIN_S)
    assert process.returncode == 1
    assert "KG_AUTH_TOKEN" in out.decode()

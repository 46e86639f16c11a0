"""The servers that can stand behind another: our own without a screen, and a Kernel Gateway."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal

from tests.integration.server import free_port, stop
from tests.integration.station import Station

Kind = Literal["serve", "kernel gateway"]
START_WITHIN_S = 60.0
TOKEN = "of-the-server-behind"
SPECS = "--KernelGatewayApp.kernel_spec_manager_class=gptoss_lab.cli.headless.SandboxKernelSpecManager"


@dataclass(frozen=True, slots=True)
class Behind:
    """A server that stands behind another."""

    url: str
    process: asyncio.subprocess.Process

    def kill(self) -> None:
        """End it at once, as a power cut does."""
        self.process.kill()


@contextlib.asynccontextmanager
async def behind(station: Station, kind: Kind, *options: str) -> AsyncIterator[Behind]:
    """Run one, with more options; it must stop when it is told to."""
    port = free_port()
    words = {
        "serve": ("gptoss", "serve", "--json", f"--port={port}", "--allow-root"),
        "kernel gateway": (
            *("kernelgateway", "--KernelGatewayApp.api=gptoss_lab.gateway", f"--port={port}"),
            *(SPECS, "--KernelGatewayApp.default_kernel_name=gptoss-python"),
        ),
    }[kind]
    process = await asyncio.create_subprocess_exec(
        *("jupyter", *words, *options),
        env={
            **station.environment(),
            "JUPYTER_TOKEN": TOKEN,
            "KG_AUTH_TOKEN": TOKEN,
            "KG_LIST_KERNELS": "True",
        },
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=station.folder,
    )
    try:
        with station.watched(process.pid):
            yield Behind(await asyncio.wait_for(_address(process), START_WITHIN_S), process)
    finally:
        await stop(process)


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    said = []
    while line := (await process.stdout.readline()).decode():
        said.append(line)
        if line.startswith("{"):
            return str(json.loads(line)["url"])
        if "is available at " in line:
            return line.partition("is available at ")[2].strip() + "/"
    raise AssertionError(f"It ended: {said}")

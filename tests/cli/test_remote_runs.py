"""Cells that a running server runs."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest
from jupyter_server.serverapp import ServerApp

from gptoss_lab.client import AsyncClient
from gptoss_lab.schemas.execution import ExecutionRequest
from gptoss_lab.schemas.runs import ExecutionResponse, RunEnd
from tests.fakes.runs import RunServices
from tests.routes.conftest import jp_server_config
from tests.routes.test_execute import services

__all__ = ["jp_server_config", "services"]


@pytest.fixture(autouse=True)
def _serving(http_server: object) -> None:
    """Have the server listen."""
    assert http_server


async def test_events_of_an_execution_are_read_as_its_own(
    jp_serverapp: ServerApp, services: RunServices
) -> None:
    """An error of a cell is not the end of the job, as that of a generation would be."""
    assert not services.closed
    token = jp_serverapp.identity_provider.token
    async with AsyncClient(jp_serverapp.connection_url, token=token) as client:
        job = (await client.execute(ExecutionRequest(code="1 + 1"))).job
        events = [event async for event in client.events(job)]
        assert isinstance(events[-1], RunEnd)
        assert isinstance(await client.wait(job), ExecutionResponse)


async def test_a_program_is_run_there(jp_serverapp: ServerApp, services: RunServices, tmp_path: Path) -> None:
    """Its events as JSON lines, its outputs in the notebook."""
    assert not services.closed
    pipe, out = asyncio.subprocess.PIPE, tmp_path / "made.ipynb"
    words = ("execute", "-", "--server", jp_serverapp.connection_url, "--json", "--out", str(out))
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "from gptoss_lab.cli import main; main()", *words),
        env={**os.environ, "GPTOSS_LAB_TOKEN": jp_serverapp.identity_provider.token},
        stdin=pipe,
        stdout=pipe,
        stderr=pipe,
    )
    told, said = await asyncio.wait_for(running.communicate(b"1 + 1"), 60)
    assert running.returncode == 0, said.decode()
    assert json.loads(told.splitlines()[-1])["type"] == "end"
    assert json.loads(out.read_text())["cells"]

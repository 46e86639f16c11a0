"""A generation on a running server."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import pytest
from jupyter_server.serverapp import ServerApp

from gptoss_lab.cli.exit_codes import ExitCode
from tests.fakes.services import FakeServices
from tests.routes.conftest import jp_server_config, services

__all__ = ["jp_server_config", "services"]

PROGRAM = "from gptoss_lab.cli import main; main()"


@pytest.fixture
def environment(jp_serverapp: ServerApp, http_server: object) -> dict[str, str]:
    """The variables of a person who was given the server's token."""
    assert http_server
    return {**os.environ, "GPTOSS_LAB_TOKEN": jp_serverapp.identity_provider.token, "GPTOSS_LAB_URL": ""}


async def begun(environment: dict[str, str], *words: str) -> asyncio.subprocess.Process:
    """Start `generate` with these words."""
    pipe = asyncio.subprocess.PIPE
    command = (sys.executable, "-c", PROGRAM, "generate", *words)
    return await asyncio.create_subprocess_exec(*command, env=environment, stdout=pipe, stderr=pipe)


async def test_it_is_done_there_and_told_here(
    environment: dict[str, str], jp_serverapp: ServerApp, services: FakeServices, tmp_path: Path
) -> None:
    """Its events as JSON lines, its cells in the notebook; the job is the server's."""
    out = tmp_path / "made.ipynb"
    words = (
        "--server",
        jp_serverapp.connection_url,
        "--task",
        "add",
        "--no-verify",
        "--json",
        "--out",
        str(out),
    )
    done = await begun(environment, *words)
    told, said = await asyncio.wait_for(done.communicate(), 60)
    assert done.returncode == 3, said.decode()  # the fake keeps no cells
    assert [json.loads(line)["type"] for line in told.splitlines()][-1] == "done"
    (job,) = services.jobs.jobs.values()
    assert (job.request.task, job.request.effort) == ("add", None)


async def test_ctrl_c_cancels_it_there(
    environment: dict[str, str], jp_serverapp: ServerApp, services: FakeServices
) -> None:
    """And the program leaves with the code for it."""
    services.jobs.auto = False
    running = await begun(environment, "--server", jp_serverapp.connection_url, "--task", "add", "--json")
    while not services.jobs.readers:  # noqa: ASYNC110 - the fake rings no bell for it
        await asyncio.sleep(0.05)
    running.send_signal(signal.SIGINT)
    _, said = await asyncio.wait_for(running.communicate(), 60)
    assert running.returncode == ExitCode.INTERRUPTED, said.decode()
    assert services.jobs.jobs["job-1"].state == "cancelled"


async def test_a_wrong_token_is_told(environment: dict[str, str], jp_serverapp: ServerApp) -> None:
    """With what to do, and the name of the request for whoever reads the server's log."""
    wrong = {**environment, "GPTOSS_LAB_TOKEN": "wrong", "JUPYTER_RUNTIME_DIR": "/nowhere"}
    refused = await begun(wrong, "--server", jp_serverapp.connection_url, "--task", "add")
    _, said = await asyncio.wait_for(refused.communicate(), 60)
    assert refused.returncode == ExitCode.USAGE
    assert "GPTOSS_LAB_TOKEN" in said.decode()
    assert "The server's log calls the request" in said.decode()


async def test_the_prompt_of_a_server(environment: dict[str, str], jp_serverapp: ServerApp) -> None:
    """What its model would be sent; no job begins."""
    words = ("--server", jp_serverapp.connection_url, "--task", "add", "--show-prompt", "--json", "-q")
    shown = await begun(environment, *words)
    told, said = await asyncio.wait_for(shown.communicate(), 60)
    assert (shown.returncode, said) == (0, b"")
    assert "messages" in json.loads(told)


async def test_files_are_not_fetched_from_there(environment: dict[str, str]) -> None:
    """A folder for files is not to be had from there, and nothing is begun."""
    pipe = asyncio.subprocess.PIPE
    words = ("execute", "-", "--server", "http://127.0.0.1:9/", "--out", "made/")
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROGRAM, *words), env=environment, stdin=pipe, stdout=pipe, stderr=pipe
    )
    _, said = await asyncio.wait_for(running.communicate(b"1 + 1"), 60)
    assert running.returncode == ExitCode.USAGE
    assert "--out names a notebook" in said.decode()

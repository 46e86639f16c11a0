"""The programs of `docs/how-to/programs.md`, run against a real server with fake services."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys

import pytest
from jupyter_server.serverapp import ServerApp

from tests.docs.pages import DOCS, ROOT, Block, blocks
from tests.fakes.services import FakeServices
from tests.routes.conftest import jp_server_config, services

__all__ = ["jp_server_config", "services"]
PROGRAMS = [block for block in blocks(DOCS / "how-to" / "programs.md") if block.language == "python"]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda block: block.place)
@pytest.mark.usefixtures("http_server")
async def test_a_program_works(program: Block, jp_serverapp: ServerApp, services: FakeServices) -> None:
    """It ends well, has started one job, and prints of it; mend the page, or the client."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "GPTOSS_LAB_URL": jp_serverapp.connection_url,
        "GPTOSS_LAB_TOKEN": jp_serverapp.identity_provider.token,
    }
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", program.text],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout
    assert len(services.jobs.jobs) == 1


def test_there_are_programs() -> None:
    """The rule above is about something."""
    assert len(PROGRAMS) == 2

"""IPython in a terminal, and a kernel behind `jupyter console`, ask a real server by its API."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping

import pexpect
import pytest

from tests.integration.conftest import MakeStation
from tests.integration.server import Server, server
from tests.integration.station import Station

pytestmark = pytest.mark.timeout(180)
SCRIPT = """
from IPython import get_ipython
run = get_ipython().run_cell
run("%load_ext gptoss_lab.magics")
run("%gptoss status")
run("%%gptoss --docs pandas --verify off\\nmean of one column grouped by another")
run("%gptoss history")
print("GROUPED:", [name for name in get_ipython().user_ns if name in ("df", "pd")])
"""
TYPED = (
    "%load_ext gptoss_lab.magics\r",
    "%gptoss status\r",
    # The console takes a cell for whole after an empty line, and runs it after one more.
    "%%gptoss --docs pandas --verify off\rmean of one column grouped by another\r\r\r",
    'print("GROUPED:", [name for name in dir() if name in ("df", "pd")])\r',
)


def of_console(station: Station, running: Server) -> dict[str, str]:
    """Return the environment of a console that knows the server."""
    return {
        **station.environment(),
        "GPTOSS_LAB_URL": str(running.http.base_url),
        "GPTOSS_LAB_TOKEN": running.http.headers["Authorization"].removeprefix("token "),
        "IPYTHONDIR": str(station.folder / "ipython"),
    }


def type_into(environment: Mapping[str, str], folder: str) -> str:
    """Type what a person would into `jupyter console`; return what the terminal shows."""
    command = ["-m", "jupyter_console", "--no-confirm-exit", "--kernel", "python3"]
    terminal = {**environment, "TERM": "dumb", "PROMPT_TOOLKIT_NO_CPR": "1"}
    console = pexpect.spawn(
        sys.executable, command, env=terminal, cwd=folder, encoding="utf-8", timeout=100, dimensions=(50, 200)
    )
    shown = ""
    for number, line in enumerate((*TYPED, "exit\r"), 1):
        console.expect_exact(f"In [{number}]: ")
        shown += console.before or ""
        console.send(line)
    console.expect(pexpect.EOF)
    console.close()
    return f"{shown}{console.before}"


async def test_jupyter_console_prints_cells_and_runs_none(stations: MakeStation) -> None:
    """A kernel of its own answers; the page that would show pending cells is not there."""
    station = stations(sandbox={"runtime": "none"})
    async with server(station) as running:
        said = await asyncio.to_thread(type_into, of_console(station, running), str(station.folder))
    assert "No model is attached" in said, said
    assert "Documentation: pandas" in said
    assert "groupby" in said
    assert "None was executed here" in said
    assert "GROUPED: []" in said


async def test_a_console_prints_cells_and_runs_none(stations: MakeStation) -> None:
    """Nothing but the printed text reaches the shell."""
    station = stations(sandbox={"runtime": "none"})
    async with server(station) as running:
        environment = of_console(station, running)
        console = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "IPython", "--no-banner", "-c", SCRIPT),
            env=environment,
            cwd=station.folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said = (await asyncio.wait_for(console.communicate(), 150))[0].decode()
    assert "No model is attached" in said, said
    assert "Documentation: pandas" in said
    assert "groupby" in said
    assert "None was executed here" in said
    assert "mean of one column grouped by another" in said.rpartition("None was executed here")[2]
    assert "GROUPED: []" in said

"""IPython in a terminal asks a real server: the magic's client meets the API itself."""

from __future__ import annotations

import asyncio
import sys

import pytest

from tests.integration.conftest import MakeStation
from tests.integration.server import server

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


async def test_a_console_prints_cells_and_runs_none(stations: MakeStation) -> None:
    """Nothing but the printed text reaches the shell."""
    station = stations(sandbox={"runtime": "none"})
    async with server(station) as running:
        environment = {
            **station.environment(),
            "GPTOSS_LAB_URL": str(running.http.base_url),
            "GPTOSS_LAB_TOKEN": running.http.headers["Authorization"].removeprefix("token "),
            "IPYTHONDIR": str(station.folder / "ipython"),
        }
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

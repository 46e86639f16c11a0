"""The main job in R, as a person starts it: the help of a package and a task become a notebook that ran."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from tests.integration.command import command
from tests.integration.conftest import NONE_WARM, MakeStation, ensure_built, nothing_left

pytestmark = [pytest.mark.timeout(300), pytest.mark.docker]
TASK = "linear model of mpg on weight with a residual plot"
WORDS = ("generate", "--language", "r", "--docs", "r:stats", "--task", TASK, "--out", "a.ipynb")


async def test_the_help_of_r_becomes_a_notebook_with_a_plot(stations: MakeStation, data_dir: Path) -> None:
    """With no model each cell is cited with the version of the sandbox's R, has run, and one shows a plot."""
    ensure_built("docker", data_dir, "r")
    limits = {"max_pages": 200}  # the page of `lm` is among them, and the rest of the time is saved
    station = stations(sandbox={"runtime": "docker", "warm": NONE_WARM}, documents=limits)
    done = await command(station, *WORDS)
    assert done.code == 0, done.said
    notebook = nbformat.read(station.folder / "a.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "gptoss-r"
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell in code:
        note = cell.metadata.gptoss_lab
        assert (note.verification.status, note.verification.runtime) == ("ok", "docker")
        assert note.review == "accepted"
        assert all(source.source == "stats" and source.version for source in note.sources)
        assert note.sources
    assert any("lm(" in cell.source for cell in code)
    assert any("image/png" in output.get("data", {}) for cell in code for output in cell.outputs)
    await nothing_left(station, docker=True)

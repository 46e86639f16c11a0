"""The main job, as a person starts it: documentation and a task become a notebook that ran."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.fakes.chat_server import ChatServer
from tests.integration.command import command, started
from tests.integration.station import Station, soon, until

pytestmark = pytest.mark.timeout(300)
TASK = "mean of one column grouped by another"
WORDS = ("generate", "--docs", "pandas", "--task", TASK, "--out", "a.ipynb")


def cells(path: Path) -> list[Any]:
    """Return the code cells of a notebook that must be valid."""
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "gptoss-python"
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def assert_proven(code: list[Any], runtime: str) -> None:
    """Every cell is cited and accepted, has run in the sandbox, and one shows a result."""
    assert code
    for cell in code:
        note = cell.metadata.gptoss_lab
        assert (note.verification.status, note.verification.runtime) == ("ok", runtime)
        assert note.verification.image
        assert note.review == "accepted"
    assert any("groupby" in cell.source for cell in code)
    assert any(cell.metadata.gptoss_lab.sources for cell in code)
    assert any(output.output_type == "execute_result" for cell in code for output in cell.outputs)


async def test_examples_of_the_documentation(station: Station, runtime: str) -> None:
    """With no model the notebook holds cited examples that ran, and little is said on the way."""
    done = await command(station, *WORDS)
    assert done.code == 0, done.said
    assert_proven(cells(station.folder / "a.ipynb"), runtime)
    assert "No model writes here" in done.said
    assert f"Sandbox: {runtime}" in done.said
    last = done.said.splitlines()[-1]
    assert "code cell" in last
    assert f"ran well in {runtime}, image " in last
    assert done.out == "Wrote a.ipynb\n"
    assert len(done.said.splitlines()) <= 22


async def test_a_model_answers(station: Station, runtime: str) -> None:
    """Cells of a recorded stream are grounded in the real pandas, run, and name their model."""
    async with ChatServer("groupby") as model:
        done = await command(station, *WORDS, "--model-url", model.url)
        asked = [request.body for request in model.requests if request.method == "POST"]
    assert done.code == 0, done.said
    assert_proven(cells(station.folder / "a.ipynb"), runtime)
    assert "The model gpt-oss-20b answers." in done.said
    assert "by the model gpt-oss-20b" in done.said
    assert len(asked) == 1
    assert "groupby" in str(asked[0]["messages"])


async def test_a_model_repairs_what_did_not_run(station: Station, runtime: str) -> None:
    """The traceback of the sandbox goes back to the model, and the mended cell replaces the broken one."""
    async with ChatServer("repair") as model:
        done = await command(station, *WORDS, "--model-url", model.url)
        asked = [request.body for request in model.requests if request.method == "POST"]
    assert done.code == 0, done.said
    assert_proven(cells(station.folder / "a.ipynb"), runtime)
    assert len(asked) == 2
    assert "# Repair" in asked[1]["messages"][-1]["content"]
    assert "round 1: " in done.said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_ctrl_c_while_the_sandbox_runs(station: Station, number: signal.Signals) -> None:
    """The sandbox ends while a cell sleeps in it, the finished cells are written, the code is 130."""
    async with ChatServer("sleeper") as model:
        words = (*WORDS, "--model-url", model.url)
        async with started(station, *words) as process:
            assert process.stderr is not None
            said = b""
            while b"running the cells" not in said:
                line = await soon(process.stderr.readline(), 120)
                assert line, said
                said += line
            process.send_signal(number)
            _, rest = await soon(process.communicate(), 30)
    assert process.returncode == 130, rest.decode()
    assert "the cells that were finished are kept" in rest.decode()
    assert [cell.metadata.gptoss_lab.review for cell in cells(station.folder / "a.ipynb")] == ["pending"] * 2


async def test_ctrl_c_before_anything_is_there(station: Station) -> None:
    """No notebook is written, and nothing half of one."""
    async with ChatServer("silent") as model, started(station, *WORDS, "--model-url", model.url) as process:
        await until(lambda: bool(model.requests), "the model was not asked", 120)
        process.send_signal(signal.SIGINT)
        _, said = await soon(process.communicate(), 30)
    assert process.returncode == 130, said.decode()
    assert [path.name for path in station.folder.glob("*.ipynb*")] == []
    assert [path.name for path in station.folder.glob(".a.ipynb*")] == []

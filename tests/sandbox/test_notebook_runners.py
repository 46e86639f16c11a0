"""Programs that run notebooks know nothing of us, and run on our kernels as on any other."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.kernelspec import KernelSpecManager

from gptoss_lab.schemas.base import Language
from tests.sandbox.conformance import RUNTIMES, require_image

pytestmark = pytest.mark.timeout(900)

RUN_TIMEOUT_S = 300
CELLS: Mapping[Language, tuple[str, ...]] = {
    "python": (
        "number = 20",
        "import matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.show()",
        "import os; print(f'in {os.getcwd()}: {number + 1}')",
    ),
    "r": (
        "number <- 20",
        "plot(1:2)",
        "cat('in ', getwd(), ': ', number + 1, '\\n', sep = '')",
    ),
}
LANGUAGES: tuple[Language, ...] = ("python", "r")


@pytest.fixture(params=RUNTIMES)
async def runtime(request: pytest.FixtureRequest) -> str:
    """The runtime that the server's configuration names."""
    name: str = request.param
    return name


@pytest.fixture(params=LANGUAGES)
async def language(request: pytest.FixtureRequest, runtime: str) -> Language:
    """A language whose image is there."""
    name: Language = request.param
    await require_image(runtime, name)
    return name


@pytest.fixture
def environment(runtime: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment of a program started by hand, with the administrator's configuration."""
    config = tmp_path / "config"
    config.mkdir()
    section = {"GptossLabApp": {"sandbox": {"runtime": runtime}}}
    (config / "jupyter_server_config.json").write_text(json.dumps(section))
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(config))
    return dict(os.environ)


@pytest.fixture
def notebook(language: Language, tmp_path: Path) -> Path:
    """A notebook that names one of our kernelspecs, and nothing else of ours."""
    path = tmp_path / "in.ipynb"
    cells = [cell(source, *(["parameters"] if not at else [])) for at, source in enumerate(CELLS[language])]
    spec = KernelSpecManager().get_kernel_spec(f"gptoss-{language}")
    named = {"name": f"gptoss-{language}", "display_name": spec.display_name, "language": spec.language}
    whole = {"nbformat": 4, "nbformat_minor": 4, "metadata": {"kernelspec": named}, "cells": cells}
    path.write_text(json.dumps(whole))
    return path


def cell(source: str, *tags: str) -> dict[str, Any]:
    """Make a code cell that was never run."""
    metadata = {"tags": list(tags)}
    return {
        "cell_type": "code",
        "source": source,
        "metadata": metadata,
        "outputs": [],
        "execution_count": None,
    }


def assert_was_run(path: Path, number: int) -> None:
    """Say that every cell ran, in a sandbox, with the state of those before it and a plot."""
    cells = json.loads(path.read_bytes())["cells"]
    assert all(cell["execution_count"] for cell in cells)
    outputs = [output for cell in cells for output in cell["outputs"]]
    printed = "".join(line for output in outputs for line in output.get("text", ()))
    assert f"in /sandbox: {number + 1}" in printed
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert not [output for output in outputs if output["output_type"] == "error"]


async def run(environment: Mapping[str, str], *command: str) -> str:
    """Run a module of Python to its good end."""
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", *command],
        env=environment,
        capture_output=True,
        text=True,
        timeout=RUN_TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


async def test_papermill(notebook: Path, environment: dict[str, str]) -> None:
    """`papermill in.ipynb out.ipynb` needs no option of ours, and its parameters arrive."""
    out = notebook.with_name("out.ipynb")
    await run(environment, "papermill", str(notebook), str(out), "-p", "number", "30")
    assert_was_run(out, 30)


async def test_nbclient(notebook: Path, environment: dict[str, str]) -> None:
    """`jupyter execute`, which is nbclient's command, runs a notebook in place."""
    await run(environment, "jupyter", "execute", "--inplace", str(notebook))
    assert_was_run(notebook, 20)


async def test_jupyter_run(language: Language, environment: dict[str, str], tmp_path: Path) -> None:
    """`jupyter run FILE` sends a script to a kernel through a manager that blocks."""
    script = tmp_path / "script"
    script.write_text("\n".join(CELLS[language]))
    said = await run(environment, "jupyter", "run", "--kernel", f"gptoss-{language}", str(script))
    assert "in /sandbox: 21" in said

"""Programs that run notebooks know nothing of a review: what they run, and what keeps them from it.

They send no metadata with a cell, so that no kernel can refuse one: a pending code cell runs there. Raw
cells never do, and `jupyter gptoss check` tells a pipeline before anything runs.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat as untyped_nbformat
import pytest
from nbclient import NotebookClient
from nbconvert.preprocessors import ExecutePreprocessor as UntypedPreprocessor
from typer.testing import CliRunner

from gptoss_lab.cli import app

nbformat: Any = untyped_nbformat
ExecutePreprocessor: Any = UntypedPreprocessor
V4: Any = nbformat.v4
PENDING = {"gptoss_lab": {"review": "pending", "raw": "code"}}
ACCEPTED = {"gptoss_lab": {"review": "accepted"}}
BEGIN, MORE, SHOW = "ran = 0", "ran += 1", "print('ran', ran)"
Run = Callable[[Path], str]


def papermill(path: Path) -> str:
    """Run it as `papermill in out` does."""
    out = path.with_name("out.ipynb")
    command = [sys.executable, "-m", "papermill", "-k", "python3", "--no-progress-bar", str(path), str(out)]
    subprocess.run(command, check=True, capture_output=True, timeout=120, cwd=path.parent)
    return out.read_text()


def nbclient(path: Path) -> str:
    """Run it as `jupyter execute` does."""
    notebook = nbformat.read(path, 4)
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    return json.dumps(notebook)


def nbconvert(path: Path) -> str:
    """Run it as `jupyter nbconvert --execute` does."""
    notebook = nbformat.read(path, 4)
    ExecutePreprocessor(timeout=60, kernel_name="python3").preprocess(notebook, {})
    return json.dumps(notebook)


def notebook(folder: Path, *waiting: Any) -> Path:
    """Write a notebook in which some cells wait between others that do not."""
    code = V4.new_code_cell
    cells = [code(BEGIN), code(MORE, metadata=ACCEPTED), *waiting, code(SHOW)]
    path = folder / "in.ipynb"
    nbformat.write(V4.new_notebook(cells=cells), path)
    return path


def check(path: Path) -> int:
    """Ask as a pipeline does, before it runs the notebook."""
    return CliRunner().invoke(app, ["check", str(path)]).exit_code


@pytest.mark.parametrize("run", [papermill, nbclient, nbconvert])
def test_raw_cells_that_wait_never_run(tmp_path: Path, run: Run) -> None:
    """The others do, and the raw one comes out as it went in."""
    path = notebook(tmp_path, V4.new_raw_cell(MORE, metadata=PENDING))
    said = run(path)
    assert "ran 1" in said
    assert '"raw"' in said
    assert check(path) == 5


@pytest.mark.parametrize("run", [papermill, nbclient, nbconvert])
def test_code_cells_that_wait_run_unless_somebody_checks(tmp_path: Path, run: Run) -> None:
    """The known gap, and what closes it."""
    path = notebook(tmp_path, V4.new_code_cell(MORE, metadata=PENDING))
    assert check(path) == 5
    assert "ran 2" in run(path)
    clean = notebook(tmp_path)
    assert check(clean) == 0

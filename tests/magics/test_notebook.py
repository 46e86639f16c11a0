"""A notebook with `%%gptoss` where no page is: nbclient starts a real kernel."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from tests.fakes.magic_api import SOURCE, MagicApi

V4: Any = nbformat.v4
ROOT = Path(__file__).resolve().parents[2]


def execute(*sources: str) -> Any:
    """Run cells in the kernel of this environment and return the notebook."""
    notebook = V4.new_notebook(
        cells=[V4.new_code_cell(source) for source in ("%load_ext gptoss_lab.magics", *sources)]
    )
    NotebookClient(notebook, timeout=60, kernel_name="python3", allow_errors=False).execute(cwd=str(ROOT))
    return notebook


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the kernel import this checkout."""
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}:{':'.join(path for path in sys.path if path)}")


def test_cells_are_printed_below_the_magic(api: MagicApi) -> None:
    """The notebook runs on, none of the cells has run, and none was added."""
    notebook = execute("%%gptoss --docs pandas\nmean of a column", "after = 1")
    outputs = notebook.cells[1].outputs
    assert {(output.output_type, output.name) for output in outputs} == {("stream", "stdout")}
    assert SOURCE in "".join(output.text for output in outputs)
    assert len(notebook.cells) == 3
    assert api.asked[0].body["sources"] == [{"kind": "auto", "uri": "pandas"}]


def test_without_a_server_the_notebook_runs_on() -> None:
    """And says what to do."""
    notebook = execute("%%gptoss\nmean of a column", "after = 1")
    assert "Nothing was sent" in notebook.cells[1].outputs[0].text
    assert notebook.cells[2].execution_count == 3


def test_a_wrong_option_fails_the_cell() -> None:
    """Whoever runs a notebook without looking at it must learn of it."""
    with pytest.raises(CellExecutionError, match="no option --dosc"):
        execute("%%gptoss --dosc pandas\nmean")

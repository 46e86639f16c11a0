"""The programs by which the page asks a kernel for its variables, in a kernel's own shell."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

SOURCE = Path(__file__).resolve().parents[2] / "src" / "model" / "kernel_programs.ts"
MIME = "application/vnd.gptoss.variables+json"


@pytest.fixture
def shell() -> Iterator[Any]:
    """A fresh shell, as a kernel has one."""
    InteractiveShell.clear_instance()
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


def told(shell: Any, *, columns: bool) -> dict[str, dict[str, Any]]:
    """Run the page's program; return what it tells, by name."""
    program = re.search(r"const PYTHON = `(.*?)`;", SOURCE.read_text("utf-8"), re.DOTALL)
    assert program
    code = program[1].replace("${VARIABLES_MIME}", MIME).replace("COLUMNS", str(columns), 1)
    with capture_output() as captured:
        result = shell.run_cell(code, store_history=False, silent=True)
    result.raise_error()
    (output,) = captured.outputs
    rows = json.loads(json.dumps(output.data[MIME]))["variables"]
    return {row["name"]: row for row in rows}


def test_it_tells_what_things_are_and_never_what_they_hold(shell: Any) -> None:
    """Types, shapes and modules; no value, and no name of its own is left behind."""
    shell.run_cell("import json as j\nsecret = 'hunter2'\nrows = ['hunter2'] * 3\n_hidden = 1")
    before = set(shell.user_ns)
    found = told(shell, columns=True)
    assert found["secret"] == {"name": "secret", "type": "builtins.str"}
    assert found["rows"]["shape"] == [3]
    assert found["j"]["type"] == "module json"
    assert "_hidden" not in found
    assert "hunter2" not in json.dumps(found)
    assert set(shell.user_ns) == before


def test_objects_of_unknown_libraries_are_not_touched(shell: Any) -> None:
    """Their attributes may compute or load something."""
    shell.run_cell(
        "class Lazy:\n    def __getattr__(self, name):\n        seen.append(name)\n        return (1,)\n"
        "seen = []\nlazy = Lazy()"
    )
    assert told(shell, columns=True)["lazy"] == {"name": "lazy", "type": "__main__.Lazy"}
    assert shell.user_ns["seen"] == []


def test_columns_are_told_on_demand_alone(shell: Any) -> None:
    """A table of pandas, which is known; its columns may say too much."""
    shell.run_cell(
        "class DataFrame:\n    shape = (2, 1)\n    columns = ['age']\n    dtypes = ['int64']\n"
        "DataFrame.__module__ = 'pandas.core.frame'\ntable = DataFrame()"
    )
    assert told(shell, columns=True)["table"]["columns"] == [{"name": "age", "type": "int64"}]
    assert "columns" not in told(shell, columns=False)["table"]

"""`jupyter gptoss check`: which notebooks a pipeline must not run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gptoss_lab.cli import app

PENDING = {"gptoss_lab": {"review": "pending"}}


def notebook(path: Path, *cells: tuple[str, object, dict[str, Any]]) -> Path:
    """Write a notebook of cells: kind, source, metadata."""
    names = ("cell_type", "source", "metadata")
    path.write_text(json.dumps({"nbformat": 4, "cells": [dict(zip(names, c, strict=True)) for c in cells]}))
    return path


def call(*paths: Path) -> tuple[int, str, str]:
    """Call the verb; return its exit code, what it listed and what it said."""
    result = CliRunner().invoke(app, ["check", *map(str, paths)])
    return result.exit_code, result.stdout, result.stderr


def test_cells_that_wait_are_listed(tmp_path: Path) -> None:
    """Of each kind, in all notebooks, with the place and the first line; the exit code is their own."""
    path = notebook(
        tmp_path / "a.ipynb",
        ("code", "import numpy", {}),
        ("code", ["\n", "x = 1\n", "y"], PENDING),
        ("markdown", "# Title\x1b[2J", {"gptoss_lab": "damaged"}),
        ("raw", "z" * 100, PENDING),
    )
    clean = notebook(tmp_path / "b.ipynb", ("code", "1", {"gptoss_lab": {"review": "accepted"}}))
    code, listed, said = call(clean, path)
    assert code == 5
    assert listed.splitlines() == [
        f"{path}: cell 2 (code) waits: x = 1",
        f"{path}: cell 3 (markdown) waits: # Title?[2J",
        f"{path}: cell 4 (raw) waits: {'z' * 59}…",
    ]
    assert said.startswith("3 cells are pending review.")
    assert call(clean) == (0, "", "")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"cells": 1}', '{"cells": [1]}'])
def test_what_is_no_notebook_is_no_clean_one(tmp_path: Path, text: str) -> None:
    """A pipeline must not go on."""
    path = tmp_path / "n.ipynb"
    path.write_text(text)
    assert call(path)[0] == 2
    assert call(tmp_path / "none.ipynb")[0] == 2

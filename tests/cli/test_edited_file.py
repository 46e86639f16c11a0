"""A notebook file is read for an edit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gptoss_lab.cli.edited_file import read_for_edit
from gptoss_lab.errors import NotFoundError, RequestError

ERROR = {
    "output_type": "error",
    "ename": "KeyError",
    "evalue": "'a'",
    "traceback": ["\x1b[31mKeyError\x1b[0m", "x"],
}


def code(source: str, *outputs: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a code cell of format 4.4, which has no id, unless one is given."""
    row: dict[str, Any] = {"cell_type": "code", "metadata": {}, "source": source, "execution_count": None}
    return {**row, "outputs": list(outputs), **more}


def written(tmp_path: Path, *cells: dict[str, Any], minor: int = 5, **metadata: Any) -> Path:
    """Write a notebook and return its path."""
    path = tmp_path / "a.ipynb"
    book = {"nbformat": 4, "nbformat_minor": minor, "metadata": metadata, "cells": cells}
    path.write_text(json.dumps(book))
    return path


def test_cells_by_id_and_number(tmp_path: Path) -> None:
    """They come in the order of the notebook, each once, with the code above and the error below."""
    path = written(
        tmp_path,
        code("x = 1", id="one"),
        {"cell_type": "markdown", "id": "two", "metadata": {}, "source": "# T"},
        code("y = x['a']", ERROR, id="three"),
    )
    found = read_for_edit(path, ["3", "two", "three"])
    assert found.ids == ["two", "three"]
    assert found.above() == ("x = 1",)
    text, failing = found.cells()
    assert (text.kind, failing.kind, failing.language) == ("markdown", "code", "python")
    assert failing.error.endswith("x")


def test_an_old_notebook_gets_ids(tmp_path: Path) -> None:
    """Format 4.4 knows no ids; an edit needs them."""
    found = read_for_edit(written(tmp_path, code("1"), code("2"), minor=4), ["2"])
    assert found.notebook["nbformat_minor"] == 5
    assert found.ids[0]


def test_languages(tmp_path: Path) -> None:
    """That of the notebook, or of a cell that says that it is in another one."""
    said = {"gptoss_lab": {"language": "r"}}
    path = written(
        tmp_path, code("1", id="a"), code("b", id="b", metadata=said), language_info={"name": "python"}
    )
    assert [cell.language for cell in read_for_edit(path, ["a", "b"]).cells()] == ["python", "r"]
    assert read_for_edit(path, ["b"]).above() == (), "what is not in its language is not above it"
    path = written(
        tmp_path, code("1", id="a"), kernelspec={"name": "ir", "display_name": "R", "language": "R"}
    )
    assert read_for_edit(path, ["a"]).language == "r"


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [("9", NotFoundError, "no cell 9"), ("0", NotFoundError, "no cell 0"), ("raw", RequestError, "raw cell")],
)
def test_cells_that_cannot_be_edited(tmp_path: Path, name: str, error: type[Exception], words: str) -> None:
    """A cell that is not there, or is raw, is refused."""
    raw = {"cell_type": "raw", "id": "raw", "metadata": {}, "source": "x"}
    with pytest.raises(error, match=words):
        read_for_edit(written(tmp_path, raw), [name])


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"cells": 3}', '{"nbformat": 4, "cells": [{}]}', "\x00"])
def test_what_is_no_notebook(tmp_path: Path, text: str) -> None:
    """Any other file is refused with a sentence."""
    path = tmp_path / "a.ipynb"
    path.write_text(text)
    with pytest.raises(RequestError, match="not a notebook"):
        read_for_edit(path, ["1"])


def test_a_missing_file_and_another_language(tmp_path: Path) -> None:
    """Both are said as they are."""
    with pytest.raises(NotFoundError, match="cannot be read"):
        read_for_edit(tmp_path / "none.ipynb", ["1"])
    path = written(tmp_path, code("1", id="a"), language_info={"name": "julia"})
    with pytest.raises(RequestError, match="julia"):
        read_for_edit(path, ["a"])

"""Changes of an edit in a notebook: pending, with the original beside them."""

from __future__ import annotations

from typing import Any

from gptoss_lab.drafts.edited_notebook import with_changes
from gptoss_lab.schemas.generation import CodeGenerationResponse, GeneratedCell
from gptoss_lab.schemas.review import CellProvenance


def notebook(**metadata: Any) -> dict[str, Any]:
    """Return a notebook of four code cells; the second one has these metadata."""
    cells: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "id": name,
            "metadata": {},
            "source": f"{name} = 1",
            "outputs": [],
            "execution_count": 1,
        }
        for name in "abcd"
    ]
    cells[1]["metadata"] = metadata
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}


def cell(**changes: Any) -> GeneratedCell:
    """Return a generated cell."""
    known = {"id": "n1", "kind": "code", "language": "python", "source": "b = 2", "target": "b"}
    return GeneratedCell.model_validate({
        **known,
        "change": "changed" if "target" not in changes else "new",
        **changes,
    })


def response(*cells: GeneratedCell) -> CodeGenerationResponse:
    """Return a job of these cells."""
    return CodeGenerationResponse(
        job="j",
        state="done",
        task="t",
        language="python",
        generator="model",
        model="m",
        seed=5,
        created_at="2026",
        cells=cells,
    )


def changed(book: dict[str, Any], *cells: GeneratedCell) -> list[dict[str, Any]]:
    """Return the cells of the changed notebook."""
    after: list[dict[str, Any]] = with_changes(book, response(*cells), ["b", "c"], "python")["cells"]
    return after


def said(row: dict[str, Any]) -> CellProvenance:
    """Return what a cell says of itself, which must be valid."""
    return CellProvenance.model_validate(row["metadata"]["gptoss_lab"])


def test_a_changed_cell() -> None:
    """It shows the new text and keeps the old one; the notebook that was given stays as it is."""
    book = notebook()
    rows = changed(book, cell())
    assert [row["source"] for row in rows] == ["a = 1", "b = 2", "c = 1", "d = 1"]
    told = said(rows[1])
    assert (told.review, told.change, told.original, told.generated) == (
        "pending",
        "changed",
        "b = 1",
        "b = 2",
    )
    assert (told.job, told.task, told.model, told.seed) == ("j", "t", "m", 5)
    assert book == notebook()


def test_a_deleted_cell() -> None:
    """It keeps its text until somebody lets it go."""
    rows = changed(notebook(), cell(change="deleted", target="b", source="b = 1"))
    told = said(rows[1])
    assert (rows[1]["source"], told.change, told.original, told.generated) == (
        "b = 1",
        "deleted",
        "b = 1",
        "",
    )


def test_new_cells_go_below_the_last_edited_one() -> None:
    """Also where that is not changed; code of another language says so."""
    text = cell(id="n2", kind="markdown", source="# Why", change="new", target="")
    port = cell(id="n3", language="r", source="b <- 1", change="new", target="")
    rows = changed(notebook(), text, port)
    assert [row["id"] for row in rows] == ["a", "b", "c", "n2", "n3", "d"]
    assert (said(rows[3]).language, said(rows[4]).language) == ("", "r")


def test_a_cell_that_waits_already() -> None:
    """A change of a change is compared with what the person had; of a new cell nothing stays."""
    waits = said(changed(notebook(), cell())[1])
    again = changed(notebook(gptoss_lab=waits.model_dump(mode="json")), cell(source="b = 3"))
    assert (said(again[1]).change, said(again[1]).original) == ("changed", "b = 1")
    new = waits.model_copy(update={"change": "new", "original": ""}).model_dump(mode="json")
    assert said(changed(notebook(gptoss_lab=new), cell(source="b = 3"))[1]).change == "new"
    gone = changed(notebook(gptoss_lab=new), cell(change="deleted", target="b"))
    assert [row["id"] for row in gone] == ["a", "c", "d"]


def test_nonsense_in_the_metadata() -> None:
    """Metadata that cannot be read count for nothing."""
    rows = changed(notebook(gptoss_lab=["x"]), cell())
    assert said(rows[1]).original == "b = 1"

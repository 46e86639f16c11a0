"""What was generated in a notebook."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from gptoss_lab.drafts.report import Report, read_report
from gptoss_lab.errors import RequestError


def sha(text: str) -> str:
    """Return the hash that a record keeps."""
    return hashlib.sha256(text.encode()).hexdigest()


def record(verdict: str = "accepted", text: str = "", **more: Any) -> dict[str, Any]:
    """Return how a review ended."""
    measured = {"generated_chars": 10, "kept_chars": 10, "edit_distance": 0, "kept_sha256": sha(text)}
    nothing = {"generated_chars": 10} if verdict == "rejected" else measured
    return {"verdict": verdict, "at": "2026-01-02T03:04:05Z", "by": "Ada", **nothing, **more}


def cell(source: str = "x = 1", kind: str = "code", **ours: Any) -> dict[str, Any]:
    """Return a cell of a notebook; generated where something is said of it."""
    said = {"job": "j1", "cell": "c1", "generator": "model", "model": "m", "task": "plot", **ours}
    return {"cell_type": kind, "source": source, "metadata": {"gptoss_lab": said} if ours else {}}


def report(*cells: dict[str, Any], **ours: Any) -> Report:
    """Return the report of a notebook."""
    notebook = {"nbformat": 4, "metadata": {"gptoss_lab": ours}, "cells": list(cells)}
    return read_report(notebook, "a.ipynb")


def test_the_lines_of_accepted_code_are_counted() -> None:
    """Not those that wait, were rejected, are empty, or are no code."""
    found = report(
        cell("a = 1\n\nb = 2\n"),
        cell("x = 1\ny = 2", review="accepted", record=record(text="x = 1\ny = 2")),
        cell("# text", "markdown", review="accepted"),
        cell("z = 1", review="pending"),
        cell("mine = 1", review="rejected", change="changed", record=record("rejected")),
    )
    assert (found.generated_lines, found.code_lines) == (2, 6)
    assert [one.outcome for one in found.cells] == ["accepted", "accepted", "pending", "rejected"]
    assert [one.place for one in found.cells] == [2, 3, 4, 5]
    assert found.count("accepted") == 2


@pytest.mark.parametrize(
    ("said", "share"),
    [
        ({"edit_distance": 0}, 0.0),
        ({"edit_distance": 3}, 0.3),
        ({"edit_distance": 3, "kept_chars": 30}, 0.1),
        ({"edit_distance": 99}, 1.0),
        ({"edit_distance": None}, None),
        ({"edit_distance": 0, "generated_chars": 0, "kept_chars": 0}, 0.0),
    ],
)
def test_a_distance_is_a_share_of_the_longer_text(said: dict[str, Any], share: float | None) -> None:
    """None where it was not measured."""
    found = report(cell(review="accepted", record=record("edited", **said)))
    assert found.cells[0].outcome == "edited"
    assert found.cells[0].changed_share == share


def test_a_later_edit_is_seen() -> None:
    """By the hash of the accepted text; without one nothing is claimed."""
    found = report(
        cell("x = 1", review="accepted", record=record(text="x = 1")),
        cell("x = 2", review="accepted", record=record(text="x = 1")),
        cell("é\ud800", review="accepted", record=record(text="é\ufffd")),
        cell("x = 2", review="accepted", record=record(kept_sha256="")),
        cell("x = 2", review="pending", record=record(text="x = 1")),
    )
    assert [one.edited_since for one in found.cells] == [False, True, False, None, None]


def test_cells_are_told_by_generation() -> None:
    """The task is that of a cell which still knows it; each source stands once."""
    source = {"source": "pandas", "title": "groupby"}
    found = report(
        cell(review="rejected", task="", record=record("rejected")),
        cell(review="accepted", cell="c2", sources=[source, source]),
        cell(review="accepted", job="j2", cell="c3", task="other"),
        cell(review="accepted", cell="c4", sources=[source]),
    )
    first, second = found.generations
    assert (first.origin.task, second.origin.task) == ("plot", "other")
    assert [one.place for one in first.cells] == [1, 2, 4]
    assert [one.title for one in first.sources] == ["groupby"]


def test_what_has_gone_is_told_and_what_came_back_is_not() -> None:
    """A rejected new cell and an accepted deletion; an undo brings a cell back."""
    gone = {"job": "j1", "generator": "model", "task": "plot", "record": record("rejected")}
    deleted = {**gone, "cell": "c3", "change": "deleted", "record": record("accepted")}
    found = report(
        cell(review="pending", cell="c1"),
        removed=[{**gone, "cell": "c1"}, {**gone, "cell": "c2"}, deleted],
    )
    assert [(one.place, one.provenance.cell, one.outcome) for one in found.cells] == [
        (1, "c1", "pending"),
        (0, "c2", "rejected"),
        (0, "c3", "accepted"),
    ]


def test_the_environments_of_the_notebook_are_read() -> None:
    """As it notes them, by image."""
    image = {"runtime": "docker", "image": "sha256:a", "tag": "python-1", "packages": {"numpy": "2.0"}}
    assert [one.tag for one in report(environments={"sha256:a": image}).environments] == ["python-1"]


@pytest.mark.parametrize("notebook", [None, [], {}, {"cells": 3}, {"cells": [3]}, {"worksheets": []}])
def test_what_is_no_notebook_is_refused(notebook: Any) -> None:
    """With what to do about it."""
    with pytest.raises(RequestError, match=r"a\.txt is no notebook") as caught:
        read_report(notebook, "a.txt")
    assert caught.value.hint

"""A rewritten cell finds the one that it replaces."""

from __future__ import annotations

from gptoss_lab.schemas.events import CellClose, Warn
from gptoss_lab.schemas.generation import GeneratedCell
from gptoss_lab.services.generators.matching import matched

CELLS = [
    GeneratedCell(id=name, kind="code", language="python", source=source)
    for name, source in (
        ("a", "import pandas as pd"),
        ("b", "frame = pd.read_csv('x')"),
        ("c", "frame.group_by('k')"),
    )
]
CODE = [cell.id for cell in CELLS]


def sources(broken: list[GeneratedCell], answer: list[str]) -> dict[str, str]:
    """Return the new text by id."""
    closes = [CellClose(cell=f"n{place}", source=source) for place, source in enumerate(answer)]
    return {
        event.cell: event.source for event in matched(broken, closes, CODE) if isinstance(event, CellClose)
    }


def test_as_many_as_asked() -> None:
    """In the order of the notebook."""
    assert sources(CELLS[1:], ["one", "two"]) == {"b": "one", "c": "two"}


def test_the_whole_notebook() -> None:
    """A model that gives all cells is understood."""
    assert sources(CELLS[2:], ["x", "y", "z"]) == {"c": "z"}


def test_by_likeness() -> None:
    """Another number of cells is matched by likeness, and what is unlike nothing stays out."""
    assert sources(CELLS[1:], ["frame.groupby('k')"]) == {
        "b": "frame = pd.read_csv('x')",
        "c": "frame.groupby('k')",
    }


def test_nothing_came() -> None:
    """Every cell keeps its text, and that is said once."""
    events = list(matched(CELLS, [], CODE))
    assert [event.source for event in events if isinstance(event, CellClose)] == [
        cell.source for cell in CELLS
    ]
    assert [type(event) for event in events].count(Warn) == 1

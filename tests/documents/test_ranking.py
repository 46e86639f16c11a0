"""The order of what a search found."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from gptoss_lab.documents.concepts import Weights, concepts
from gptoss_lab.documents.ranking import example_score, query, varied, whole_names
from gptoss_lab.documents.tokens import joined

Rows = list[sqlite3.Row]


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    """Return a table of examples in memory."""
    made = sqlite3.connect(":memory:")
    made.row_factory = sqlite3.Row
    made.execute("CREATE TABLE e (title, code, worth, name_terms, code_terms, summary_terms, literal_terms)")
    yield made
    made.close()


def rows(db: sqlite3.Connection, *examples: tuple[str, str, str]) -> Rows:
    """Return rows of (title, code, literal words)."""
    for title, code, literal in examples:
        values = (title, code, 1.0, joined(title), joined(code), "", joined(literal))
        db.execute("INSERT INTO e VALUES (?, ?, ?, ?, ?, ?, ?)", values)
    return db.execute("SELECT * FROM e").fetchall()


def scores(task: str, found: Rows) -> list[float]:
    """Return the score of each row for a task, when all its words are names of an API."""
    asked = concepts(task)
    weights = Weights.of(asked, 100, lambda _: 2, lambda _: True)
    return [example_score(row, weights, whole_names(task, asked), 0) for row in found]


def test_a_named_object_is_better_than_one_that_begins_so(db: sqlite3.Connection) -> None:
    """The whole name, then a name that starts with the task's words, then any other."""
    found = rows(
        db, ("lib.x_tree", "a()", ""), ("lib.DecisionTreeModel", "a()", ""), ("lib.DecisionTree", "a()", "")
    )
    other, begun, whole = scores("plot decision tree", found)
    assert other < begun < whole


def test_words_of_the_data_are_worth_less_than_words_of_code(db: sqlite3.Connection) -> None:
    """An example about dogs in its rows is not an example of dogs."""
    by_code, by_data = scores("bark dog", rows(db, ("lib.f", "bark(dog)", ""), ("lib.f", "a()", "bark dog")))
    assert by_data < by_code / 2


def test_scores_are_shares(db: sqlite3.Connection) -> None:
    """From 0 for nothing to at most 1."""
    found = rows(db, ("lib.paint_wall", "paint wall", "paint"), ("lib.f", "a()", ""))
    best, none = scores("paint the wall", found)
    assert 0.9 < best <= 1
    assert none == 0


def test_long_code_is_worth_a_little_less(db: sqlite3.Connection) -> None:
    """Of equals the shorter one is better to read."""
    short, long = scores(
        "paint", rows(db, ("lib.f", "paint()\n", ""), ("lib.f", "paint()\n" + "a()\n" * 40, ""))
    )
    assert long < short


def test_the_same_code_is_shown_once_and_an_object_twice(db: sqlite3.Connection) -> None:
    """The rest makes room for what adds something."""
    found = rows(
        db, *[("lib.f", f"paint({number})", "") for number in (1, 1, 2, 3)], ("lib.g", "paint(4)", "")
    )
    weights = Weights.of(concepts("paint"), 100, lambda _: 2, lambda _: True)
    scored = [(1.0 - place / 10, place, row) for place, row in enumerate(found)]
    shown = [row["code"] for _, row in varied(scored, weights, 10)]
    assert shown == ["paint(1)", "paint(2)", "paint(4)"]
    assert len(list(varied(scored, weights, 1))) == 1


def test_a_query_holds_words_only() -> None:
    """Nothing of the search language comes through."""
    text = query(concepts('mean" OR name:* NEAR(x)'))
    assert text.count('"') % 2 == 0
    assert ":" not in text

from __future__ import annotations

import pytest

from gptoss_lab.services.generators.split import split

FOREST = """\
from sklearn.ensemble import RandomForestClassifier
from sklearn.datasets import make_classification

X, y = make_classification(random_state=0)
# The model.
clf = RandomForestClassifier(max_depth=2)
clf.fit(X, y)
print(clf.predict([[0, 0, 0, 0]]))
"""


def test_preparation_comes_first() -> None:
    """Imports and data are one cell; the documented object begins the next, with its comment."""
    first, second, *_ = split(FOREST, "sklearn.ensemble.RandomForestClassifier")
    assert first.endswith("make_classification(random_state=0)")
    assert second.startswith("# The model.\nclf = RandomForestClassifier")


@pytest.mark.parametrize(
    "code",
    [
        "import a\na.b()",
        "x = 1\ny = 2",
        "def (",
        "import a\n\n\nx = a.b()\nx",
    ],
)
def test_short_or_unreadable_code_stays_whole(code: str) -> None:
    """There is nothing to gain from cutting two lines, and text that does not parse is not touched."""
    assert split(code) == [code]


def test_every_line_is_kept_in_order() -> None:
    """Cutting loses no line and adds none."""
    parts = split(FOREST, "RandomForestClassifier")
    kept = [line for part in parts for line in part.split("\n") if line.strip()]
    assert kept == [line for line in FOREST.split("\n") if line.strip()]


def test_results_in_the_middle_are_shown() -> None:
    """An expression in the middle ends a cell, so that its value is seen; a call for its effect does not."""
    parts = split("import a\nx = a.load()\na.seed(0)\nx.mean()\ny = x.sum()\ny")
    assert parts == ["import a\nx = a.load()", "a.seed(0)\nx.mean()", "y = x.sum()\ny"]


def test_multi_line_strings_and_decorators_stay_together() -> None:
    """A cut never falls into a string or between a decorator and its function."""
    code = 'import a\ntext = """\n\nx\n"""\n@a.wrap\ndef f():\n    return text\nf()\nf()'
    parts = split(code)
    assert "\n".join(parts).count('"""') == 2
    assert any(part.startswith("@a.wrap\ndef f") for part in parts)

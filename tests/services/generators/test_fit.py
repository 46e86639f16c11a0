from __future__ import annotations

from gptoss_lab.services.generators.fit import select
from tests.fakes.generation import example

MEAN = example(
    "import pandas as pd\ndf.groupby('a').mean()", "pandas.DataFrame.groupby", summary="Mean per group."
)
PLOT = example("import pandas as pd\ndf.plot()", "pandas.DataFrame.plot", summary="Draw.", score=0.3)
SORT = example(
    "import pandas as pd\ndf.sort_values('a')", "pandas.DataFrame.sort_values", summary="Sort.", score=0.5
)


def symbols(task: str, *examples: object) -> list[str]:
    """Return the symbols that are chosen for a task."""
    return [fit.example.citation.symbol for fit in select(task, examples).chosen]  # type: ignore[arg-type]


def test_best_example_is_chosen_alone_when_it_covers_the_task() -> None:
    """Nothing is added to an example that covers all."""
    assert symbols("mean of one column grouped by another", MEAN, PLOT, SORT) == ["pandas.DataFrame.groupby"]


def test_examples_are_added_for_what_is_open() -> None:
    """What the best leaves open is taken from others that are named after it."""
    assert symbols("mean of each group, sorted, and a plot", MEAN, PLOT, SORT) == [
        "pandas.DataFrame.groupby",
        "pandas.DataFrame.plot",
        "pandas.DataFrame.sort_values",
    ]


def test_same_object_or_code_is_not_shown_twice() -> None:
    """A second example of the same object, or the same code, adds nothing."""
    twin = example(MEAN.code, "pandas.Series.groupby", summary="Sort and plot.")
    again = example("df.groupby('b')", "pandas.DataFrame.groupby", summary="Sort and plot.")
    assert symbols("mean per group, sorted", MEAN, twin, again) == ["pandas.DataFrame.groupby"]


def test_low_scores_do_not_fit() -> None:
    """Below the corpus's threshold there is nothing, and the missing words are told as written."""
    selection = select("Bake chocolate cakes", [example("x()", "pandas.bake", score=0.2)])
    assert not selection.chosen
    assert "chocolate" in selection.missing


def test_score_without_a_shared_word_does_not_fit() -> None:
    """An example that has no word of the task is not shown, whatever its score."""
    assert symbols("chocolate", example("df.head()", "pandas.DataFrame.head", score=0.9)) == []


def test_examples_that_show_a_result_are_preferred() -> None:
    """Of two that fit alike, the one that ends with something to see comes first."""
    silent = example("x = sort()", "pandas.sort_index", summary="Sort.", score=0.55)
    assert symbols("sort", silent, SORT) == ["pandas.DataFrame.sort_values"]


def test_nothing_to_choose_from() -> None:
    """No examples and a task without a telling word are no error."""
    assert symbols("sort") == []
    assert symbols("!!! ???", MEAN) in ([], ["pandas.DataFrame.groupby"])
    assert select("x" * 16_000, [MEAN]).chosen == ()

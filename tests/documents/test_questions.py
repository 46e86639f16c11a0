"""What a task says in words."""

from __future__ import annotations

import pytest

from gptoss_lab.documents.questions import libraries, prose

PASTED = """I have a table of sales:

   region  amount
0  north   12.5
1  south    3.0

import pandas as pd
df = pd.DataFrame({"region": ["north"]})
print(df)

How do I sum the amount of each region?
# keep the regions as the index
"""


def test_code_and_tables_are_left_out() -> None:
    """What was pasted below the question is not what is asked; a comment is."""
    assert prose(PASTED).splitlines() == [
        "I have a table of sales:",
        "region  amount",
        "How do I sum the amount of each region?",
        "keep the regions as the index",
    ]


@pytest.mark.parametrize("task", ["Plot it.", "df.groupby('a').sum()", "", "x = 1"])
def test_a_task_without_sentences_stays(task: str) -> None:
    """A task that is code alone is all that there is to go by."""
    assert prose(task) == task


@pytest.mark.parametrize("fence", ["```python\nx = 1\n```", "~~~\nrows rows\n~~~", "<code>\nmean()\n"])
def test_fenced_code_is_left_out(fence: str) -> None:
    """Also a fence that is never closed."""
    assert prose(f"Sort the rows.\n{fence}") == "Sort the rows."


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("import numpy as np\nfrom scipy.stats import norm", {"numpy", "scipy"}),
        ("np.where(a)", {"numpy"}),
        ("library(dplyr)\nstats::lm(y ~ x)", {"dplyr", "stats"}),
        ("sort the rows", set()),
    ],
)
def test_libraries_are_those_in_use(text: str, found: set[str]) -> None:
    """Imported, attached, or written under the name that the field gives it."""
    assert libraries(text) == found

"""The names that R has without any package."""

from __future__ import annotations

from gptoss_lab.documents.r_standard import DATA_SETS, FUNCTIONS, STANDARD_PACKAGES


def test_each_name_stands_where_it_belongs() -> None:
    """Data, functions and packages have no name in common."""
    assert {"mtcars", "iris", "women"} <= DATA_SETS
    assert {"mean", "binomial"} <= FUNCTIONS
    assert {"stats", "utils"} <= STANDARD_PACKAGES
    assert not (DATA_SETS & FUNCTIONS)
    assert not ((DATA_SETS | FUNCTIONS) & STANDARD_PACKAGES)

from __future__ import annotations

from gptoss_lab.checks.cells import Cell
from gptoss_lab.checks.r import check_r


def test_r_is_said_to_be_unchecked_once() -> None:
    """One note, on the first cell; none without cells."""
    (finding,) = check_r([Cell("a", "x <- 1"), Cell("b", "y <- 2")])
    assert (finding.cell, finding.severity) == ("a", "info")
    assert check_r([]) == []

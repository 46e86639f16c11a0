from __future__ import annotations

import pytest

from gptoss_lab.checks.cells import Cell
from gptoss_lab.checks.python import check_syntax


def test_error_is_told_with_its_line() -> None:
    """A syntax error names the cell and the line."""
    (finding,) = check_syntax([Cell("a", "x = 1"), Cell("b", "x = 1\nif x\n    pass")])
    assert (finding.cell, finding.line, finding.severity, finding.check) == ("b", 2, "error", "syntax")


@pytest.mark.parametrize(
    "source", ["await thing()", "%time f()\n!ls", "async with a: pass", "", "%%bash\nif then fi"]
)
def test_what_a_notebook_allows_is_fine(source: str) -> None:
    """Top-level await, magics and cells in other languages are no errors."""
    assert not list(check_syntax([Cell("a", source)]))


@pytest.mark.parametrize("source", ["return 1", "x = 1\0", "(" * 50_000, "'" * 3, "\ud800 = 1"])
def test_nothing_a_model_writes_breaks_the_check(source: str) -> None:
    """Unreadable text is one finding, never an exception."""
    (finding,) = check_syntax([Cell("a", source)])
    assert finding.message.endswith(".")

"""Programs as cells."""

from __future__ import annotations

import pytest

from gptoss_lab.drafts.script import script_cells


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("", []),
        ("\n \n", []),
        ("a = 1\n\nb = 2\n", ["a = 1\n\nb = 2"]),
        ("head\n# %%\none\n# %% title\ntwo\n", ["head", "one", "two"]),
        ("# %% [markdown]\n# prose\n# %%\none\n", ["one"]),
        ("#%%\none\n# %% [raw]\nx\n# %%\n", ["one"]),
        ("s = '''\n  # %%\n'''\n", ["s = '''\n  # %%\n'''"]),
        ("# %%", []),
    ],
)
def test_the_percent_format_makes_cells(text: str, cells: list[str]) -> None:
    """Prose and empty cells fall away; without a mark all is one cell."""
    assert script_cells(text) == cells


def test_the_first_line_keeps_its_indent() -> None:
    """Only empty lines around a cell are dropped."""
    assert script_cells("# %%\n\n    x\n\n") == ["    x"]

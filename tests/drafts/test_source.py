"""Generated source is put right, and only where it is wrong."""

from __future__ import annotations

import pytest

from gptoss_lab.drafts.source import tidy
from gptoss_lab.schemas.base import Language


@pytest.mark.parametrize(
    ("source", "tidied", "language"),
    [
        (
            ">>> x = 1\n>>> for i in x:\n...     print(i)\n...\n1\n",
            "x = 1\nfor i in x:\n    print(i)",
            "python",
        ),
        ("In [1]: x = 1\nOut[1]: 1", "x = 1", "python"),
        ("> x <- 1\n+ y\n[1] 2", "x <- 1\ny", "r"),
        ("%matplotlib inline\n!ls\nx = 1", "%matplotlib inline\n!ls\nx = 1", "python"),
        ("x = 3 \u2212 2", "x = 3 - 2", "python"),
        ("f(\u201ca\u201d)", 'f("a")', "python"),
        ("s = '\u201ckept\u201d \u2013'", "s = '\u201ckept\u201d \u2013'", "python"),
        ('s <- "\u2013\n\u2013" \u2013 1', 's <- "\u2013\n\u2013" - 1', "r"),
        ("x\u00a0=\u00a01\u200b", "x = 1", "python"),
        ('s = """\n>>> kept\n"""', 's = """\n>>> kept\n"""', "python"),
        ("\n\n  x\n\n", "  x", "python"),
    ],
)
def test_tidy(source: str, tidied: str, language: Language) -> None:
    """Console prompts and typographic characters go; strings and magics stay."""
    assert tidy(source, language) == tidied

"""Which commands of Python can be run, in their order."""

from __future__ import annotations

from gptoss_lab.papers.listings import Listing
from gptoss_lab.papers.listings_python import judge_python
from gptoss_lab.schemas.papers import Place


def judged(*sources: str, named: bool = False) -> list[str]:
    """Return the kind of why each command is not run; empty for those that are."""
    listings = [
        Listing(f"l{n}", source, "python", (), "b", Place(), 0, named=named)
        for n, source in enumerate(sources)
    ]
    program = judge_python(listings, {"numpy": "2.0"}, "python")
    return [one.reason.kind if one.reason else "" for one in program.judged]


def test_names_and_packages() -> None:
    """What cannot run makes nothing for those below."""
    assert judged("import numpy as np", "x = np.ones(3)", "y = x + z", "print(y)", "print(x)") == [
        "",
        "",
        "names",
        "names",
        "",
    ]
    assert judged("import torch", "torch.ones(3)") == ["package", "names"]


def test_star_imports_may_define_anything() -> None:
    """So that no name below is in doubt."""
    assert judged("from numpy import *", "x = ones(3)", "y = x + z") == ["", "", ""]


def test_long_papers_are_judged_at_once() -> None:
    """What is known is kept in short."""
    assert set(judged(*(f"x{n} = {n}" if n == 0 else f"x{n} = x{n - 1} + 1" for n in range(1500)))) == {""}


def test_calls_of_the_text_that_cannot_run_are_left_out() -> None:
    """The paper does not print them."""
    assert judged("undefined(1)", "max(1, 2)", named=True) == [""]

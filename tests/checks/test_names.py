from __future__ import annotations

import pytest

from gptoss_lab.checks.cells import Cell
from gptoss_lab.checks.names import check_names, defined_names


def missing(*sources: str, context: tuple[str, ...] = ()) -> list[str]:
    """Return the missing names of cells."""
    cells = [Cell(str(number), source) for number, source in enumerate(sources)]
    return [finding.symbol for finding in check_names(cells, context)]


@pytest.mark.parametrize(
    "source",
    [
        "x = 1\nprint(x)",
        "def f(a, *b, c=1, **d):\n    return a, b, c, d\nf(1)",
        "def f():\n    return later\nlater = 1",
        "[y for y in range(3) if y]",
        "{k: v for k, v in {}.items()}",
        "(lambda q: q)(1)",
        "import os.path as p, sys\np, sys",
        "try:\n    1\nexcept ValueError as e:\n    print(e)",
        "with open('x') as f:\n    f",
        "for i in []:\n    i\nelse:\n    pass",
        "if (n := 3) > 2:\n    print(n)",
        "any((last := i) for i in [1])\nlast",
        "class A:\n    x = 1\n    y = x\n    def m(self):\n        return A, __class__",
        "match 1:\n    case [a, *b]:\n        print(a, b)\n    case {'k': v, **r}:\n        print(v, r)",
        "def f():\n    global g\n    g = 1\nf()\ng",
        "try:\n    unicode\nexcept NameError:\n    unicode = str",
        "display(get_ipython(), _)",
        "async def f():\n    async for x in y():\n        yield x\ndef y(): ...",
        "from math import *\nsin(1)",
        "%run setup.py\nanything",
        "x: int = 1\nx",
        "def outer():\n    v = 1\n    def inner():\n        nonlocal v\n        v += 1\n    return inner",
    ],
)
def test_defined_names_are_found(source: str) -> None:
    """Every way to bind a name counts, and open worlds silence the check."""
    assert missing(source) == []


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("print(missing)", ["missing"]),
        ("x = x + 1", ["x"]),
        ("total += 1", ["total"]),
        ("def f():\n    return nowhere", ["nowhere"]),
        ("def f(a=gone): ...", ["gone"]),
        ("@decorate\ndef f(): ...", ["decorate"]),
        ("class A(Base): ...", ["Base"]),
        ("class A:\n    v = 1\n    def m(self):\n        return v", ["v"]),
        ("[z for z in zs]", ["zs"]),
        ("x = 1\ndel x\nprint(x)", ["x"]),
        ("f'{gone}'", ["gone"]),
    ],
)
def test_undefined_names_are_told(source: str, names: list[str]) -> None:
    """A name that nothing binds before it is read is reported once."""
    assert missing(source) == names


def test_cells_are_read_in_order() -> None:
    """A later cell serves functions that are called later, but not code that runs before."""
    assert missing("print(df)", "df = 1") == ["df"]
    assert missing("def f():\n    return df", "df = 1\nf()") == []


def test_notebook_cells_define_names() -> None:
    """Names of the cells above are known, broken ones silence the check."""
    assert missing("df.head()", context=("import pandas as pd\ndf = pd.DataFrame()",)) == []
    assert missing("df.head()", context=("def (",)) == []


def test_close_names_are_suggested() -> None:
    """A name that is nearly right is suggested, and the line is told."""
    (finding,) = check_names([Cell("a", "dataframe = 1\n\ndatafame")])
    assert finding.suggestions == ("dataframe",)
    assert finding.line == 3


def test_defined_names_of_cells() -> None:
    """Only module-level names count, unreadable cells count for nothing."""
    assert defined_names([
        "import numpy as np\ndef f():\n    inner = 1",
        "def (",
        "a, (b, *c) = 1, (2,)",
    ]) == {
        "np",
        "f",
        "a",
        "b",
        "c",
    }

"""Runnable units out of documentation."""

from __future__ import annotations

import pytest

from gptoss_lab.documents.blocks import Place, Symbol, Unit
from gptoss_lab.documents.examples import units
from gptoss_lab.documents.imports import NameTable
from gptoss_lab.documents.repl import pieces

NAMES = NameTable([
    Symbol("lib", "module"),
    Symbol("lib.models", "module"),
    Symbol("lib.models.Line", "class"),
    Symbol("lib.models.Line.predict", "method"),
    Symbol("lib.tables.read", "function"),
])


def found(text: str, *, about: str = "", symbol: str = "lib.models.Line") -> list[Unit]:
    """Return the units of a text about a symbol."""
    place = Place("lib", title=symbol, symbol=symbol)
    return units(list(pieces(text)), place, NAMES, summary="A line.", about=about)


def test_prompts_and_output_are_removed() -> None:
    """What is left of a session is its source, continuation lines included."""
    (unit,) = found(">>> for x in [1]:\n...     print(x)\n1\n>>> len([2])\n1\n")
    assert unit.code == "for x in [1]:\n    print(x)\nlen([2])\n"


def test_imports_that_are_taken_for_granted_are_added() -> None:
    """Conventions and the documented class itself are imported on top, and called names are known."""
    (unit,) = found(">>> line = Line().fit(np.ones(3), pd.Series([1]))\n>>> line.predict([1])\n")
    assert unit.code.startswith("from lib.models import Line\nimport numpy as np\nimport pandas as pd\n\n")
    assert unit.imports == ("from lib.models import Line", "import numpy as np", "import pandas as pd")
    assert {"lib.models.Line", "lib.models.Line.predict", "numpy.ones", "pandas.Series"} <= set(unit.symbols)


def test_a_later_part_brings_what_it_needs() -> None:
    """Prose separates units, and each starts from the statements it depends on, in place changes too."""
    text = (
        ">>> data = [3, 1]\n>>> other = [9]\n\nSort them.\n\n>>> data.sort()\n>>> print(data)\n[1, 3]\n\n"
        "Take the largest.\n\n>>> max(data)\n3\n"
    )
    sort, largest = found(text)
    assert (sort.summary, sort.code) == ("Sort them.", "data = [3, 1]\ndata.sort()\nprint(data)\n")
    assert (largest.summary, largest.code) == ("Take the largest.", "data = [3, 1]\ndata.sort()\nmax(data)\n")


def test_a_part_that_only_prepares_is_no_unit() -> None:
    """Where the documented name is used somewhere, parts that do not use it are context only."""
    text = ">>> data = list('ab')\n>>> data\n['a', 'b']\n\nJoin them.\n\n>>> ''.join(data)\n'ab'\n"
    (unit,) = found(text, about="join")
    assert unit.summary == "Join them."


@pytest.mark.parametrize(
    "text",
    [
        ">>> undefined_thing.run()\n",
        ">>> print(1) # doctest: +SKIP\n",
        ">>> int('x')\nTraceback (most recent call last):\nValueError: x\n",
        ">>> open('f').read()\n",
        ">>> pd.read_csv('data.csv')\n",
        ">>> from sklearn.datasets import fetch_openml\n>>> fetch_openml('mnist')\n",
        ">>> import requests\n>>> requests.get('http://x')\n",
        ">>> name = input('name ')\n",
        ">>> import time\n>>> time.sleep(60)\n",
        ">>> from os import *\n>>> getcwd()\n",
        ">>> df = pd.read_csv('data.csv')\n>>> df.mean()\n",
        ">>> 1 +\n",
        ">>> x = 1\n",
        ">>> import numpy as np\n",
        "No code at all.",
        ">>> print('a\x00b')\n",
    ],
)
def test_what_cannot_run_by_itself_is_no_unit(text: str) -> None:
    """Undefined names, files, networks, people, waiting, expected errors and broken code are left out."""
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        ">>> from io import StringIO\n>>> pd.read_csv(StringIO('a,b'))\n",
        ">>> pd.DataFrame({'a': [1]}).eval('a + 1')\n",
        ">>> pd.DataFrame({'a': [1]}).to_csv(index=False)\n",
        ">>> [x for x in range(3)] + list(map(lambda y: y, [1]))\n",
        ">>> def f(n):\n...     return f(n - 1) if n else 0\n>>> f(2)\n0\n",
        ">>> with warnings.catch_warnings() as w:\n...     print(w)\n",
    ],
)
def test_what_needs_nothing_outside_is_a_unit(text: str) -> None:
    """Text in memory, own functions and comprehensions count as runnable."""
    assert len(found(text)) == 1


def test_ipython_sessions_are_read() -> None:
    """In and Out prompts of the IPython directive give source, without magics."""
    text = "In [1]: %matplotlib inline\n\nIn [2]: s = sum([1,\n   ...:          2])\n   ...: \n\n"
    text += "In [3]: print(s)\nOut[3]: 3\n"
    (unit,) = found(text)
    assert unit.code == "s = sum([1,\n         2])\nprint(s)\n"


def test_what_is_left_of_an_example_that_cannot_run_is_none() -> None:
    """Preparation alone is no example of an object whose own call was dropped."""
    prepared = ">>> import math\n>>> x = math.sqrt(4)\n"
    assert found(f"{prepared}>>> input(x)\n", about="input") == []
    assert len(found(prepared, about="other")) == 1


def test_units_run() -> None:
    """What is called runnable runs."""
    units = found(">>> import math\n>>> r = math.sqrt(4)\n\nThen\n\n>>> print(r)\n2.0\n")
    assert units
    for unit in units:
        names: dict[str, object] = {}
        exec(compile(unit.code, "unit", "exec"), names)  # noqa: S102
        assert names["r"] == 2.0

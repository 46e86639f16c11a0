"""What cells call, by the names that documentation uses."""

from __future__ import annotations

from gptoss_lab.drafts.calls import called, imported


def test_imports_are_resolved() -> None:
    """An alias is told in full, a method by its own name, builtins and own functions not at all."""
    cell = "def f(x):\n    return x\nprint(len(f(pd.read_csv('x').groupby('a').mean())), array([1]))"
    names = called([cell], "python", ["import pandas as pd\nfrom numpy import array"])
    assert names == ("pandas.read_csv", "groupby", "mean", "numpy.array")


def test_magics_and_broken_cells() -> None:
    """A magic is passed over, and a cell that is no Python calls nothing."""
    assert called(
        ["%matplotlib inline\nplt.plot(1)", "def"], "python", ["import matplotlib.pyplot as plt"]
    ) == ("matplotlib.pyplot.plot",)


def test_r() -> None:
    """Calls of R are told with their package; strings and comments hold none."""
    cell = 'x <- dplyr::filter(d, a > 1) # mean(x)\naggregate(y ~ z, data = x, FUN = mean); cat("sum(1)")'
    assert called([cell], "r") == ("dplyr::filter", "aggregate", "cat")


def test_imported() -> None:
    """The packages of cells are told by their top names."""
    assert imported(["import numpy as np, os.path\nfrom sklearn.svm import SVC", "from . import x"]) == (
        "numpy",
        "os",
        "sklearn",
    )

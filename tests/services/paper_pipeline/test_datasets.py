"""What stands for the data of a paper."""

from __future__ import annotations

import json
from keyword import iskeyword

import pytest

from gptoss_lab.errors import SandboxError
from gptoss_lab.schemas.generation import NotebookVariable
from gptoss_lab.schemas.papers import Paper, PaperBlock
from gptoss_lab.services.paper_pipeline.datasets import (
    Shipped,
    choose_data,
    found_names,
    is_named_in,
    is_same,
    variable_of,
)
from gptoss_lab.services.paper_pipeline.datasets_shipped import shipped_of
from gptoss_lab.services.paper_pipeline.datasets_stand_in import COMMENT, labelled, touched
from gptoss_lab.services.paper_pipeline.units_read import NamedData

SLEEP = NamedData("the sleep study data", "CC-BY 4.0", "180 rows")
STUDY = Shipped("sleepstudy", "lme4", 'data("sleepstudy", package = "lme4")')
SLEEPS = Shipped("sleep", "datasets", 'data("sleep", package = "datasets")')
FRAME = NotebookVariable(name="sleep_study", type="pandas.DataFrame", shape=(180, 3))


def test_the_order_of_choice() -> None:
    """A live variable, then a file, then a package, then data that stand in; nothing is fetched."""
    files = ("/home/me/sleepstudy.csv",)
    chosen = [
        choose_data([SLEEP], variables, paths, shipped, "python")[0]
        for variables, paths, shipped in (
            ([FRAME], files, [STUDY]),
            ([], files, [STUDY]),
            ([], (), [SLEEPS, STUDY]),
            ([], (), []),
        )
    ]
    assert [choice.origin for choice in chosen] == ["variable", "file", "package", "stand_in"]
    assert [choice.variable for choice in chosen] == [
        "sleep_study",
        "sleepstudy",
        "sleepstudy",
        "stand_in_the_sleep_study_data",
    ]
    assert "licence: CC-BY 4.0, size: 180 rows" in chosen[3].told
    assert "nothing is downloaded" in chosen[3].told
    assert not chosen[0].code


def test_files_are_read_where_they_lie() -> None:
    """In the sandbox, and beside the notebook; a hostile name stays a string, another kind is not read."""
    path = '/home/x\'"; import os; ".csv'
    one = choose_data([SLEEP], [], (path,), [], "python")[0]
    compile(one.code, "cell", "exec")
    assert '"/data" if os.path.isdir("/data") else "."' in one.code
    in_r = choose_data([SLEEP], [], ("/home/sleepstudy.rds",), [], "r")[0]
    assert 'readRDS(file.path(folder_, "sleepstudy.rds"))' in in_r.code
    assert choose_data([SLEEP], [], ("/home/sleepstudy.exe",), [], "python")[0].origin == "stand_in"
    two = choose_data([SLEEP, NamedData("other")], [], ("/home/unnamed.csv",), [], "python")
    assert [choice.origin for choice in two] == ["stand_in", "stand_in"]


def test_names_of_data() -> None:
    """Their spelling does not matter, words around them do not, and a part of a word is no name."""
    assert is_same("the Sleep-Study data set", "sleepstudy")
    assert not is_same("sleep study", "sleep")
    assert is_named_in("the iris flowers", "iris")
    assert not is_named_in("irises", "iris")
    assert not is_same("data", "data")


@pytest.mark.parametrize(
    "name", ["class", "2026", "", "Gr\u00f6\u00dfe", "a-b c", "function", "x" * 90, "';os"]
)
def test_a_variable_is_a_name_in_both_languages(name: str) -> None:
    """Whatever a paper calls its data."""
    variable = variable_of(name)
    assert variable.isidentifier()
    assert not iskeyword(variable)
    assert variable not in {"function", "if"}
    assert len(variable) <= 50


def test_names_in_the_text_are_found() -> None:
    """Where the paper calls them data; a word of the language that is also a data set is none."""
    text = "We fit the sleepstudy data. Some women sleep. lmer(y ~ x, data = cake1)"
    paper = Paper(
        id="p", uri="p", form="latex", title="", blocks=(PaperBlock(id="b", kind="prose", text=text),)
    )
    shipped = [STUDY, SLEEPS, Shipped("women", "datasets", ""), Shipped("cake1", "lme4", "")]
    assert [one.name for one in found_names(paper, shipped)] == ["sleepstudy", "cake1"]


def test_what_a_sandbox_tells_is_not_trusted() -> None:
    """Entries that are none, or whose name is code, are left out; something else is an error."""
    entries = [
        {"package": "statsmodels", "name": "longley"},
        {"package": "statsmodels", "name": "x; import os"},
        {"package": "unknown", "name": "x"},
        {"name": "x"},
        "x",
        3,
    ]
    assert [one.name for one in shipped_of(json.dumps(entries), "python")] == ["longley"]
    rows = [
        {"package": "datasets", "name": "beaver1", "file": "beavers"},
        {"package": 'x"); system("ls', "name": "x", "file": "x"},
    ]
    assert [one.code for one in shipped_of(json.dumps(rows), "r")] == [
        'data("beavers", package = "datasets")'
    ]
    for bad in ("", "{}", '"text"', "[", "3"):
        with pytest.raises(SandboxError, match="something else"):
            shipped_of(bad, "r")


def test_what_stand_in_data_touch() -> None:
    """Cells that use them, and what came of them; a cell of its own data is not touched."""
    cells = [
        ("a", "import numpy as np"),
        ("b", "d = np.zeros(3)"),
        ("c", "def f(x):\n    return d.mean() + x"),
        ("e", "m = f(1)\nclaim_values['c1'] = m"),
        ("g", "own = np.ones(3)\nclaim_values['c2'] = own.sum()"),
        ("h", "m + 1"),
    ]
    assert touched(cells, ["b"], "python") == {"b", "c", "e", "h"}
    in_r = [
        ("a", "library(stats)"),
        ("b", "d <- rnorm(3)"),
        ("c", "mean(d) -> m"),
        ("e", "print(m)"),
        ("f", "1 + 1"),
    ]
    assert touched(in_r, ["b"], "r") == {"b", "c", "e"}
    assert touched(cells, [], "python") == set()


def test_a_label_is_put_once() -> None:
    """In the text and in the output, and it moves to the top where a cell has lost one of its lines."""
    once = labelled("x = 1", "python")
    assert once.splitlines()[0] == COMMENT
    assert once.splitlines()[1].startswith("print(")
    assert labelled(once, "python") == once
    assert labelled(f"y = 2\n{COMMENT}", "python") == labelled("y = 2", "python")
    assert labelled("x <- 1", "r").splitlines()[1].startswith("cat(")

"""What cells are written from, and what is written without a model."""

from __future__ import annotations

import contextlib
import io
import json

import pytest

from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.documents import DocSource
from gptoss_lab.schemas.papers import Claim, Paper, Place, PlanValue, Unit
from gptoss_lab.services.paper_pipeline.write import masked
from gptoss_lab.services.paper_pipeline.write_interfaces import bound_in, interface_of, used_in
from gptoss_lab.services.paper_pipeline.write_own import TOKEN, check_source, config_source, literal
from gptoss_lab.services.paper_pipeline.write_text import citations_of, step_text
from tests.fakes.modelled import FIT, MEASURE, PETALS, SETUP, played

PYTHON = """\
import numpy as np
from math import sqrt as root
def fit(x, y: int = 3, *rest, key=None) -> float:
    inside = SECRET
    return x
class Model(Base):
    def run(self, n): return 1
a, (b, *c) = 1, (2, 3)
for i in range(3):
    last = i
with open("x") as file: pass
a = 5
"""
R = """\
library(lme4)
fit <- function(x, y = c(1, 2),
                ...) { inner }
slope = 3
3 -> other
sapply(1:3, f)
"""


def test_interfaces_have_names_and_no_bodies() -> None:
    """Signatures, imports and names of Python and of R."""
    assert interface_of(PYTHON, "python") == [
        "import numpy as np",
        "from math import sqrt as root",
        "def fit(x, y: int=3, *rest, key=None) -> float",
        "class Model",
        "Model.def run(self, n)",
        "names: a, b, c, i, last, file",
    ]
    assert interface_of(R, "r") == [
        "library(lme4)",
        "fit <- function(x, y = c(1, 2), ...)",
        "names: slope, other",
    ]
    assert interface_of("not ( python", "python") == []
    assert interface_of("f <- function(" + "(" * 500, "r") == ["f <- function(...)"]
    assert bound_in(PYTHON, "python") >= {"fit", "Model", "a", "last"}
    assert "inside" not in bound_in(PYTHON, "python")
    assert {"SECRET", "Base", "range"} <= used_in(PYTHON, "python")


@pytest.mark.parametrize(
    ("text", "python", "r"),
    [
        ("0.1", "0.1", "0.1"),
        ("-1e-3", "-1e-3", "-1e-3"),
        ("007", "'007'", '"007"'),
        ("True", "True", "TRUE"),
        ("none", "None", "NULL"),
        ("import os", "'import os'", '"import os"'),
        ("a'b\"c\\", "'a\\'b\"c\\\\'", '"a\'b\\"c\\\\"'),
        ("x\ny", "'x y'", '"x y"'),
        ("__import__('os')", "\"__import__('os')\"", "\"__import__('os')\""),
    ],
)
def test_values_never_run(text: str, python: str, r: str) -> None:
    """A number, a constant, or a string."""
    assert literal(text, "python") == python
    assert literal(text, "r") == r


def test_the_cell_of_values() -> None:
    """Each with its place, or as assumed."""
    values = [
        PlanValue(name="step", value="0.1", place=Place(page=5, section=("Method",))),
        PlanValue(name="seed", value="1", assumed=True),
    ]
    assert config_source(values, "python").splitlines()[1:3] == [
        "step = 0.1  # p. 5, Method",
        "seed = 1  # assumed",
    ]
    assert "claim_values <- list()" in config_source(values, "r")


def test_the_check_prints_what_was_computed_and_nothing_of_the_paper() -> None:
    """It runs with missing values, arrays and text; a metric cannot break out of its string."""
    claims = [
        Claim(id=f"i{n}", metric=f"m'\"{{n}}\\ {n}", printed="9.87", value=9.87, quote="9.87", block="b")
        for n in range(5)
    ]
    labels = {f"i{n}": f"c{n}" for n in range(5)}
    source = check_source(claims, labels, "python")
    assert "9.87" not in source
    printed = io.StringIO()
    values = {"c0": 1.5, "c1": float("nan"), "c2": "text", "c3": [1, 2]}
    with contextlib.redirect_stdout(printed):
        exec(compile(source, "cell", "exec"), {"claim_values": values})  # noqa: S102 - our own cell
    last = printed.getvalue().splitlines()[-1]
    assert json.loads(last.removeprefix(TOKEN)) == {"c0": 1.5, "c1": None, "c2": None, "c3": None, "c4": None}
    assert "9.87" not in check_source(claims, labels, "r")


def test_printed_results_are_masked() -> None:
    """Not those of two digits, not parts of others, and not values of the configuration."""
    claims = [
        Claim(id="a", metric="m", printed=printed, value=1, quote="q", block="b")
        for printed in ("251.41", "12", "0.100")
    ]
    text = "251.41, 1251.41, 251.415, 251.41. 12 and 0.100"
    assert masked(text, claims, ["0.100"]) == "[number], 1251.41, 251.415, [number]. 12 and 0.100"


def test_the_text_above_a_cell_is_no_markup() -> None:
    """Quotes with their links; what a paper says loads nothing and ends no quote."""
    unit = Unit(
        id="u",
        statement="Do ![x](https://evil.example/a.png) <img src=x>",
        quote="# Title\n\n![y](https://evil.example) `code` [l](javascript:x)",
        block="b",
        place=Place(page=3),
        status="unresolved",
        question="Which?",
        answer="Assumed: one.",
    )
    paper = Paper(id="p", uri="a/p.pdf", form="pdf", title="P", files=("a/p.pdf",))
    text = step_text("# fit\n<b>", [unit] * 20, [], paper, "a/n.ipynb")
    assert "(<p.pdf#page=3>)" in text
    assert "![" not in text
    assert "<img" not in text
    assert "\n# Title" not in text
    assert "(open: Which? Assumed: one.)" in text
    assert "And 8 more requirements" in text


def test_citations() -> None:
    """One for each place; an address of the web may be followed, a file is opened by its page."""
    web = PETALS.model_copy(update={"uri": "https://arxiv.org/abs/1", "files": ()})
    (cite,) = citations_of(web, [Place(page=2), Place(page=2)])
    assert (cite.link, cite.source, cite.page) == ("https://arxiv.org/abs/1", "https://arxiv.org/abs/1", 2)
    (cite,) = citations_of(PETALS, [Place(section=("A",), anchor="s1")])
    assert (cite.source, cite.link, cite.anchor, cite.title) == (
        "petals.tex",
        "",
        "s1",
        "The petals of iris, by least squares, A",
    )


@pytest.mark.parametrize("language", ["python", "r"])
async def test_the_names_above_and_the_documentation_are_told(language: Language) -> None:
    """A cell gets signatures of those before it, and what the given documentation says of its step."""
    job = await played(sources=(DocSource(uri="numpy"),), language=language)
    questions = [messages[1].content for kind, messages, _ in job.model.asked if kind == "cell"]
    assert "doc:numpy ===" in questions[1]
    if language == "python":
        assert "- import numpy as np" in questions[1]
        assert "- def fit(x, y)" in questions[2]
        assert "solve(X.T @ X" not in questions[2]


async def test_several_blocks_are_one_cell_and_prose_is_none() -> None:
    """What a model says around the code is left out."""
    two = f"First.\n\n{FIT}\n\nThen:\n\n```python\nmore = 1\n```\nDone."
    job = await played({"cell": [SETUP, two, MEASURE]})
    fit = next(source for source in job.sources if "def fit" in source)
    assert fit.endswith("beta\n\nmore = 1")
    assert "Then" not in "\n".join(cell.source for cell in job.run.run.sheet.cells())

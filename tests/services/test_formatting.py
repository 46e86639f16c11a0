"""Cells laid out, and nothing else about them changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gptoss_lab.errors import SandboxError
from gptoss_lab.services.formatting import find_ruff, formatted
from gptoss_lab.services.generation import GenerationService
from gptoss_lab.services.generators.examples import ExamplesGenerator
from gptoss_lab.services.pipeline.choices import Choices
from tests.fakes.generation import OFF, FakeCorpora, FakeExecutor, ScriptedGenerator
from tests.fakes.played import MEAN, played

RUFF = find_ruff()
needs_ruff = pytest.mark.skipif(not RUFF, reason="ruff is not installed beside this Python")


@needs_ruff
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x=[1,2 ,3]", "x = [1, 2, 3]"),
        ("plot( x );", "plot(x);"),
        ("%%time\ny=1", "%%time\ny = 1"),
        ("%matplotlib inline\ny=1", "%matplotlib inline\ny = 1"),
        ("!ls  -l\ny=1", "!ls  -l\ny = 1"),
        ("def f():\n  '''  A text.   '''", "def f():\n  '''  A text.   '''"),
        ("%%bash\nls   -l", "%%bash\nls   -l"),
        ("def (", "def ("),
    ],
)
def test_only_the_layout_changes(before: str, after: str) -> None:
    """Magics, hidden results and what cannot be read stay; so does a cell whose tree would differ."""
    assert formatted([before, "z  =  1"], RUFF) == [after, "z = 1"]


@needs_ruff
def test_a_program_that_fails_changes_nothing(tmp_path: Path) -> None:
    """One that is not there, or that answers with nonsense."""
    odd = tmp_path / "ruff"
    odd.write_text("#!/bin/sh\necho nonsense\n", "utf-8")
    odd.chmod(0o755)
    assert formatted(["x=1"], str(odd)) == ["x=1"]
    assert formatted(["x=1"], str(tmp_path / "missing")) == ["x=1"]
    assert formatted([], RUFF) == []


@needs_ruff
@pytest.mark.parametrize(("ruff", "sources"), [(RUFF, ["a = 1", "b = 2"]), ("", ["a=1", "b=2"])])
async def test_cells_and_repairs_are_laid_out_before_they_run(ruff: str, sources: list[str]) -> None:
    """What is checked, run and kept is the text that was laid out; without the setting nothing is."""
    executor = FakeExecutor(broken={"boom": "RuntimeError: boom"})
    generation = GenerationService(
        corpora=FakeCorpora([MEAN]),
        executor=executor,
        generators={
            "examples": ExamplesGenerator(),
            "model": ScriptedGenerator(["a=1", "boom( )"], [{"c1": "b=2"}]),
        },
        choices=Choices(ruff=ruff),
    )
    _, job = await played(generation)
    assert [cell.source for cell in job.cells] == sources
    assert list(executor.runs[-1].cells) == sources


async def laid_out(executor: FakeExecutor, *, style_r: bool = True) -> tuple[str, FakeExecutor]:
    """Return an R cell of a model as it came out."""
    generation = GenerationService(
        corpora=FakeCorpora([MEAN]),
        executor=executor,
        generators={"model": ScriptedGenerator(["x<-c(1,2)"]), "examples": ExamplesGenerator()},
        choices=Choices(style_r=style_r),
    )
    _, job = await played(generation, language="r", sources=(), max_repairs=0)
    return job.cells[0].source, executor


async def test_r_cells_are_laid_out_where_the_sandbox_has_styler() -> None:
    """In one question for all of them."""
    held = {"styler": "1.11.0", "stats": "4.5.0"}
    text, executor = await laid_out(FakeExecutor(answer={"cells": ["x <- c(1, 2)"]}, installed=held))
    assert text == "x <- c(1, 2)"
    assert json.loads(executor.payloads[0]) == {"cells": ["x<-c(1,2)"]}


@pytest.mark.parametrize(
    ("executor", "style_r"),
    [
        (FakeExecutor(answer={"cells": ["x <- c(1, 2)"]}, installed={"stats": "4.5.0"}), True),
        (FakeExecutor(answer={"cells": ["x <- c(1, 2)"]}, installed={"styler": "1.11.0"}), False),
        (FakeExecutor(inspect_fault=SandboxError("It took too long"), installed={"styler": "1"}), True),
        (FakeExecutor(state=OFF, installed={"styler": "1"}), True),
    ],
    ids=["no styler", "not wanted", "it fails", "no sandbox"],
)
async def test_r_cells_stay_where_it_has_not(executor: FakeExecutor, style_r: bool) -> None:
    """And where it is not wanted, fails, or there is no sandbox: a layout is worth no failure."""
    text, _ = await laid_out(executor, style_r=style_r)
    assert text == "x<-c(1,2)"

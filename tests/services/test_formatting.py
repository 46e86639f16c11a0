"""Cells laid out, and nothing else about them changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from gptoss_lab.services.formatting import find_ruff, formatted
from gptoss_lab.services.generation import GenerationService
from gptoss_lab.services.generators.examples import ExamplesGenerator
from tests.fakes.generation import FakeCorpora, FakeExecutor, ScriptedGenerator
from tests.fakes.played import MEAN, played

RUFF = find_ruff()
pytestmark = pytest.mark.skipif(not RUFF, reason="ruff is not installed beside this Python")


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


def test_a_program_that_fails_changes_nothing(tmp_path: Path) -> None:
    """One that is not there, or that answers with nonsense."""
    odd = tmp_path / "ruff"
    odd.write_text("#!/bin/sh\necho nonsense\n", "utf-8")
    odd.chmod(0o755)
    assert formatted(["x=1"], str(odd)) == ["x=1"]
    assert formatted(["x=1"], str(tmp_path / "missing")) == ["x=1"]
    assert formatted([], RUFF) == []


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
        ruff=ruff,
    )
    _, job = await played(generation)
    assert [cell.source for cell in job.cells] == sources
    assert list(executor.runs[-1].cells) == sources

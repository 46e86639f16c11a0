"""What whoever runs the server has decided of every generation."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from gptoss_lab.schemas.generation import NotebookColumn, NotebookContext, NotebookVariable
from gptoss_lab.services.pipeline.choices import Choices
from gptoss_lab.services.pipeline.run import Run
from tests.fakes.generation import FakeCorpora, FakeExecutor, ScriptedGenerator
from tests.fakes.played import asked

TABLE = NotebookVariable(
    name="sales",
    type="pandas.DataFrame",
    shape=(3, 1),
    columns=(NotebookColumn(name="patient", type="int64"),),
)


@pytest.mark.parametrize(
    ("most", "told"), [("off", ()), ("types", (("sales", 0),)), ("columns", (("sales", 1),))]
)
def test_no_more_of_variables_is_told_than_may_be(
    most: Literal["off", "types", "columns"], told: tuple[Any, ...]
) -> None:
    """Whatever a person's own setting sends; the cells go along as before."""
    request = asked(context=NotebookContext(cells=("x = 1",), variables=(TABLE,)))
    run = Run(request, FakeCorpora(), FakeExecutor(), ScriptedGenerator([]), choices=Choices(variables=most))
    context = run.brief.request.context
    assert tuple((one.name, len(one.columns)) for one in context.variables) == told
    assert run.request.context == context
    assert context.cells == ("x = 1",)

"""Text cells say where the code below them comes from."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import pytest

from gptoss_lab.schemas.documents import Citation
from gptoss_lab.schemas.events import CellClose, CellOpen, Event
from gptoss_lab.schemas.generation import CellEdit, EditedCell
from gptoss_lab.services.generators.base import Brief
from tests.fakes.generation import FakeCorpora, ScriptedGenerator, example
from tests.fakes.played import asked, played, service

MEAN = Citation(source="pandas", title="mean", version="3.0", link="https://e.org/mean")
SUM = Citation(source="pandas", title="sum", version="3.0", link="https://e.org/sum")
Written = tuple[str, str, tuple[Citation, ...]]


class Citing(ScriptedGenerator):
    """Writes cells of both kinds with their sources."""

    def __init__(self, *written: Written) -> None:
        super().__init__([])
        self.written = written

    async def draft(self, brief: Brief) -> AsyncIterator[Event]:
        self.briefs.append(brief)
        for index, (kind, source, sources) in enumerate(self.written):
            is_text = kind == "markdown"
            yield CellOpen(
                cell=f"c{index}", index=index, kind="markdown" if is_text else "code", language="python"
            )
            yield CellClose(cell=f"c{index}", source=source, sources=sources)


async def texts(*written: Written, source_lines: bool = True) -> list[tuple[str, str]]:
    """Return the cells that come of it."""
    _, job = await played(service(model=Citing(*written)), source_lines=source_lines)
    return [(cell.kind, cell.source) for cell in job.cells]


async def test_the_text_above_cites_each_source_once() -> None:
    """However many of the cells below share it; code stays as it is."""
    found = await texts(
        ("markdown", "Means.", ()),
        ("code", "a = 1", (MEAN,)),
        ("code", "b = 2", (MEAN, SUM)),
        ("markdown", "Again.", ()),
        ("code", "c = 3", (SUM,)),
    )
    line = "[mean \\(pandas 3.0\\)](https://e.org/mean) · [sum \\(pandas 3.0\\)](https://e.org/sum)"
    assert found[0] == ("markdown", f"Means.\n\nSources: {line}")
    assert found[1:] == [("code", "a = 1"), ("code", "b = 2"), ("markdown", "Again."), ("code", "c = 3")]


async def test_code_without_a_text_above_is_cited_at_the_end() -> None:
    """In a text cell of its own, which has the sources too."""
    found = await texts(("code", "a = 1", (MEAN,)), ("code", "b = 2", ()))
    assert [kind for kind, _ in found] == ["code", "code", "markdown"]
    assert found[2][1].startswith("Sources: [mean")


@pytest.mark.parametrize(("source_lines", "sources"), [(False, (MEAN,)), (True, ())])
async def test_nothing_is_said_where_there_is_nothing_to_say(
    source_lines: bool, sources: Sequence[Citation]
) -> None:
    """And where nobody wants it."""
    written = ("markdown", "Means.", ()), ("code", "a = 1", tuple(sources))
    assert await texts(*written, source_lines=source_lines) == [("markdown", "Means."), ("code", "a = 1")]


async def test_examples_that_have_no_address_are_named_already() -> None:
    """Their headings say where they are from; an address is new to a reader."""
    _, plain = await played(service(), source_lines=True)
    assert not any("Sources:" in cell.source for cell in plain.cells)
    linked = example(
        "import pandas as pd\nx = pd.read()\nx.groupby('a').mean()", "pandas.groupby", summary="Mean."
    )
    linked = linked.model_copy(
        update={"citation": linked.citation.model_copy(update={"link": "https://e.org/g"})}
    )
    _, job = await played(service(FakeCorpora([linked])), source_lines=True)
    cited = [cell.source for cell in job.cells if "Sources:" in cell.source]
    assert len(cited) == 1
    assert cited[0].startswith("### ")
    assert "https://e.org/g" in cited[0]


async def test_the_persons_own_cells_are_left_alone() -> None:
    """A change of a cell says nothing around it."""
    edit = CellEdit(kind="edit", cells=(EditedCell(id="own", source="a = 1"),))
    model = Citing(("code", "a = 2", (MEAN,)))
    _, job = await played(service(model=model), edit=edit, source_lines=True)
    assert [cell.kind for cell in job.cells] == ["code"]
    assert asked().source_lines is False

from __future__ import annotations

from collections.abc import Sequence

from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.documents import Example
from gptoss_lab.schemas.events import CellClose, CellDelta, CellOpen, Event, Warn
from gptoss_lab.schemas.generation import CodeGenerationRequest
from gptoss_lab.services.generators.base import Brief
from gptoss_lab.services.generators.examples import ExamplesGenerator, example_of
from gptoss_lab.services.sheet import Sheet
from tests.fakes.generation import example

CODE = "import pandas as pd\n\ndf = pd.DataFrame({'a': [1]})\ndf2 = df.groupby('a')\ndf2.mean()\n"
MEAN = example(
    CODE, "pandas.DataFrame.groupby", summary="Mean <b>per</b> group ![x](http://evil.test/x.png)."
)


def brief(task: str, examples: Sequence[Example], language: Language = "python") -> Brief:
    """Return a brief."""
    return Brief(CodeGenerationRequest(task=task, language=language), examples=examples)


async def drafted(asked: Brief) -> list[Event]:
    """Return all events of a draft."""
    return [event async for event in ExamplesGenerator().draft(asked)]


async def test_first_cell_says_that_no_model_wrote_them() -> None:
    """The introduction is Markdown and names the documentation with its version."""
    opened, *_, closed = (await drafted(brief("mean by group", [MEAN])))[:3]
    assert isinstance(opened, CellOpen)
    assert (opened.kind, opened.index) == ("markdown", 0)
    assert isinstance(closed, CellClose)
    assert "No model wrote these cells" in closed.source
    assert "pandas 1.0" in closed.source
    assert "adapt" in closed.source


async def test_cells_stream_and_are_cited() -> None:
    """Deltas add up to the closed source; every code cell carries its citation; ids are unique."""
    events = await drafted(brief("mean by group", [MEAN]))
    sheet = Sheet()
    streamed: dict[str, str] = {}
    for event in events:
        sheet.apply(event)
        if isinstance(event, CellDelta):
            streamed[event.cell] = streamed.get(event.cell, "") + event.text
    assert streamed == {cell.id: cell.source for cell in sheet.cells()}
    assert len(sheet.code()) == 2
    assert all(cell.sources == (MEAN.citation,) for cell in sheet.code())
    assert [event.index for event in events if isinstance(event, CellOpen)] == [0, 1, 2, 3]


async def test_documents_cannot_put_html_or_images_into_the_notebook() -> None:
    """Titles and summaries come from documents that nobody trusts."""
    sources = [
        event.source
        for event in await drafted(brief("mean by group", [MEAN]))
        if isinstance(event, CellClose)
    ]
    text = "".join(sources)
    assert "<b>" not in text
    assert "](http" not in text


async def test_nothing_fits_is_said_with_the_words() -> None:
    """There are no cells, and one warning with the words and what to do."""
    (warning,) = await drafted(brief("bake a chocolate cake", [MEAN]))
    assert isinstance(warning, Warn)
    assert "chocolate" in warning.message
    assert "model" in warning.hint


async def test_r_without_r_examples_is_said() -> None:
    """Python examples never answer an R task."""
    (warning,) = await drafted(brief("mean by group", [MEAN], "r"))
    assert isinstance(warning, Warn)
    assert "R example" in warning.message


async def test_what_is_not_covered_is_said() -> None:
    """A part of the task that no example covers is told after the cells."""
    events = await drafted(brief("mean by group with a violin chocolate", [MEAN]))
    assert isinstance(events[-1], Warn)
    assert "chocolate" in events[-1].message


async def test_another_example_takes_the_cells() -> None:
    """A replacement keeps ids and kinds; what is left over becomes empty, what is too much is joined."""
    one = example("df.groupby('a').mean()", "pandas.core.groupby", summary="Mean per group.")
    asked = brief("mean by group", [MEAN, one])
    sheet = Sheet()
    for event in await drafted(asked):
        sheet.apply(event)
    cells = [cell for cell in sheet.cells() if example_of(cell.id) == 0]
    generator = ExamplesGenerator()
    assert generator.alternatives(asked, 0, {0}) == [1]
    assert generator.alternatives(asked, 0, {0, 1}) == []
    replaced = generator.replace(asked, 1, cells)
    assert [cell.id for cell in replaced] == [cell.id for cell in cells]
    assert [cell.source for cell in replaced if cell.kind == "code"] == ["df.groupby('a').mean()", ""]
    joined = generator.replace(asked, 0, [cells[0], cells[1]])
    assert joined[1].source.replace("\n", "") == CODE.replace("\n", "")


async def test_examples_are_not_repaired() -> None:
    """Asked to repair, it says nothing."""
    assert [event async for event in ExamplesGenerator().repair(brief("x", []), [], [], 1)] == []


def test_introduction_belongs_to_no_example() -> None:
    """Ids lead back to the example; foreign ids do not."""
    assert example_of("xab-3-1") == 3
    assert example_of("xab-0") is None
    assert example_of("c1") is None

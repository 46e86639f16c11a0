"""What an answer to an edit changes, in the many forms in which models write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gptoss_lab.engines.base import ContentDelta, Finished
from gptoss_lab.schemas.events import CellClose, CellDelta, CellOpen, Event, Reasoning, Warn
from gptoss_lab.schemas.generation import EditedCell
from gptoss_lab.services.generators.answer import Answer
from gptoss_lab.services.generators.edited_cells import EditedCells

LOAD = EditedCell(id="a", source="import pandas as pd\nsales = pd.read_csv('s.csv')")
MEAN = EditedCell(id="b", source="sales.groupby('city')['amount'].mean()")
PLOT = EditedCell(id="c", source="sales.plot()")
TEXT = EditedCell(id="t", kind="markdown", source="# Sales")
NEW_LOAD = "import pandas as pd\nsales = pd.read_csv('s.csv', index_col=0)"


def block(text: str, info: str = "python", marks: str = "```") -> str:
    """Return a fenced block."""
    return f"{marks}{info}\n{text}{'' if text.endswith(chr(10)) or not text else chr(10)}{marks}\n"


def heard(
    answer: str, *cells: EditedCell, reason: str = "stop", size: int = 7
) -> tuple[list[Event], list[str]]:
    """Return the events of an answer that comes in small pieces, and its warnings."""
    listener = Answer(EditedCells("python", {}, cells))
    events: list[Event] = []
    for start in range(0, len(answer), size):
        events += listener.take(ContentDelta(answer[start : start + size]))
    listener.take(Finished(reason))
    events += listener.finish()
    return events, [warning.message for warning in listener.warnings()]


def told(events: list[Event]) -> list[tuple[str, str, int, str]]:
    """Return (change, target, index, source) of each cell that stays, in the order of the notebook."""
    opened: dict[str, CellOpen] = {}
    sources: dict[str, str] = {}
    for event in events:
        if isinstance(event, CellOpen):
            opened[event.cell] = event
        elif isinstance(event, CellClose):
            assert event.cell in opened
            sources[event.cell] = event.source
    assert sources.keys() == opened.keys()
    rows = [
        (opened[cell].change, opened[cell].target, opened[cell].index, source)
        for cell, source in sources.items()
        if source
    ]
    return sorted(rows, key=lambda row: row[2])


@pytest.mark.parametrize(
    "info",
    [
        "python cell 2",
        "python cell-2",
        "python Cell 2 (changed)",
        "{python cell_2}",
        'python title="cell 2"',
        "python id=cell2",
        "cell 2",
        "python 2",
        "py :: CELL 2",
    ],
)
def test_names_in_the_fence(info: str) -> None:
    """A block names its cell in whatever way the model writes it."""
    events, warnings = heard(block("sales.mean()", info), LOAD, MEAN, PLOT)
    assert told(events) == [("changed", "b", 1, "sales.mean()")]
    assert warnings == []


@pytest.mark.parametrize(
    "answer",
    [
        block("# cell 2\nsales.mean()"),
        block("# --- Cell 2: mean ---\nsales.mean()"),
        "Cell 2:\n\n" + block("sales.mean()"),
        "**Cell 2** (the mean)\n" + block("sales.mean()"),
        "I do this.\n\n### The changed cell 2\n" + block("sales.mean()"),
        block("# cell 2\nsales.mean()", "python cell 2"),
    ],
)
def test_names_elsewhere(answer: str) -> None:
    """A name may stand in the first line or above the block; it is no part of the cell."""
    events, warnings = heard(answer, LOAD, MEAN, PLOT)
    assert told(events) == [("changed", "b", 1, "sales.mean()")]
    assert warnings == []


def test_one_cell_needs_no_name() -> None:
    """Where one cell is edited the first block is it, and further blocks are new cells below."""
    events, warnings = heard(block("sales.mean()") + "\nThen look.\n\n" + block("sales.head()"), MEAN)
    assert told(events) == [("changed", "b", 0, "sales.mean()"), ("new", "", 1, "sales.head()")]
    assert warnings == []
    assert "Then look" in "".join(event.text for event in events if isinstance(event, Reasoning))


def test_a_wrong_number_for_the_only_cell() -> None:
    """A number that there is not means the one cell that there is."""
    events, _ = heard(block("sales.mean()", "python cell 5"), MEAN)
    assert told(events) == [("changed", "b", 0, "sales.mean()")]


def test_it_streams_from_the_first_difference() -> None:
    """What is the same as before is not told; the rest comes while it is written."""
    events, _ = heard(block(NEW_LOAD, "python cell 1"), LOAD)
    kinds = [type(event) for event in events]
    assert kinds[0] is CellOpen
    assert kinds.count(CellDelta) > 1
    assert "".join(event.text for event in events if isinstance(event, CellDelta)) == NEW_LOAD


def test_an_unchanged_cell() -> None:
    """A cell that was only repeated is no change, and the person is told so."""
    events, warnings = heard(block(LOAD.source, "python cell 1"), LOAD)
    assert told(events) == []
    assert not any(isinstance(event, CellOpen) for event in events)
    assert warnings == ["The model gave the cell back unchanged."]


def test_one_of_two_unchanged() -> None:
    """Beside a changed cell, one that was repeated is named."""
    answer = block(LOAD.source, "python cell 1") + block("sales.mean()", "python cell 2")
    events, warnings = heard(answer, LOAD, MEAN)
    assert [row[1] for row in told(events)] == ["b"]
    assert warnings == ["The model gave cell 1 back unchanged."]


@pytest.mark.parametrize(
    "text", ["", "\n", "# deleted", "# (this cell is removed)", "# cell 3\n", "# Deleted."]
)
def test_deleted(text: str) -> None:
    """An empty block with a name deletes the cell, which is closed with the text that it has."""
    events, warnings = heard(block(text, "python cell 3"), LOAD, MEAN, PLOT)
    assert told(events) == [("deleted", "c", 2, PLOT.source)]
    assert warnings == []


def test_an_empty_block_without_a_name() -> None:
    """Nothing is deleted by a block that says nothing."""
    events, _ = heard(block("", "python"), LOAD, MEAN)
    assert told(events) == []


def test_no_code() -> None:
    """An answer in words alone changes nothing, and says what to do."""
    events, warnings = heard("The cell is fine as it is.", MEAN)
    assert told(events) == []
    assert warnings == ["The model answered without a cell, so that nothing is changed."]


def test_unnamed_blocks_of_several_cells() -> None:
    """As many blocks as cells stand in their order; fewer are told by their likeness, others are new."""
    both = block(NEW_LOAD) + block("sales.groupby('city')['amount'].sum()")
    assert [row[1] for row in told(heard(both, LOAD, MEAN)[0])] == ["a", "b"]
    one = block("sales.groupby('city')['amount'].sum()")
    assert [row[:3] for row in told(heard(one, LOAD, MEAN, PLOT)[0])] == [("changed", "b", 1)]
    odd = block("zzz = 1")
    assert [row[:3] for row in told(heard(odd, LOAD, MEAN)[0])] == [("new", "", 2)]


def test_a_better_version() -> None:
    """A second block of one name that is like the first replaces it; another one goes below."""
    again = block("sales.mean(numeric=True)", "python cell 1") + block(
        "sales.mean(numeric_only=True)", "python cell 1"
    )
    assert told(heard(again, MEAN)[0]) == [("changed", "b", 0, "sales.mean(numeric_only=True)")]
    split = block("import pandas as pd", "python cell 1") + block("x = [0] * 7", "python cell 1")
    assert [row[0] for row in told(heard(split, MEAN)[0])] == ["changed", "new"]


def test_marks_alone_delete_nothing() -> None:
    """A block that holds nothing but citations is no text for the cell, and no word that it goes."""
    events, warnings = heard(block("# [doc:1]\n# [doc:2]", "python cell 1"), MEAN)
    assert told(events) == []
    assert "The model gave the cell back unchanged." in warnings


def test_deleted_and_then_given() -> None:
    """A text that comes after the deletion takes its place."""
    answer = block("", "python cell 1") + block("sales.mean()", "python cell 1")
    assert told(heard(answer, MEAN)[0]) == [("changed", "b", 0, "sales.mean()")]
    assert told(heard(answer + block("", "python cell 1"), MEAN)[0])[0][0] == "changed"
    again = block("", "python cell 1") * 2
    assert [row[0] for row in told(heard(again, MEAN)[0])] == ["deleted"]


def test_new_cells() -> None:
    """A block may say that it is new, or name a cell that is not there."""
    answer = block("sales.head()", "python new") + block("sales.tail()", "python cell 9")
    assert [row[:3] for row in told(heard(answer, LOAD, MEAN)[0])] == [("new", "", 2), ("new", "", 3)]


def test_text_cells() -> None:
    """A Markdown cell is changed by a Markdown block, which may hold a fence itself."""
    text = "# Sales\n\n```python\nsales\n```\n\nThat was it."
    for marks in ("```", "````"):
        events, _ = heard(block(text, "markdown cell 2", marks), MEAN, TEXT)
        assert told(events) == [("changed", "t", 1, text)]
    events, _ = heard("# Sales of the year", TEXT)
    assert told(events) == [("changed", "t", 0, "# Sales of the year")]


def test_code_for_a_text_cell_is_new() -> None:
    """A cell keeps its kind: code that names a text cell goes below."""
    events, _ = heard(block("sales", "python cell 2"), MEAN, TEXT)
    assert [row[:3] for row in told(events)] == [("new", "", 2)]


def test_a_cut_cell_is_no_change() -> None:
    """Half of a changed cell would lose the other half: the cell stays as it is."""
    events, warnings = heard("```python cell 1\nsales.mean()\nsales.he", MEAN, reason="length")
    assert told(events) == []
    assert "A cell of the answer was cut off, so that the cell stays as it is." in warnings


def test_an_own_comment_is_no_name() -> None:
    """A comment that stood in the cell before is its own."""
    own = EditedCell(id="a", source="# Cell 1\nx = 1")
    events, _ = heard(block("# Cell 1\nx = 2"), own)
    assert told(events) == [("changed", "a", 0, "# Cell 1\nx = 2")]


def test_code_without_fences() -> None:
    """Bare code is the cell, as it is for a new one."""
    events, _ = heard("sales.groupby('city').agg('sum')\nprint(sales)\n", MEAN)
    assert [row[1] for row in told(events)] == ["b"]


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_pieces_do_not_matter(size: int) -> None:
    """However the answer is cut into pieces, the same cells come of it."""
    answer = "Cell 1:\n" + block(NEW_LOAD) + block("", "python cell 3") + block("1 + 1", "python new")
    rows = told(heard(answer, LOAD, MEAN, PLOT, size=size)[0])
    assert [row[:2] for row in rows] == [("changed", "a"), ("deleted", "c"), ("new", "")]


def test_warnings_are_events() -> None:
    """What is told of no change says what to do."""
    listener = Answer(EditedCells("python", {}, [MEAN]))
    listener.take(ContentDelta("No."))
    listener.take(Finished("stop"))
    listener.finish()
    told_of = listener.warnings()
    assert [type(warning) for warning in told_of] == [Warn]
    assert told_of[0].hint


PIECES = st.sampled_from([
    "```python cell 1\n",
    "```python cell 2\n",
    "```python cell 9\n",
    "```python new\n",
    "```python\n",
    "````markdown cell 3\n",
    "```markdown\n",
    "```diff\n",
    "```\n",
    "````\n",
    "~~~\n",
    "```",
    "# cell 2\n",
    "Cell 1:\n",
    "# deleted\n",
    "\n",
    "   \n",
    "x = 1\n",
    "# [doc:1]\n",
    ">>> \n",
    "x = '''\n",
    LOAD.source + "\n",
    MEAN.source + "\n",
    "# Sales\n",
    "text ",
    "<|end|>",
])


@given(st.lists(PIECES, max_size=14), st.integers(1, 9), st.sampled_from(["stop", "length", ""]))
def test_whatever_the_model_writes(pieces: list[str], size: int, reason: str) -> None:
    """Each cell is opened once and closed, grows only while it is open, and changes a cell that is there."""
    cells = {"a": LOAD, "b": MEAN, "t": TEXT}
    events, _ = heard("".join(pieces), LOAD, MEAN, TEXT, reason=reason, size=size)
    opened: dict[str, CellOpen] = {}
    closed: set[str] = set()
    for event in events:
        if isinstance(event, CellOpen):
            assert event.cell not in opened
            assert (event.change == "new") == (event.target == "")
            assert not event.target or cells[event.target].kind == event.kind
            opened[event.cell] = event
        elif isinstance(event, CellDelta):
            assert event.cell in opened.keys() - closed
        elif isinstance(event, CellClose):
            assert event.cell in opened
            closed.add(event.cell)
            if opened[event.cell].change == "deleted" and event.source:
                assert event.source == cells[opened[event.cell].target].source
    assert closed == opened.keys()
    kept = [row for row in told(events) if row[1]]
    assert len({row[1] for row in kept}) == len(kept), "a cell is changed once"
    assert all(row[0] == "deleted" or row[3].strip() != cells[row[1]].source.strip() for row in kept)

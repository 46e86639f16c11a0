"""Cells come out of an answer whatever its pieces are."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gptoss_lab.drafts.cells import Closed, FenceEvent, Grown, Opened
from gptoss_lab.drafts.fences import FenceParser, fence_language
from gptoss_lab.schemas.base import Language

BROKEN_STRING = '```python\ns = """\nbroken\n```\nprose\n```python\ny = 1\n```\nend'
FENCE_IN_STRING = '```python\ns = """\n```\nx\n```\n"""\nprint(s)\n```\nend'
WRAPPED = "```markdown\n# T\n```python\nx\n```\nend\n```"
PERCENT = "# %%\nimport x\n# %% [markdown]\n# # Hello\n# %%\ny = 2"
LINES = (
    "```python",
    "```py",
    "```",
    "````",
    "````markdown",
    "~~~r",
    "~~~",
    "  ```",
    "      ```",
    "```bash",
    '"""',
    "s = '''",
    "x = 1",
    "Prose — with a dash.",
    "",
    "   ",
    "# %%",
    "# %% [markdown]",
    "`` `",
    ">>> 1",
    "\r",
    "\x0c\u2028",
    "`" * 250,
)


def parse(pieces: list[str], language: Language = "python") -> list[tuple[str, str]]:
    """Return (kind, source) of the cells, and check what every stream must keep to."""
    parser = FenceParser(language)
    events: list[FenceEvent] = [event for piece in pieces for event in parser.feed(piece)]
    events += parser.finish()
    cells: list[tuple[str, str]] = []
    grown, is_open = "", False
    for event in events:
        if isinstance(event, Opened):
            assert not is_open
            grown, is_open = "", True
        elif isinstance(event, Grown):
            assert is_open
            assert event.text
            grown += event.text
        else:
            assert is_open
            is_open = False
            if event.source:
                assert event.source == grown
                cells.append((event.kind, event.source))
    assert not is_open
    return cells


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("Hi\n\n```python\nx = 1\n```\nBye", [("markdown", "Hi"), ("code", "x = 1"), ("markdown", "Bye")]),
        ("````py\ns = '''\n```\n'''\n````", [("code", "s = '''\n```\n'''")]),
        ("~~~python\nx\n```\n~~~", [("code", "x\n```")]),
        ("```\nx = 1\n```", [("code", "x = 1")]),
        ("```python\nx\n```\n```\nout\n```", [("code", "x"), ("markdown", "```\nout\n```")]),
        ("```bash\nls\n```", [("markdown", "```bash\nls\n```")]),
        ("```r\nx\n```", [("markdown", "```r\nx\n```")]),
        ("```python\nx = 1", [("code", "x = 1")]),
        ("```python\n\n```\n", []),
        ("```python\r\nx = 1\r\ny = 2\r\n```\r\n", [("code", "x = 1\ny = 2")]),
        ("1. a\n\n   ```py\n   if x:\n       y\n   ```", [("markdown", "1. a"), ("code", "if x:\n    y")]),
        (WRAPPED, [("markdown", "# T"), ("code", "x"), ("markdown", "end")]),
        (FENCE_IN_STRING, [("code", 's = """\n```\nx\n```\n"""\nprint(s)'), ("markdown", "end")]),
        (
            BROKEN_STRING,
            [("code", 's = """\nbroken'), ("markdown", "prose"), ("code", "y = 1"), ("markdown", "end")],
        ),
        (PERCENT, [("code", "import x"), ("markdown", "# Hello"), ("code", "y = 2")]),
        ("import x\nprint(1)", [("code", "import x\nprint(1)")]),
        ("Sorry", [("markdown", "Sorry")]),
        ("", []),
    ],
)  # fmt: skip
def test_cells(text: str, cells: list[tuple[str, str]]) -> None:
    """The cells of an answer are the same in one piece and in single characters."""
    assert parse([text]) == cells
    assert parse(list(text)) == cells


def test_r_notebook() -> None:
    """In an R notebook the R fences are the cells, and a Python fence is text."""
    text = "```{r setup, include=FALSE}\nlibrary(stats)\n```\n```python\nx\n```"
    assert parse([text], "r") == [("code", "library(stats)"), ("markdown", "```python\nx\n```")]


@pytest.mark.parametrize(
    ("info", "name"),
    [
        ("python", "python"),
        ("Python3.11", "python"),
        ("py title=x", "python"),
        ("ipython3", "python"),
        ("{code-cell} ipython3", "python"),
        ("{.python}", "python"),
        ("R", "r"),
        ("{r}", "r"),
        ("rust", "rust"),
        ("c++", "c++"),
        ("", ""),
    ],
)
def test_fence_language(info: str, name: str) -> None:
    """The usual spellings of an info string name one language."""
    assert fence_language(info) == name


def test_text_streams_at_once() -> None:
    """A delta goes out with the piece that brought it; only a possible fence waits."""
    parser = FenceParser("python")
    assert parser.feed("```pyth") == []
    assert parser.feed("on\nimport pan") == [Opened("code", "python"), Grown("import pan")]
    assert parser.feed("das\n") == [Grown("das")]
    assert parser.feed("``") == []
    assert parser.feed("`") == []
    assert parser.feed("\nThen ") == [
        Closed("code", "import pandas"),
        Opened("markdown", "python"),
        Grown("Then"),
    ]


def test_a_cut_answer_is_told() -> None:
    """A cell whose fence is missing says so, and a cut answer is read in no other way."""
    parser = FenceParser("python")
    parser.feed("```python\nx = 1\n")
    assert parser.finish(complete=False) == [Closed("code", "x = 1", whole=False)]
    parser = FenceParser("python")
    parser.feed("import os\n")
    assert parser.finish(complete=False) == [Closed("markdown", "import os")]


@settings(max_examples=300, deadline=None)
@given(lines=st.lists(st.sampled_from(LINES), max_size=14), data=st.data())
def test_any_split_gives_the_same_cells(lines: list[str], data: st.DataObject) -> None:
    """However the text is cut into pieces, the cells are those of the whole text."""
    text = "\n".join(lines)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=12)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert parse(pieces) == parse([text])
    assert parse(list(text)) == parse([text])


@settings(max_examples=100, deadline=None)
@given(text=st.text(alphabet="`~ \n\tpyr{}\"'x=1#%\r", max_size=80))
def test_no_text_breaks_the_parser(text: str) -> None:
    """Arbitrary text gives cells and loses none of its words to an exception."""
    assert parse(list(text)) == parse([text])

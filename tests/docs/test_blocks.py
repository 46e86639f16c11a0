"""Every fenced block of the README and the documentation shows something that works."""

from __future__ import annotations

import pytest

from tests.docs.languages import LANGUAGES, BlockError
from tests.docs.pages import Block, all_blocks
from tests.docs.tutorials import FILES, TUTORIALS

OURS = all_blocks()


def check(block: Block) -> None:
    """Check a block by its language."""
    if block.page in TUTORIALS and block.language in FILES:
        return  # it is written to a file, which the commands below it read
    if block.language not in LANGUAGES:
        known = ", ".join(sorted(LANGUAGES))
        raise BlockError(f"{block.place}: nothing checks `{block.language}`; name its language: {known}")
    LANGUAGES[block.language](block.text)


@pytest.mark.parametrize("block", OURS, ids=lambda block: block.place)
def test_a_block_works(block: Block) -> None:
    """Its options exist, its configuration is valid, its requests are taken, its names can be imported."""
    check(block)


def test_there_are_blocks() -> None:
    """The rule above is about something: the README has blocks, and the pages of the site do."""
    assert any(block.page == "README.md" for block in OURS)
    assert any(block.page.startswith("docs/how-to/") for block in OURS)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("bash", "jupyter gptoss generate --dokcs pandas --task x"),
        ("bash", "jupyter gptoss generate --effort huge --task x"),
        ("bash", "jupyter gptoss nothing"),
        ("bash", "jupyter gptoss model plan extra"),
        ("bash", "jupyter lab --GptossLabApp.model=urrl=x"),
        ("bash", "make nothing"),
        ("bash", "pip install 'gptoss-lab[nothing]'"),
        ("bash", "some-unknown-program --flag"),
        ("bash", "if then"),
        ("bash", "python -m tools.nothing"),
        ("bash", "papermill a.ipynb b.ipynb -k nothing"),
        ("bash", "curl http://h/api/v1/nothing"),
        ("bash", "curl 'http://h/api/v1/code/jobs?nothing=1'"),
        ("console", "output without a command"),
        ("python", "import nothing_of_that_name"),
        ("python", "from gptoss_lab.errors import NothingOfThatName"),
        ("python", 'c.GptossLabApp.model = {"urrl": "http://h/v1"}'),
        ("python", "c.GptossLabApp.nothing = {}"),
        ("python", 'c.GptossLabApp.audit_handlers = "no function"'),
        ("python", "def broken(:"),
        ("http", "POST /api/v1/nothing HTTP/1.1"),
        ("http", "DELETE /api/v1/health HTTP/1.1"),
        ("http", 'POST /api/v1/code/generate HTTP/1.1\n\n{"tusk": "x"}'),
        ("http", "POST /api/v1/code/generate HTTP/1.1"),
        ("ipython", "%%gptoss --dox pandas\ntask"),
        ("ipython", "%%gptoss --docs pandas"),
        ("ipython", "%gptoss nothing"),
        ("json", "{"),
        ("yaml", "a: [1"),
        ("toml", "a = "),
        ("ini", "no section"),
        ("text", "anything"),
        ("", "anything"),
        ("indented", "anything"),
    ],
)
def test_a_mistake_is_found(language: str, text: str) -> None:
    """Each check can fail."""
    with pytest.raises(Exception):  # noqa: B017, PT011 - each language has errors of its own
        check(Block("docs/page.md", 1, language, text))

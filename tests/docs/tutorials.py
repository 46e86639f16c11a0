"""The tutorials, which are run: their commands in order, in one folder."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.docs.pages import ROOT, blocks
from tests.docs.shell import sessions

TUTORIALS: Mapping[str, tuple[str, str]] = {
    "docs/tutorials/first-notebook.md": ("bubblewrap", "python"),
    "docs/tutorials/r.md": ("docker", "r"),
    "docs/tutorials/paper.md": ("docker", "r"),
}
"""Each with the runtime that it is run on, and the language of its sandbox."""

FILES = frozenset({"latex", "markdown"})
"""Blocks that are written to the file that their first line names."""

NAMED = re.compile(r"\A(?:%|#|<!--) ?(\S+\.\w+)(?: ?-->)?\n")
ELISION = "..."


def files(page: str) -> Iterator[tuple[str, str]]:
    """Return the files that a page has its reader make: name and text.

    Raises:
        ValueError: A block does not name its file.
    """
    for block in blocks(ROOT / page):
        if block.language in FILES:
            found = NAMED.match(block.text)
            if not found:
                raise ValueError(f"{block.place}: the first line of the block does not name its file")
            yield found[1], block.text


def lines(page: str) -> list[tuple[str, list[str]]]:
    """Return the commands of a page, each with what it prints."""
    shown = [block for block in blocks(ROOT / page) if block.language == "console"]
    return [session for block in shown for session in sessions(block.text)]


def matches(expected: Sequence[str], printed: str) -> bool:
    """Say whether a text is what a page shows; `...` stands for anything, lines too."""
    shown = "\n".join(line.rstrip() for line in expected).strip()
    pattern = ".*?".join(re.escape(part) for part in shown.split(ELISION))
    text = "\n".join(line.rstrip() for line in printed.splitlines()).strip()
    return re.fullmatch(pattern, text, re.DOTALL) is not None


def prepare(page: str, folder: Path) -> None:
    """Write the files of a page."""
    for name, text in files(page):
        (folder / name).write_text(text, encoding="utf-8")

"""A report as Markdown (GitHub's flavour, which JupyterLab reads too).

Source: https://github.github.com/gfm/
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from gptoss_lab.drafts.report_document import Block, Document, Facts, Heading, Inline, Link, Paragraph, Table

# As entities, what Markdown would read in a way that a backslash does not stop: markup, tables, mathematics,
# and addresses that become links by themselves.
_ENTITIES = {mark: f"&#{ord(mark)};" for mark in "&<>|$\\@"}
_MARKS = re.compile(r"[&<>|$\\@]")
_ADDRESS = re.compile(r"(?<=www)\.|:(?=//)", re.IGNORECASE)
_IN_URL = re.compile(r"[()<>\\|`*_\[\]$]")


def to_markdown(document: Document) -> str:
    """Return a document as Markdown; every text in it is shown as it is."""
    parts = [f"# {escaped(document.title)}"]
    parts += ["\n".join(_block(block)) for block in document.blocks]
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    """Return a text that Markdown shows as it is, within a line."""
    text = _MARKS.sub(lambda found: _ENTITIES[found[0]], text)
    text = _ADDRESS.sub(lambda found: f"&#{ord(found[0])};", text)
    # An entity has a number sign of its own, so those of the text are told apart by what stands before.
    return re.sub(r"(?<!&)([`*_\[\]~#])", r"\\\1", text)


def _block(block: Block) -> Iterable[str]:
    match block:
        case Heading(text):
            yield f"## {escaped(text)}"
        case Paragraph(text):
            yield escaped(text)
        case Facts(rows):
            for name, values in rows:
                yield from _fact(name, values)
        case Table(caption, head, rows):
            yield f"{escaped(caption)}:\n"
            yield _line(head)
            yield _line(["---"] * len(head), raw=True)
            yield from map(_line, rows)


def _fact(name: str, values: tuple[Inline, ...]) -> Iterable[str]:
    if len(values) == 1:
        yield f"- **{escaped(name)}:** {_inline(values[0])}"
        return
    yield f"- **{escaped(name)}:**"
    for value in values:
        yield f"  - {_inline(value)}"


def _inline(value: Inline) -> str:
    if isinstance(value, Link):
        return f"[{escaped(value.text)}](<{_IN_URL.sub(lambda found: f'%{ord(found[0]):02X}', value.url)}>)"
    return escaped(value)


def _line(cells: Iterable[str], *, raw: bool = False) -> str:
    return f"| {' | '.join(cell if raw else escaped(cell) for cell in cells)} |"

"""reStructuredText as blocks. Nothing is included, no raw output is taken."""

from __future__ import annotations

import re
from typing import Any

import docutils.frontend
import docutils.nodes
import docutils.parsers.rst
import docutils.utils
from docutils.parsers.rst import Directive, directives

from gptoss_lab.documents.blocks import Block, Page
from gptoss_lab.documents.hidden import strip_invisible

_ROLE = re.compile(r":(?:[a-zA-Z]+[:+-])*[a-zA-Z]+:`~?([^`<]*?)(?:\s*<[^>]*>)?`")
_CODE_DIRECTIVES = ("code-block", "sourcecode", "ipython", "doctest", "testcode", "plot", "jupyter-execute")
_SILENT_NAMES = """
toctree index currentmodule module automodule autoclass autofunction autosummary only tabularcolumns
highlight ipython-suppress todo testsetup testcleanup testoutput minigallery
"""
_PROSE_NAMES = """
versionadded versionchanged deprecated seealso tab-set tab-item grid card dropdown function
py:function class py:class method py:method rubric
"""


class _Code(Directive):
    """A listing of Sphinx or IPython."""

    has_content = True
    optional_arguments = 9
    final_argument_whitespace = True
    option_spec = None

    def run(self) -> list[docutils.nodes.Node]:
        """Return a literal block."""
        text = "\n".join(line for line in self.content if not re.match(r"^\s*:[\w-]+:", line))
        node = docutils.nodes.literal_block(text, text)
        language = (
            self.arguments[0].split()[0]
            if self.arguments and self.name in {"code-block", "sourcecode"}
            else "python"
        )
        node["classes"] = ["code", language]
        return [node]


class _Silent(Directive):
    """A directive that shows nothing of its own."""

    has_content = True
    optional_arguments = 99
    final_argument_whitespace = True

    def run(self) -> list[docutils.nodes.Node]:
        """Return nothing."""
        return []


class _Text(Directive):
    """A directive whose content is ordinary text."""

    has_content = True
    optional_arguments = 99
    final_argument_whitespace = True

    def run(self) -> list[docutils.nodes.Node]:
        """Return the argument and the content."""
        holder = docutils.nodes.container()
        if self.arguments:
            holder += docutils.nodes.paragraph("", self.arguments[0])
        self.state.nested_parse(self.content, self.content_offset, holder)
        return [holder]


def _register() -> None:
    for names, kind in (
        (_CODE_DIRECTIVES, _Code),
        (_SILENT_NAMES.split(), _Silent),
        (_PROSE_NAMES.split(), _Text),
    ):
        for name in names:
            directives.register_directive(name, kind)


def read_rst(text: str, *, fallback_title: str) -> Page:
    """Parse reStructuredText; Sphinx roles become their text, Sphinx listings stay code."""
    _register()
    source = _ROLE.sub(r"``\1``", strip_invisible(text))
    parser = docutils.parsers.rst.Parser()
    settings: Any = docutils.frontend.get_default_settings(parser)
    settings.file_insertion_enabled = False
    settings.raw_enabled = False
    settings.report_level = 5
    settings.halt_level = 5
    settings.warning_stream = ""
    settings.line_length_limit = 1_000_000
    document = docutils.utils.new_document("<source>", settings)
    parser.parse(source, document)
    reader = _Reader()
    reader.read(document, 0)
    title = next((block.text for block in reader.blocks if block.kind == "heading"), fallback_title)
    return Page(title, reader.blocks)


class _Reader:
    def __init__(self) -> None:
        self.blocks: list[Block] = []

    def read(self, node: docutils.nodes.Node, level: int) -> None:
        """Write the blocks of the children of a node, in order."""
        for child in node.children:
            if isinstance(child, docutils.nodes.section):
                self._section(child, level + 1)
            elif isinstance(child, docutils.nodes.title):
                self.blocks.append(Block("heading", child.astext(), level=max(level, 1)))
            elif isinstance(child, (docutils.nodes.literal_block, docutils.nodes.doctest_block)):
                self._code(child)
            elif isinstance(
                child, (docutils.nodes.paragraph, docutils.nodes.term, docutils.nodes.field_name)
            ):
                self._prose(child)
            elif isinstance(child, docutils.nodes.table):
                self.blocks.append(Block("table", _table(child)))
            elif not isinstance(
                child, (docutils.nodes.Invisible, docutils.nodes.system_message, docutils.nodes.Text)
            ):
                self.read(child, level)

    def _section(self, node: docutils.nodes.section, level: int) -> None:
        start = len(self.blocks)
        self.read(node, level)
        if start < len(self.blocks) and self.blocks[start].kind == "heading":
            head = self.blocks[start]
            anchor = next(iter(node.get("ids", [])), "")
            self.blocks[start] = Block("heading", head.text, level=level, anchor=anchor)

    def _code(self, node: docutils.nodes.Element) -> None:
        given: list[str] = node.get("classes", [])
        classes = [name for name in given if name != "code"]
        language = (
            classes[0] if classes else "python" if isinstance(node, docutils.nodes.doctest_block) else ""
        )
        if node.astext().strip():
            self.blocks.append(Block("code", node.astext().strip("\n"), language=language))

    def _prose(self, node: docutils.nodes.Element) -> None:
        text = " ".join(node.astext().split())
        if text:
            inside_list = isinstance(node.parent, docutils.nodes.list_item)
            self.blocks.append(Block("prose", f"- {text}" if inside_list else text))


def _table(node: docutils.nodes.Element) -> str:
    rows = [
        [" ".join(entry.astext().split()).replace("|", "\\|") for entry in row.findall(docutils.nodes.entry)]
        for row in node.findall(docutils.nodes.row)
    ]
    if not rows:
        return ""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join((lines[0], "|" + " --- |" * len(rows[0]), *lines[1:]))

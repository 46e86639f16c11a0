"""A paper in HTML as blocks: what LaTeXML makes of LaTeX (arXiv, ar5iv), and ordinary pages."""

from __future__ import annotations

import re
from collections.abc import Callable

from selectolax.lexbor import LexborNode

from gptoss_lab.documents.html_nodes import code_language
from gptoss_lab.errors import DocumentError
from gptoss_lab.papers.draft import Draft, grid_text
from gptoss_lab.papers.html_tables import grid, steps
from gptoss_lab.papers.html_text import classes, every, kids, latex_of, listing, run, visible
from gptoss_lab.papers.latex_text import formula
from gptoss_lab.papers.meanings import with_meanings

LOST = ("What figures show is not read.", "The pages are not known: the form has none.")

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_CONTENT = ("article.ltx_document", "article", "main", "[role=main]", "body")
_CONTAINERS = """
p div section article ul ol li dl dt dd table pre blockquote figure figcaption main details summary aside hr
header center
"""
_BLOCKS = frozenset(_CONTAINERS.split())
_LABEL = re.compile(r"^\s*((?:Table|Figure|Algorithm|Listing)\s+[A-Z]?[\d.]+)\s*[:.]?\s*", re.IGNORECASE)
_NUMBER = re.compile(r"^\s*(?:[A-Z]|Appendix [A-Z]|\d+)(?:\.\d+)*\.?\s+(?=\S)")
_EQUATION_NUMBER = re.compile(r"\(\s*[A-Z]?[\d.]+[a-z]?\s*\)")
_DISPLAY = re.compile(r"^\s*(?:\\\[(?P<a>.*)\\\]|\$\$(?P<b>.*)\$\$)\s*$", re.DOTALL)
_BLOCK_CLASS = re.compile(r"^ltx_(?:para|equation|equationgroup|listing|theorem|proof|float|bibliography)$")
_OUTPUT = frozenset({"output", "Rout", "sourceOutput", "cell-output", "cell_output"})
_PROMPT = re.compile(r"^\s*##? ", re.MULTILINE)
_REFERENCES = ("references", "bibliography", "literature", "literature cited", "works cited")
_MAX_DEPTH = 150


def read_html(text: str, name: str, report: Callable[[int, int], None] | None = None) -> Draft:
    """Read a paper in HTML.

    Raises:
        DocumentError: It holds no text.
    """
    tree = visible(text)
    draft = Draft(lost=list(LOST))
    root = next((node for selector in _CONTENT if (node := tree.css_first(selector)) is not None), None)
    if root is None:
        raise DocumentError(f"{name} holds no text")
    title = root.css_first("h1.ltx_title_document, h1") or tree.css_first("title")
    draft.title = run(title) if title is not None else ""
    _front(draft, root)
    reader = _Reader(draft)
    reader.walk(root, 0)
    reader.flush()
    if not draft.blocks:
        raise DocumentError(
            f"{name} holds no text", hint="A page that is written in the browser cannot be read; use the PDF."
        )
    draft.blocks = with_meanings(draft.blocks)
    if report is not None:
        report(1, 1)
    return draft


def _front(draft: Draft, root: LexborNode) -> None:
    names = [
        run(node) for node in root.css(".ltx_personname, .author-name, [itemprop=author], .author .name")
    ]
    found = [part.strip(" *,0123456789^") for name in names for part in re.split(r",|;|\band\b|&", name)]
    draft.authors = tuple(dict.fromkeys(name for name in found if 1 < len(name) <= 60))  # noqa: PLR2004 - a name
    abstract = root.css_first(".ltx_abstract, #abstract, .abstract")
    if abstract is not None:
        draft.abstract = re.sub(r"^abstract\W*", "", run(abstract), flags=re.IGNORECASE).strip()


class _Reader:
    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._inline: list[str] = []
        self._anchor = ""
        self._notes = 0
        self._waiting: list[str] = []
        self._in_abstract = False

    def walk(self, node: LexborNode, depth: int) -> None:
        """Read what stands below a node, in order."""
        for child in kids(node):
            if child.is_element_node and self._is_block(child):
                self.flush()
                if depth < _MAX_DEPTH:
                    self._block(child, depth)
                self.flush()
            elif child.is_text_node:
                self._inline.append(child.text(deep=True))
            elif child.is_element_node:
                self._run(child)

    def flush(self) -> None:
        """Close the paragraph that is open."""
        text, self._inline = " ".join("".join(self._inline).split()), []
        display = _DISPLAY.match(text)
        if display:
            self._equation(display["a"] or display["b"] or "", "", self._anchor)
        elif any(char.isalnum() for char in text):
            if self._in_abstract and not self._draft.abstract:
                self._draft.abstract = text
            self._draft.add("prose", text, anchor=self._anchor)
        notes, self._waiting = self._waiting, []
        for note in notes:
            self._footnote(note)

    def _footnote(self, text: str) -> None:
        self._notes += 1
        self._draft.add("footnote", text, label=str(self._notes))

    def _is_block(self, node: LexborNode) -> bool:
        if node.tag in _BLOCKS or node.tag in _HEADINGS:
            return True
        marks = classes(node)
        if any(_BLOCK_CLASS.match(mark) for mark in marks) or "ltx_bibitem" in marks:
            return True
        if node.tag == "math" and node.attributes.get("display") == "block":
            return True
        inner = node.css_first("table, pre, p, h1, h2, h3, figure, .ltx_equation")
        return node.tag in {"span", "a", "b"} and inner is not None and "ltx_note" not in marks

    def _run(self, node: LexborNode) -> None:
        """Take a run of text; footnotes in it are blocks of their own."""
        for note in node.css(".ltx_role_footnote"):
            self._note(note)
        if "ltx_role_footnote" in classes(node):
            return
        before = " " if node.text(deep=True)[:1].isspace() else ""
        after = " " if node.text(deep=True)[-1:].isspace() else ""
        self._inline.append(f"{before}{run(node)}{after}")

    def _note(self, note: LexborNode) -> None:
        content = note.css_first(".ltx_note_content") or note
        for mark in content.css(".ltx_note_mark, .ltx_tag_note, .ltx_note_type"):
            mark.decompose()
        self._waiting.append(_inside(content))

    def _block(self, node: LexborNode, depth: int) -> None:
        marks = classes(node)
        anchor = node.attributes.get("id") or ""
        self._anchor = anchor or self._anchor
        if node.tag in _HEADINGS:
            self._heading(node)
        elif marks & {"ltx_equation", "ltx_equationgroup"} or node.tag == "math":
            self._equations(node, anchor)
        elif marks & {
            "ltx_authors",
            "ltx_dates",
            "ltx_keywords",
            "ltx_classification",
            "author-name",
            "author",
        }:
            return
        elif "ltx_bibitem" in marks:
            tag = node.css_first(".ltx_tag_bibitem, .ltx_tag")
            label = run(tag) if tag is not None else ""
            self._draft.add(
                "reference", _inside(node).removeprefix(label).strip(), label=label, anchor=anchor
            )
        elif node.tag == "pre" or "ltx_listing" in marks or "ltx_verbatim" in marks:
            self._listing(node, marks)
        else:
            self._container(node, marks, anchor, depth)

    def _container(self, node: LexborNode, marks: frozenset[str], anchor: str, depth: int) -> None:
        algorithm = any("algorithm" in mark.lower() for mark in marks)
        if algorithm and node.tag != "section":
            self._algorithm(node, anchor)
        elif node.tag == "figure" or marks & {"ltx_table", "ltx_figure", "ltx_float"}:
            self._figure(node, anchor)
        elif node.tag == "table":
            self._table(node, "", "", anchor)
        elif node.tag in {"section", "aside", "div", "ol"} and self._is_notes(node, marks):
            for item in node.css("li, p.footnote") or [node]:
                self._footnote(run(item).rstrip("\u21a9 "))
        elif node.tag == "li" and self._in_references():
            self._draft.add("reference", _inside(node), anchor=anchor)
        else:
            if node.tag == "li":
                self._inline.append("- ")
            self.walk(node, depth + 1)

    def _is_notes(self, node: LexborNode, marks: frozenset[str]) -> bool:
        named = marks | {node.attributes.get("id") or "", node.attributes.get("role") or ""}
        return bool(named & {"footnotes", "footnote", "doc-endnotes", "doc-footnote"})

    def _in_references(self) -> bool:
        sections = self._draft.sections
        return bool(sections) and sections[-1].title.lower() in _REFERENCES

    def _heading(self, node: LexborNode) -> None:
        marks = classes(node)
        text = run(node)
        if "ltx_title_document" in marks or (node.tag == "h1" and text == self._draft.title):
            return
        self._in_abstract = "ltx_title_abstract" in marks or text.lower() == "abstract"
        if self._in_abstract:
            return
        level = _level(node, marks)
        self._anchor = node.attributes.get("id") or _id_above(node) or self._anchor
        self._draft.heading(_NUMBER.sub("", text, count=1), level, anchor=self._anchor)

    def _equations(self, node: LexborNode, anchor: str) -> None:
        rows = every(node, ".ltx_eqn_row") or [node]
        waiting: list[str] = []
        for at, row in enumerate(rows):
            found = [row] if row.tag == "math" else every(row, "math")
            waiting += [latex for one in found if (latex := latex_of(one))]
            tag = row.css_first(".ltx_tag_equation, .ltx_eqn_eqno")
            label = run(tag).replace(" ", "") if tag is not None else ""
            if waiting and (label or at == len(rows) - 1):
                own = row.attributes.get("id") or (_id_above(row) if row is not node else "")
                self._equation(" ".join(waiting), label, own or anchor)
                waiting = []

    def _equation(self, latex: str, label: str, anchor: str) -> None:
        label = label if _EQUATION_NUMBER.fullmatch(label) else ""
        self._draft.add(
            "equation", f"{formula(latex)} {label}".strip(), latex=latex.strip(), label=label, anchor=anchor
        )

    def _algorithm(self, node: LexborNode, anchor: str) -> None:
        label, caption = self._caption(node)
        self._draft.add("algorithm", steps(node), label=label, caption=caption, anchor=anchor)

    def _figure(self, node: LexborNode, anchor: str) -> None:
        label, caption = self._caption(node)
        if label.lower().startswith("algorithm"):
            self._draft.add("algorithm", steps(node), label=label, caption=caption, anchor=anchor)
            return
        for listed in node.css("pre"):
            self._listing(listed, classes(listed))
        tables = [table for table in every(node, "table, .ltx_tabular") if not every(table, "table")]
        for table in tables:
            self._table(table, label, caption, anchor)
        self._draft.add("caption", caption, label=label, anchor=anchor)

    def _caption(self, node: LexborNode) -> tuple[str, str]:
        found = node.css_first("figcaption, caption, .ltx_caption")
        if found is None:
            return "", ""
        text = run(found)
        label = _LABEL.match(text)
        found.decompose()
        name = " ".join(label[1].split()).rstrip(".") if label else ""
        return name, text[label.end() :].strip() if label else text

    def _table(self, node: LexborNode, label: str, caption: str, anchor: str) -> None:
        if not caption:
            label, caption = self._caption(node)
            self._draft.add("caption", caption, label=label, anchor=anchor)
        rows = grid(node)
        if rows:
            text = grid_text(rows)
            self._draft.add("table", text, label=label, caption=caption, rows=rows, anchor=anchor)

    def _listing(self, node: LexborNode, marks: frozenset[str]) -> None:
        lines = node.css(".ltx_listingline")
        text = "\n".join(listing(line) for line in lines) if lines else listing(node)
        above = classes(node.parent) if node.parent is not None else frozenset()
        plain = not code_language(node) and _PROMPT.search(text) is not None and text.startswith("##")
        if (marks | above) & _OUTPUT or plain:
            self._draft.add("output", text)
        else:
            self._draft.add("code", text, language=code_language(node).lower())


def _level(node: LexborNode, marks: frozenset[str]) -> int:
    named = {
        "ltx_title_section": 1,
        "ltx_title_appendix": 1,
        "ltx_title_bibliography": 1,
        "ltx_title_subsection": 2,
        "ltx_title_subsubsection": 3,
        "ltx_title_paragraph": 4,
    }
    stated = next((level for mark, level in named.items() if mark in marks), None)
    return stated or max(_HEADINGS[node.tag or "h2"] - 1, 1)


def _id_above(node: LexborNode) -> str:
    parent = node.parent
    return (parent.attributes.get("id") or "") if parent is not None and parent.is_element_node else ""


def _inside(node: LexborNode) -> str:
    """Return the text below a node that `run` would take for a mark."""
    return " ".join(text for child in kids(node) if (text := run(child)))

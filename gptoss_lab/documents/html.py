"""The main content of an HTML page, as blocks: fences with language, tables, exact signatures."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from gptoss_lab.documents.blocks import Block, Page, Symbol, SymbolKind
from gptoss_lab.documents.hidden import hides, strip_invisible
from gptoss_lab.documents.html_nodes import (
    KINDS,
    api_kind,
    children,
    code_language,
    inline,
    item_mark,
    section_id,
    signature,
    table,
)
from gptoss_lab.documents.html_objects import doc_object, r_topic, take_signature

# The first that a page has holds its main content, across the common documentation themes.
_CONTENT_SELECTORS = """
div[itemprop=articleBody]
article[role=main]
article.bd-article
[role=main]
.md-content__inner
main
article
.contents.col-md-9
body
"""
_CONTENT = tuple(_CONTENT_SELECTORS.split("\n"))[1:-1]
_DROPPED = """
script, style, template, noscript, iframe, object, svg, form, button, input, select, nav,
header.md-header, footer, a.headerlink, a.viewcode-link, .viewcode-back, [role=navigation],
.toctree-wrapper, div.contents.topic, nav.contents, #toc, .toc, .sphinxsidebar, .related, .copybtn,
.md-clipboard, .prev-next-area, .rst-breadcrumbs-buttons, .wy-breadcrumbs, .linenos, .gp.copy,
.md-source-file, .edit-this-page, [hidden], [aria-hidden=true], .sr-only, .visually-hidden, dialog,
.sphx-glr-script-out, .sphx-glr-timing, .sphx-glr-footer, .sphx-glr-signature,
.sphx-glr-download-link-note, .d-none.name, .hidden.name, .doc-source-link, details.mkdocstrings-source
"""
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCK_TAGS = """
p div section article ul ol li dl dt dd table pre blockquote figure main details summary
aside hr header center
"""
_BLOCKS = frozenset(_BLOCK_TAGS.split())
_MAX_DEPTH = 200


def read_html(text: str, *, fallback_title: str) -> Page:
    """Parse a page: its main content without navigation, controls or anything hidden."""
    tree = LexborHTMLParser(text)
    root = next((node for selector in _CONTENT if (node := tree.css_first(selector)) is not None), None)
    if root is None:
        return Page(fallback_title)
    for node in root.css(_DROPPED):
        node.decompose()
    for node in root.css("[style]"):
        if hides(node.attributes.get("style") or ""):
            node.decompose()
    title = _title(tree, root) or fallback_title
    reader = _Reader()
    reader.walk(root, 0)
    reader.flush()
    return Page(title, reader.blocks, reader.symbols or r_topic(tree, title, reader.blocks))


def _title(tree: LexborHTMLParser, root: LexborNode) -> str:
    for node in (root.css_first("h1"), tree.css_first("title")):
        if node is not None and (text := inline(node).strip().replace("`", "")):
            return text
    return ""


class _Reader:
    """Walks the tree once and writes blocks; API descriptions become symbols as well."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.symbols: list[Symbol] = []
        self._inline: list[str] = []
        self._prefix = ""
        self._language = ""

    def walk(self, node: LexborNode, depth: int) -> None:
        """Read the children of a node in order."""
        child = node.child
        while child is not None:
            if child.is_text_node or child.tag not in _BLOCKS | _HEADINGS.keys():
                self._inline_or_inner(child, depth)
            else:
                self.flush()
                self._block(child, depth)
                self.flush()
            child = child.next

    def flush(self) -> None:
        """Close the paragraph that is open."""
        text = re.sub(r"[ \t]*\n[ \t]*|[ \t]{2,}", " ", "".join(self._inline)).strip()
        self._inline = []
        if text:
            self.blocks.append(Block("prose", f"{self._prefix}{text}"))
            self._prefix = " " * len(self._prefix)

    def _inline_or_inner(self, child: LexborNode, depth: int) -> None:
        if child.is_comment_node:
            return
        if (
            child.is_element_node
            and depth < _MAX_DEPTH
            and child.css_first("pre, p, table, ul, div, h1, h2, h3") is not None
        ):
            self.walk(child, depth + 1)
        else:
            self._inline.append(inline(child))

    def _block(self, node: LexborNode, depth: int) -> None:
        tag = node.tag or ""
        if tag in _HEADINGS or tag == "pre":
            self._leaf(node, tag)
        elif tag == "table" and node.css_first("pre") is None:
            rows = table(node)
            if rows:
                self.blocks.append(Block("table", rows))
        elif tag == "dl" and api_kind(node):
            self._api(node, depth)
        elif tag == "div" and (described := doc_object(node)) is not None:
            self._doc_object(node, *described, depth)
        elif depth < _MAX_DEPTH:
            outer = self._prefix
            if tag == "li":
                self._prefix = f"{' ' * len(outer)}{item_mark(node)} "
            self.walk(node, depth + 1)
            self.flush()
            self._prefix = outer

    def _leaf(self, node: LexborNode, tag: str) -> None:
        if tag == "pre":
            code = strip_invisible(node.text(deep=True)).strip("\n")
            if code.strip():
                self.blocks.append(Block("code", code, language=code_language(node)))
            return
        anchor = node.attributes.get("id") or section_id(node) or ""
        title = inline(node).strip().replace("`", "")
        if title:
            self.blocks.append(Block("heading", title, level=_HEADINGS[tag], anchor=anchor))

    def _api(self, node: LexborNode, depth: int) -> None:
        """Read a Sphinx object description: signature, then text; members inside are their own symbols."""
        kind = KINDS[api_kind(node)]
        terms = [child for child in children(node) if child.tag == "dt"]
        inner = _Reader()
        for child in children(node):
            if child.tag == "dd" and depth < _MAX_DEPTH:
                inner.walk(child, depth + 1)
                inner.flush()
        shown = [signature(term) for term in terms]
        named = [term.attributes.get("id") or "" for term in terms]
        names = (
            [name for name in named if name] or [re.split(r"[(\s:=]", shown[0], maxsplit=1)[0]]
            if shown
            else []
        )
        self._describe(names, kind, shown, inner)

    def _doc_object(self, node: LexborNode, name: str, kind: SymbolKind, depth: int) -> None:
        """Read what mkdocstrings says of an object, as a description of Sphinx is read."""
        shown = take_signature(node)
        inner = _Reader()
        if depth < _MAX_DEPTH:
            inner.walk(node, depth + 1)
            inner.flush()
        self._describe([name], kind, [shown or name], inner)

    def _describe(self, names: list[str], kind: SymbolKind, shown: list[str], inner: _Reader) -> None:
        if names:
            self.symbols.append(_symbol(names, kind, shown[0], inner.blocks))
            self.symbols += inner.symbols
        if not inner.symbols:
            self.blocks.append(Block("prose", "\n".join(f"`{item}`" for item in shown)))
            self.blocks += [block for block in inner.blocks if block.kind != "code"]


def _symbol(names: list[str], kind: SymbolKind, signature: str, blocks: list[Block]) -> Symbol:
    prose = [block.text for block in blocks if block.kind in {"prose", "table"}]
    examples: list[str] = []
    for block in blocks:
        if block.kind == "code" or (block.kind == "prose" and examples):
            examples.append(block.text)
    summary = prose[0][:300] if prose else ""
    return Symbol(
        qualname=names[0],
        kind=kind,
        signature=signature,
        summary=" ".join(summary.split()),
        body="\n\n".join(prose),
        examples="\n\n".join(examples),
        aliases=tuple(names[1:]),
        anchor=names[0],
    )

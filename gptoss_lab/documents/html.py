"""The main content of an HTML page, as blocks: fences with language, tables, exact signatures."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from gptoss_lab.documents.blocks import Block, Page, Symbol, SymbolKind
from gptoss_lab.documents.hidden import strip_invisible

# The first that a page has holds its main content, across the common documentation themes.
_CONTENT_SELECTORS = """
div[itemprop=articleBody]
article[role=main]
article.bd-article
[role=main]
.md-content__inner
main
article
body
"""
_CONTENT = tuple(_CONTENT_SELECTORS.split("\n"))[1:-1]
_DROPPED = """
script, style, template, noscript, iframe, object, svg, form, button, input, select, nav,
header.md-header, footer, a.headerlink, a.viewcode-link, .viewcode-back, [role=navigation],
.toctree-wrapper, div.contents, nav.contents, #toc, .toc, .sphinxsidebar, .related, .copybtn,
.md-clipboard, .prev-next-area, .rst-breadcrumbs-buttons, .wy-breadcrumbs, .linenos, .gp.copy,
.md-source-file, .edit-this-page, [hidden], [aria-hidden=true], .sr-only, .visually-hidden, dialog,
.sphx-glr-script-out, .sphx-glr-timing, .sphx-glr-footer, .sphx-glr-signature,
.sphx-glr-download-link-note
"""
_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?:\.0+)?\s*(?:;|$)"
    r"|font-size\s*:\s*[01](?:\.\d+)?(?:px|pt)?\s*(?:;|$)"
    r"|(?<![-\w])color\s*:\s*(?:white\b|#fff(?:fff)?\b|transparent)"
    r"|text-indent\s*:\s*-\d{3,}|left\s*:\s*-\d{4,}px",
    re.IGNORECASE,
)
_LANGUAGE = re.compile(r"(?:^|\s)(?:highlight|language|lang|sourceCode|src)-?(?:source-)?\s*([\w+.{}-]*)")
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCK_TAGS = """
p div section article ul ol li dl dt dd table pre blockquote figure main details summary
aside hr header center
"""
_BLOCKS = frozenset(_BLOCK_TAGS.split())
_KINDS: dict[str, SymbolKind] = {
    "function": "function",
    "class": "class",
    "exception": "class",
    "method": "method",
    "classmethod": "method",
    "staticmethod": "method",
    "attribute": "attribute",
    "property": "attribute",
    "data": "attribute",
    "module": "module",
}
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
        if _HIDING.search(node.attributes.get("style") or ""):
            node.decompose()
    title = _title(tree, root) or fallback_title
    reader = _Reader()
    reader.walk(root, 0)
    reader.flush()
    return Page(title, reader.blocks, reader.symbols)


def _title(tree: LexborHTMLParser, root: LexborNode) -> str:
    for node in (root.css_first("h1"), tree.css_first("title")):
        if node is not None and (text := _inline(node).strip().replace("`", "")):
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
            self._inline.append(_inline(child))

    def _block(self, node: LexborNode, depth: int) -> None:
        tag = node.tag or ""
        if tag in _HEADINGS or tag == "pre":
            self._leaf(node, tag)
        elif tag == "table" and node.css_first("pre") is None:
            rows = _table(node)
            if rows:
                self.blocks.append(Block("table", rows))
        elif tag == "dl" and _api_kind(node):
            self._api(node, depth)
        elif depth < _MAX_DEPTH:
            outer = self._prefix
            if tag == "li":
                self._prefix = f"{' ' * len(outer)}- "
            self.walk(node, depth + 1)
            self.flush()
            self._prefix = outer

    def _leaf(self, node: LexborNode, tag: str) -> None:
        if tag == "pre":
            code = strip_invisible(node.text(deep=True)).strip("\n")
            if code.strip():
                self.blocks.append(Block("code", code, language=_code_language(node)))
            return
        anchor = node.attributes.get("id") or _section_id(node) or ""
        title = _inline(node).strip().replace("`", "")
        if title:
            self.blocks.append(Block("heading", title, level=_HEADINGS[tag], anchor=anchor))

    def _api(self, node: LexborNode, depth: int) -> None:
        """Read a Sphinx object description: signature, then text; members inside are their own symbols."""
        kind = _KINDS[_api_kind(node)]
        terms = [child for child in _children(node) if child.tag == "dt"]
        inner = _Reader()
        for child in _children(node):
            if child.tag == "dd" and depth < _MAX_DEPTH:
                inner.walk(child, depth + 1)
                inner.flush()
        shown = [_signature(term) for term in terms]
        named = [term.attributes.get("id") or "" for term in terms]
        names = (
            [name for name in named if name] or [re.split(r"[(\s:=]", shown[0], maxsplit=1)[0]]
            if shown
            else []
        )
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


def _children(node: LexborNode) -> Iterator[LexborNode]:
    child = node.child
    while child is not None:
        if child.is_element_node:
            yield child
        child = child.next


def _api_kind(node: LexborNode) -> str:
    classes = (node.attributes.get("class") or "").split()
    if "py" not in classes and not {"function", "class", "method"} & set(classes):
        return ""
    return next((name for name in classes if name in _KINDS), "")


def _signature(term: LexborNode) -> str:
    text = strip_invisible(term.text(deep=True))
    text = re.sub(r"\s+", " ", text).replace("[source]", "").replace("¶", "").strip().rstrip("#").strip()
    text = re.sub(r"^(?:(?:abstract|async|class|classmethod|exception|final|property|static)\s+)+", "", text)
    return re.sub(r"\(\s+|,\s*\)", lambda match: "(" if match.group().startswith("(") else ")", text)


def _section_id(node: LexborNode) -> str:
    parent = node.parent
    return (
        (parent.attributes.get("id") or "") if parent is not None and parent.tag in {"section", "div"} else ""
    )


def _code_language(node: LexborNode) -> str:
    """Return the language that the classes of a listing or of what holds it name."""
    inner = node.css_first("code")
    nodes = [inner, node, node.parent, node.parent.parent if node.parent is not None else None]
    for item in nodes:
        classes = (item.attributes.get("class") or "") if item is not None else ""
        match = _LANGUAGE.search(classes)
        if match and match.group(1) not in {"", "default", "none", "notranslate"}:
            return match.group(1)
        if "sourceCode" in classes or "doctest" in classes:
            return (
                "python" if "doctest" in classes else classes.replace("sourceCode", "").strip().split(" ")[0]
            )
    return ""


def _inline(node: LexborNode) -> str:
    """Return the text of a run, with code in backticks."""
    if node.is_text_node:
        return strip_invisible(node.text(deep=True)).replace("\n", " ")
    if node.is_comment_node:
        return ""
    if node.tag == "br":
        return " "
    if node.tag in {"code", "tt", "kbd", "samp"}:
        text = strip_invisible(node.text(deep=True)).strip()
        return f"`{text}`" if text and "`" not in text else text
    if node.tag == "img":
        return node.attributes.get("alt") or "" if "math" in (node.attributes.get("class") or "") else ""
    parts: list[str] = [" : "] if "classifier" in (node.attributes.get("class") or "") else []
    child = node.child
    while child is not None:
        parts.append(_inline(child))
        child = child.next
    return "".join(parts)


def _table(node: LexborNode) -> str:
    """Return a table with pipes; the first row is its head."""
    rows: list[list[str]] = []
    for row in node.css("tr"):
        cells = [_inline(cell).strip().replace("|", "\\|") for cell in row.css("th, td")]
        if any(cells):
            rows.append([" ".join(cell.split()) for cell in cells])
    if not rows:
        return ""
    width = max(len(row) for row in rows)
    lines = ["| " + " | ".join(row + [""] * (width - len(row))) + " |" for row in rows]
    return "\n".join((lines[0], "|" + " --- |" * width, *lines[1:]))

"""Runs of text in the HTML of a paper, mathematics as LaTeX."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from gptoss_lab.documents.hidden import hides, strip_invisible
from gptoss_lab.papers.letters import prose

_DROPPED = """
style, template, noscript, iframe, object, svg, form, button, input, select, nav, header.desktop_header,
footer, [hidden], [aria-hidden=true], .ltx_page_header, .ltx_page_footer, .ltx_page_navbar, .ltx_ERROR,
.ltx_role_navigation, .sr-only, .visually-hidden, dialog, .ltx_pagination, .package-alerts, .ar5iv-footer,
.html-header-nav, a.headerlink, meta, link
"""
_RULE = re.compile(r"([^{}@]{1,200})\{([^{}]{0,2000})\}")
_SIMPLE = re.compile(r"^[\w\s.#,-]+$")
_MAX_STYLES = 200_000
_MAX_DEPTH = 120
_ANCHOR = re.compile(r"^#")


def visible(text: str) -> LexborHTMLParser:
    """Return the tree of a page without anything that a reader does not see."""
    tree = LexborHTMLParser(text)
    _drop_styled(tree)
    for node in tree.css("script"):
        if "math/tex" not in (node.attributes.get("type") or ""):
            node.decompose()
    for node in tree.css(_DROPPED):
        node.decompose()
    for node in tree.css("[style]"):
        if hides(node.attributes.get("style") or ""):
            node.decompose()
    return tree


def _drop_styled(tree: LexborHTMLParser) -> None:
    """Drop what a style sheet in the page hides."""
    styles = "\n".join(node.text() for node in tree.css("style"))[:_MAX_STYLES]
    for selector, rule in _RULE.findall(re.sub(r"/\*.*?\*/", "", styles, flags=re.DOTALL)):
        if hides(rule) and _SIMPLE.match(selector.strip()):
            for node in tree.css(selector.strip()):
                node.decompose()


def kids(node: LexborNode) -> Iterator[LexborNode]:
    """Yield what stands right below a node, text too."""
    child = node.child
    while child is not None:
        following = child.next
        yield child
        child = following


def every(node: LexborNode, selector: str) -> list[LexborNode]:
    """Return what matches below a node, once each and in order."""
    found = {one.mem_id: one for one in node.css(selector) if one.mem_id != node.mem_id}
    return list(found.values())


def classes(node: LexborNode) -> frozenset[str]:
    """Return the classes of an element."""
    return frozenset((node.attributes.get("class") or "").split()) if node.is_element_node else frozenset()


def latex_of(node: LexborNode) -> str:
    """Return the LaTeX of a piece of mathematics; empty where it states none."""
    stated = node.attributes.get("alttext") or ""
    if not stated:
        annotation = node.css_first("annotation")
        stated = annotation.text(deep=True) if annotation is not None else ""
    return " ".join(strip_invisible(stated).replace("\\displaystyle", "").split())


def run(node: LexborNode) -> str:
    """Return what a run of text says, with single spaces."""
    return prose("".join(_pieces(node, 0)))


def _pieces(node: LexborNode, depth: int) -> Iterator[str]:
    if node.is_text_node:
        yield strip_invisible(node.text(deep=True))
    elif node.is_element_node and depth < _MAX_DEPTH:
        yield from _element(node, depth)


def _element(node: LexborNode, depth: int) -> Iterator[str]:
    tag, marks = node.tag, classes(node)
    if tag == "math" or (tag == "script" and "math/tex" in (node.attributes.get("type") or "")):
        latex = latex_of(node) if tag == "math" else node.text(deep=True).strip()
        yield f"${latex}$" if latex else strip_invisible(node.text(deep=True))
        return
    if "ltx_note" in marks or "ltx_tag_note" in marks or _is_note_mark(node):
        return
    if tag == "br":
        yield " "
        return
    inner = "".join(piece for child in kids(node) for piece in _pieces(child, depth + 1))
    if tag in {"sup", "sub"} and inner.strip():
        yield f"{'^' if tag == 'sup' else '_'}{inner.strip()}"
    elif tag in {"td", "th", "p", "div", "li"}:
        yield f" {inner} "
    else:
        yield inner


def _is_note_mark(node: LexborNode) -> bool:
    """Say whether an element only points to a footnote."""
    if node.tag != "sup":
        return False
    link = node.css_first("a[href]")
    return link is not None and _ANCHOR.match(link.attributes.get("href") or "") is not None


def listing(node: LexborNode) -> str:
    """Return the lines of a listing with their indentation."""
    return strip_invisible(node.text(deep=True)).strip("\n").rstrip()

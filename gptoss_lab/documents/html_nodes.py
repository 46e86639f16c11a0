"""What single nodes of a page say: runs of text, tables, the language of a listing, a signature."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from gptoss_lab.documents.blocks import SymbolKind
from gptoss_lab.documents.hidden import strip_invisible

_LANGUAGE = re.compile(r"(?:^|\s)(?:highlight|language|lang|sourceCode|src)-?(?:source-)?\s*([\w+.{}-]*)")
KINDS: dict[str, SymbolKind] = {
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


def children(node: LexborNode) -> Iterator[LexborNode]:
    """Yield the elements right below a node."""
    child = node.child
    while child is not None:
        if child.is_element_node:
            yield child
        child = child.next


def api_kind(node: LexborNode) -> str:
    """Return the kind of object that a Sphinx description list is about; empty when it is an ordinary one."""
    classes = (node.attributes.get("class") or "").split()
    if "py" not in classes and not {"function", "class", "method"} & set(classes):
        return ""
    return next((name for name in classes if name in KINDS), "")


def signature(term: LexborNode) -> str:
    """Return the signature that a term shows, without keywords and link marks."""
    text = strip_invisible(term.text(deep=True))
    text = re.sub(r"\s+", " ", text).replace("[source]", "").replace("¶", "").strip().rstrip("#").strip()
    text = re.sub(r"^(?:(?:abstract|async|class|classmethod|exception|final|property|static)\s+)+", "", text)
    return re.sub(r"\(\s+|,\s*\)", lambda match: "(" if match.group().startswith("(") else ")", text)


def section_id(node: LexborNode) -> str:
    """Return the anchor of the section that a heading opens."""
    parent = node.parent
    return (
        (parent.attributes.get("id") or "") if parent is not None and parent.tag in {"section", "div"} else ""
    )


def code_language(node: LexborNode) -> str:
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


def inline(node: LexborNode) -> str:
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
        parts.append(inline(child))
        child = child.next
    return "".join(parts)


def item_mark(node: LexborNode) -> str:
    """Return what stands before an item of a list: its number, or a dash."""
    parent = node.parent
    if parent is None or parent.tag != "ol":
        return "-"
    at = next((at for at, item in enumerate(_items(parent), start=1) if item == node), 1)
    return f"{at}."


def _items(node: LexborNode) -> Iterator[LexborNode]:
    return (child for child in children(node) if child.tag == "li")


def table(node: LexborNode) -> str:
    """Return a table with pipes; the first row is its head."""
    rows: list[list[str]] = []
    for row in node.css("tr"):
        cells = [inline(cell).strip().replace("|", "\\|") for cell in row.css("th, td")]
        if any(cells):
            rows.append([" ".join(cell.split()) for cell in cells])
    if not rows:
        return ""
    width = max(len(row) for row in rows)
    lines = ["| " + " | ".join(row + [""] * (width - len(row))) + " |" for row in rows]
    return "\n".join((lines[0], "|" + " --- |" * width, *lines[1:]))

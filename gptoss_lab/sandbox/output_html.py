"""The only HTML that a sandbox may show: plain tables, rebuilt from an allow-list.

A document either consists of what tables need, or is refused as a whole, so that a reader never
sees half of something. What passes is written anew: no attribute and no markup is copied.
"""

from __future__ import annotations

import html
import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

MAX_CHARACTERS = 1 << 20
MAX_DEPTH = 32
MAX_NODES = 50_000

TAGS = frozenset({"table", "thead", "tbody", "tfoot", "tr", "th", "td", "div", "p", "br", "caption"})
VOID = frozenset({"br"})
REMOVED = frozenset({"style"})  # pandas puts one before each table; the page has its own
_NUMBER = re.compile(r"[0-9]{1,4}")
ATTRIBUTES = {
    "border": _NUMBER,
    "class": re.compile("dataframe"),
    "colspan": _NUMBER,
    "rowspan": _NUMBER,
    "scope": re.compile("row|col|rowgroup|colgroup"),
}


def sanitize_table(text: str) -> str | None:
    """Return `text` rebuilt as a plain table, or None when it holds anything else."""
    if len(text) > MAX_CHARACTERS or "<table" not in text:
        return None
    body = LexborHTMLParser(text).body
    return None if body is None else _rebuild(body)


def _rebuild(body: LexborNode) -> str | None:
    """Walk the tree without recursion: its depth is the sandbox's choice."""
    written: list[str] = []
    waiting: list[tuple[LexborNode | str, int]] = [(child, 1) for child in _reversed_children(body)]
    for _ in range(MAX_NODES):
        if not waiting:
            return "".join(written)
        node, depth = waiting.pop()
        if isinstance(node, str):
            written.append(node)
        elif node.is_text_node:
            written.append(html.escape(node.text_content or ""))
        elif node.is_element_node and node.tag not in REMOVED:
            if node.tag not in TAGS or depth > MAX_DEPTH:
                return None
            written.append(_open_tag(node))
            if node.tag not in VOID:
                waiting.append((f"</{node.tag}>", depth))
                waiting += [(child, depth + 1) for child in _reversed_children(node)]
    return None


def _reversed_children(node: LexborNode) -> list[LexborNode]:
    return list(node.iter(include_text=True))[::-1]


def _open_tag(node: LexborNode) -> str:
    kept = [
        f' {name}="{value}"'
        for name, value in sorted(node.attributes.items())
        if name in ATTRIBUTES and value and ATTRIBUTES[name].fullmatch(value)
    ]
    return f"<{node.tag}{''.join(kept)}>"

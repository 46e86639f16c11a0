"""API objects as generators other than Sphinx describe them: mkdocstrings and pkgdown."""

from __future__ import annotations

import re
from collections.abc import Sequence

from selectolax.lexbor import LexborHTMLParser, LexborNode

from gptoss_lab.documents.blocks import Block, Symbol, SymbolKind
from gptoss_lab.documents.hidden import strip_invisible
from gptoss_lab.documents.html_nodes import children, inline

_DOC_KINDS: dict[str, SymbolKind] = {
    "doc-function": "function",
    "doc-class": "class",
    "doc-attribute": "attribute",
    "doc-module": "module",
    "doc-method": "method",
}
_R_CALL = re.compile(r"^([A-Za-z.][\w.]*)\s*\(", re.MULTILINE)
_R_METHOD = re.compile(r"^# S[34] method.*\n.*", re.MULTILINE)


def doc_object(node: LexborNode) -> tuple[str, SymbolKind] | None:
    """Return the name and kind of the object that a block of mkdocstrings describes; else None.

    Source: https://mkdocstrings.github.io/python/customization/#css-classes
    """
    classes = _classes(node)
    if "doc-object" not in classes:
        return None
    heading = _own(node, "doc-heading")
    name = (heading.attributes.get("id") or "") if heading is not None else ""
    kind = next((_DOC_KINDS[item] for item in classes if item in _DOC_KINDS), None)
    if not name or kind is None:
        return None
    return name, "method" if kind == "function" and _inside_class(node) else kind


def take_signature(node: LexborNode) -> str:
    """Return the signature of an object of mkdocstrings on one line, and remove it and its heading."""
    shown, heading = _own(node, "doc-signature"), _own(node, "doc-heading")
    text = strip_invisible(shown.text(deep=True)) if shown is not None else ""
    if not text and heading is not None and (code := heading.css_first("code")) is not None:
        text = strip_invisible(code.text(deep=True))
    for part in (shown, heading):
        if part is not None:
            part.decompose()
    text = " ".join(text.split())
    return re.sub(r"\(\s+|,?\s*\)", lambda match: "(" if match.group().startswith("(") else ")", text)


def _own(node: LexborNode, name: str) -> LexborNode | None:
    return next((child for child in children(node) if name in _classes(child)), None)


def _inside_class(node: LexborNode) -> bool:
    above = node.parent
    while above is not None:
        if "doc-class" in _classes(above):
            return True
        above = above.parent
    return False


def _classes(node: LexborNode) -> list[str]:
    return (node.attributes.get("class") or "").split()


def r_topic(tree: LexborHTMLParser, title: str, blocks: Sequence[Block]) -> list[Symbol]:
    """Return the function that a reference page of pkgdown describes, with the others of its usage.

    Source: https://pkgdown.r-lib.org/reference/build_reference.html
    """
    package, usage = tree.css_first("a.navbar-brand, .navbar-brand a"), tree.css_first("#ref-usage")
    code = next((block.text for block in blocks if block.kind == "code"), "")
    if package is None or usage is None or not code:
        return []
    names = list(dict.fromkeys(_R_CALL.findall(_R_METHOD.sub("", code))))
    if not names:
        return []
    owner = inline(package).strip()
    body = "\n\n".join(block.text for block in _before_examples(blocks) if block.text != code)
    return [
        Symbol(
            f"{owner}::{names[0]}",
            "function",
            signature=code,
            summary=title,
            body=body,
            aliases=(names[0], *(name for other in names[1:] for name in (f"{owner}::{other}", other))),
        )
    ]


def _before_examples(blocks: Sequence[Block]) -> Sequence[Block]:
    at = next((at for at, block in enumerate(blocks) if block.text == "Examples"), len(blocks))
    return blocks[:at]

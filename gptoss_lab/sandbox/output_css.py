"""Style as a sandbox may bring it: looks, and only inside its own output.

A declaration passes when its property is about looks or layout within a box and its value loads
nothing. A rule passes when its selectors are plain; it is bound to the output that brought it by a
class of ours, and the names it uses get a prefix of ours, so that it can address nothing else.

Source: https://www.w3.org/TR/css-syntax-3/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

import tinycss2

from gptoss_lab.sandbox.output_selectors import clean_selector, prefix
from gptoss_lab.sandbox.output_text import FORBIDDEN
from gptoss_lab.sandbox.output_words import words

MAX_SHEET_CHARACTERS = 512 << 10
MAX_RULES = 20_000
MAX_VALUE_CHARACTERS = 1000
MAX_NUMBER = 10_000
MAX_BRACKETS = 16
_ODD = re.compile(r"[^A-Za-z0-9_-]")
_BRACKETS = re.compile(r"[(\[{]|[)\]}]")
_OWN_PROPERTY = re.compile(r"--[A-Za-z][A-Za-z0-9_-]{0,100}")

PROPERTIES = words(
    """
    align-content align-items align-self background background-color background-image
    background-position background-repeat background-size border-collapse border-radius border-spacing
    border-top-left-radius border-top-right-radius border-bottom-left-radius border-bottom-right-radius
    box-shadow box-sizing caption-side color column-gap content display empty-cells flex flex-basis
    flex-direction flex-flow flex-grow flex-shrink flex-wrap float font font-family font-size font-style
    font-variant font-weight gap grid-area grid-column grid-gap grid-row grid-template-columns
    grid-template-rows height justify-content justify-items justify-self letter-spacing line-height
    list-style list-style-type max-height max-width min-height min-width opacity order overflow
    overflow-wrap overflow-x overflow-y padding padding-bottom padding-left padding-right padding-top
    row-gap table-layout text-align text-decoration text-indent text-overflow text-transform
    vertical-align visibility white-space width word-break word-wrap
    """
) | {
    f"border{side}{what}"
    for side in ("", "-top", "-right", "-bottom", "-left")
    for what in ("", "-color", "-style", "-width")
}
DRAWING = words(
    """
    alignment-baseline baseline-shift clip-path clip-rule dominant-baseline fill fill-opacity fill-rule
    isolation marker marker-end marker-mid marker-start mask mix-blend-mode paint-order shape-rendering
    stop-color stop-opacity stroke stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin
    stroke-miterlimit stroke-opacity stroke-width text-anchor text-rendering transform transform-origin
    vector-effect
    """
)
MARGINS = frozenset(f"margin{side}" for side in ("", "-top", "-right", "-bottom", "-left"))
# What draws or counts; nothing that loads, reads attributes or asks for the environment.
FUNCTIONS = words(
    """
    calc clamp hsl hsla linear-gradient matrix max min minmax radial-gradient repeat rgb rgba rotate
    scale translate var
    """
)
_HIDDEN = "display: none"
_VALUE_MARKS = frozenset(",/+-*!")


@lru_cache(2048)  # a drawing or a styled table has the same few thousands of times
def clean_declarations(text: str, *, drawing: bool = False) -> str:
    """Return the declarations of a style attribute that may stay.

    Args:
        text: The attribute.
        drawing: It is one of an SVG, where references to parts of the same drawing are usual.
    """
    if len(text) > MAX_VALUE_CHARACTERS or _is_deep(text):
        return ""
    nodes = tinycss2.parse_blocks_contents(text, skip_comments=True, skip_whitespace=True)
    return _write(nodes, PROPERTIES | DRAWING if drawing else PROPERTIES, references=drawing)


def clean_sheet(text: str, scope: str, *, drawing: bool = False) -> str:
    """Return a style sheet's rules that may stay, each bound to what has the class `scope`."""
    if len(text) > MAX_SHEET_CHARACTERS or _is_deep(text):
        return ""
    rules = tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True)
    return "\n".join(_rules(rules[:MAX_RULES], scope, PROPERTIES | DRAWING if drawing else PROPERTIES))


def _is_deep(text: str) -> bool:
    """Say whether brackets nest deeper than style needs: each level is a call."""
    depth = 0
    for bracket in _BRACKETS.finditer(text):
        depth = depth + 1 if bracket[0] in "([{" else max(0, depth - 1)
        if depth > MAX_BRACKETS:
            return True
    return False


def _rules(rules: Iterable[Any], scope: str, properties: frozenset[str]) -> Iterator[str]:
    for rule in rules:
        if rule.type != "qualified-rule":
            continue
        selector = clean_selector(rule.prelude, scope)
        nodes = tinycss2.parse_blocks_contents(rule.content, skip_comments=True, skip_whitespace=True)
        kept = _HIDDEN if _hides(nodes) else _write(nodes, properties, references=False)
        if selector and kept:
            yield f"{selector} {{{kept}}}"


def _hides(nodes: list[Any]) -> bool:
    """Say whether a rule takes what it is about out of sight, by a position, which does not stay."""
    values = {
        node.name: tinycss2.serialize(node.value).strip() for node in nodes if node.type == "declaration"
    }
    return values.get("position") == "absolute" and bool({"clip", "clip-path"} & values.keys())


def _write(nodes: Iterable[Any], properties: frozenset[str], *, references: bool) -> str:
    """Write what may stay of a list of declarations; nested rules do not."""
    kept = [
        f"{node.name}: {value}{' !important' if node.important else ''}"
        for node in nodes
        if node.type == "declaration"
        and (node.name in properties or node.name in MARGINS or _OWN_PROPERTY.fullmatch(node.name))
        and (value := _clean_value(node.name, node.value, references=references)) is not None
    ]
    return "; ".join(kept)


def _clean_value(name: str, tokens: list[Any], *, references: bool) -> str | None:
    parts = [_value_part(token, negative=name not in MARGINS, references=references) for token in tokens]
    value = "".join(part for part in parts if part is not None).strip()
    if None in parts or not value or len(value) > MAX_VALUE_CHARACTERS:
        return None
    return None if "<" in value or FORBIDDEN.search(value) else value


def _value_part(token: Any, *, negative: bool, references: bool) -> str | None:
    """Write one token of a value, None when it may not stay."""
    kind, text = token.type, str(token.serialize())
    if kind in {"url", "function"} and (target := _target(token)) is not None:
        return f"url(#{target})" if references else None
    if kind == "function" and token.lower_name in FUNCTIONS:
        return _inside(f"{token.lower_name}(", token.arguments, negative=negative, references=references)
    if kind == "() block":
        return _inside("(", token.content, negative=negative, references=references)
    # A margin below nothing would draw over what stands before it.
    fits = (
        kind in {"whitespace", "hash"}
        or (kind == "ident" and _ODD.search(token.value) is None)
        or (kind == "string" and not set("\\\n") & set(text))
        or (kind == "literal" and token.value in _VALUE_MARKS)
        or (
            kind in {"number", "percentage", "dimension"}
            and -MAX_NUMBER * negative <= token.value <= MAX_NUMBER
        )
    )
    return text if fits else None


def _inside(opening: str, tokens: list[Any], *, negative: bool, references: bool) -> str | None:
    parts = [_value_part(token, negative=negative, references=references) for token in tokens]
    return None if None in parts else f"{opening}{''.join(part for part in parts if part)})"


def _target(token: Any) -> str | None:
    """Return what a `url()` names in the same drawing."""
    if token.type == "url":
        address = str(token.value)
    elif token.lower_name == "url" and [part.type for part in token.arguments] == ["string"]:
        address = str(token.arguments[0].value)
    else:
        return None
    return prefix(address[1:]) if address.startswith("#") else None

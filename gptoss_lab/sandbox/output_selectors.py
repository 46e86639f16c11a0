"""Names and selectors of a sandbox's style, written anew so that they reach its own output only.

Source: https://www.w3.org/TR/selectors-4/
"""

from __future__ import annotations

import re
from typing import Any

from gptoss_lab.sandbox.output_words import words

PREFIX = "sandboxed-"
MAX_NAME_CHARACTERS = 200
PSEUDO_CLASSES = words(
    """
    active checked empty first-child first-of-type focus hover last-child last-of-type not nth-child
    nth-of-type only-child only-of-type open
    """
)
PSEUDO_ELEMENTS = frozenset({"after", "before", "marker"})
_COMBINATORS = frozenset(">+~,*")
# Names that other programs give a meaning that is no danger.
OWN_NAMES = frozenset({"dataframe"})
_ODD = re.compile(r"[^A-Za-z0-9_-]")


def clean_selector(tokens: list[Any], scope: str) -> str | None:
    """Write a list of selectors anew, each after the class of its output."""
    written = _selector_parts(tokens)
    if written is None:
        return None
    selectors = [one.strip() for one in "".join(written).split(",")]
    if not all(selectors) or any(one[0] in ">+~" for one in selectors):
        return None
    return ", ".join(f".{scope} {one}" for one in selectors)


def prefix(name: str) -> str | None:
    """Return a class or an id as it may stand in the page, None when it may not."""
    if not name or len(name) > MAX_NAME_CHARACTERS:
        return None
    plain = _ODD.sub(lambda odd: f"_{ord(odd[0]):x}_", name)
    return plain if plain in OWN_NAMES or plain.startswith(PREFIX) else f"{PREFIX}{plain}"


def _selector_parts(tokens: list[Any]) -> list[str] | None:
    written: list[str] = []
    previous = ""
    for token in tokens:
        part = _selector_part(token, previous)
        if part is None:
            return None
        written.append(part)
        previous = part if token.type == "literal" else ""
        if token.type == "literal" and part == ":" and written[-2:-1] == [":"]:
            previous = "::"
    return None if previous in {".", ":", "::"} else written


def _selector_part(token: Any, previous: str) -> str | None:
    """Return one token of a selector as it may stand there, None when it may not."""
    kind = token.type
    part: str | None = None
    if kind == "ident":
        part = _name_part(str(token.value), previous)
    elif kind == "literal" and token.value in {*_COMBINATORS, ".", ":"}:
        part = str(token.value) if token.value == ":" or previous not in {".", ":", "::"} else None
    elif kind == "function" and previous == ":" and token.lower_name in PSEUDO_CLASSES:
        part = _function_part(token)
    elif previous not in {".", ":", "::"}:
        part = _standing_alone(token)
    return part


def _standing_alone(token: Any) -> str | None:
    if token.type == "hash" and (name := prefix(token.value)):
        return f"#{name}"
    return " " if token.type == "whitespace" else None


def _name_part(name: str, previous: str) -> str | None:
    if previous == ".":
        return prefix(name)
    allowed = {":": PSEUDO_CLASSES | PSEUDO_ELEMENTS, "::": PSEUDO_ELEMENTS}.get(previous)
    if allowed is not None:
        return name if name in allowed else None
    return name if re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", name) else None


def _function_part(token: Any) -> str | None:
    if token.lower_name == "not":
        inner = _selector_parts(token.arguments)
        # A comma inside would be taken for one outside.
        return None if inner is None or "," in inner else f"not({''.join(inner)})"
    text = "".join(inner.serialize() for inner in token.arguments).strip()
    return f"{token.lower_name}({text})" if re.fullmatch(r"[0-9n+ -]{1,20}|odd|even", text) else None

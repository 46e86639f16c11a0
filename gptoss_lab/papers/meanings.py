"""What the words around an equation say of its symbols: "where x is the response"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gptoss_lab.schemas.papers import PaperBlock, SymbolMeaning

_VERBS = r"(?:is|are|be|denotes?|represents?|stands? for|gives?|refers to|measures?|contains?|being)"
_IN_MATH = re.compile(
    r"\$([^$\n]{1,80})\$(?:\s*,?\s*(?:and|or)\s*\$([^$\n]{1,80})\$)?\s*,?\s*"
    + _VERBS
    + r"\s+((?:[^.;,$]|\$[^$\n]{1,80}\$|\.\d|,(?=\d)){2,160})"
)
_APPOSITION = re.compile(r"\b(?:the|an?)\s+((?:[\w-]+\s+){0,6}[\w-]+)\s+\$([^$\n]{1,60})\$(?=[\s,.;)])")
_PLAIN = re.compile(
    r"\b(?:where|with|here|and|,)\s+((?:[^\W\d_]|[^\W_][\u2080-\u209c\u00b2\u00b3\u00b9]|\w{1,3}))\s+"
    + _VERBS
    + r"\s+((?:[^.;,]|\.\d|,(?=\d)){2,160})",
    re.IGNORECASE,
)
_COMMON = "a i is it as in on of to we be an or by at if he the and are"
_WORDS = frozenset(_COMMON.split(" "))
_JOINTS = frozenset(["of", "in", "for", "with", "to", "on", "is", "are", "from", "by", "that", "given", "at"])
_NEAR = 2
_MAX_SYMBOLS = 30
_MAX_MEANING = 200


def with_meanings(blocks: Sequence[PaperBlock]) -> list[PaperBlock]:
    """Return the blocks, equations with what the prose right before and after says of their symbols."""
    out: list[PaperBlock] = []
    for at, block in enumerate(blocks):
        if block.kind != "equation" or block.symbols:
            out.append(block)
            continue
        near = [*blocks[at + 1 : at + 1 + _NEAR + 1], *blocks[max(at - _NEAR, 0) : at]]
        said = [one.text for one in near if one.kind == "prose"]
        out.append(block.model_copy(update={"symbols": _meanings(block, said)}))
    return out


def _meanings(block: PaperBlock, said: Sequence[str]) -> tuple[SymbolMeaning, ...]:
    found: dict[str, str] = {}
    inside = _bare(block.latex or block.text)
    for text in said:
        for symbol, meaning in _pairs(text):
            if _bare(symbol) and _bare(symbol).split("\\in")[0] in inside:
                found.setdefault(symbol, meaning)
    pairs = list(found.items())[:_MAX_SYMBOLS]
    return tuple(SymbolMeaning(symbol=symbol, meaning=meaning) for symbol, meaning in pairs)


def _pairs(text: str) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for match in _IN_MATH.finditer(text):
        first, second, meaning = match.groups()
        pairs += [(symbol, _trimmed(meaning)) for symbol in (first, second) if symbol]
    for match in _APPOSITION.finditer(text):
        named = match.group(1).split()
        if named[-1] not in _JOINTS and "and" not in named:
            pairs.append((match.group(2), match.group(1)))
    if "$" not in text:
        for match in _PLAIN.finditer(text):
            if match.group(1).lower() not in _WORDS and not match.group(1).isdigit():
                pairs.append((match.group(1), _trimmed(match.group(2))))
    return pairs


def _trimmed(meaning: str) -> str:
    """Cut a meaning where the next symbol's begins."""
    cut = re.split(r"\s+(?:and|while|with)\s+\$[^$]+\$\s*,?\s*" + _VERBS, meaning)[0]
    return re.sub(r"\s+(?:and|or|where)$", "", cut.strip())[:_MAX_MEANING].strip()


def _bare(latex: str) -> str:
    """Return mathematics without white space and what only dresses it."""
    return re.sub(
        r"\s+|\\(?:mathbf|boldsymbol|mathrm|mathcal|bm|vec|hat|bar|left|right|,|;|!|quad)\b|[{}]", "", latex
    )

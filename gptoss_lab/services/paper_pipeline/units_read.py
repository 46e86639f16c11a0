"""From a model's answer to units, claims and data sets: what its quotes do not prove is dropped."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from gptoss_lab.papers.quotes import FoundQuote, find_quote
from gptoss_lab.prompts.untrusted import one_line
from gptoss_lab.schemas.papers import Claim, PaperBlock, Unit, UnitStatus
from gptoss_lab.services.paper_pipeline.claims_model import claim_of, fresh
from gptoss_lab.services.paper_pipeline.modelled_answers import (
    UnreadableAnswerError,
    entries_of,
    loose_objects,
    read_object,
    text_of,
)

MAX_PER_PART = 40
_KEYS = ("units", "claims")
_MIN_QUOTE_LETTERS = 8
_STATUS: dict[str, UnitStatus] = {
    "supported": "supported",
    "inferred": "inferred",
    "unresolved": "unresolved",
}
_LINE_QUOTE = re.compile(r"[\u201c\"]([^\u201c\u201d\"\n]{12,400})[\u201d\"]")
_ESCAPES = {"\b": "\\b", "\f": "\\f", "\t": "\\t", "\r": "\\r"}
_ALIKE = 0.7
NO_QUOTE = "their quotes do not stand in the paper"
NO_NUMBER = "their numbers do not stand in their quotes"
TWICE = "they were there already"
TOO_MANY = "there were too many"
NO_FORM = "they had not the form that was asked for"


@dataclass(frozen=True, slots=True)
class NamedData:
    """A data set that a paper names; licence and size are empty where it does not say them."""

    name: str
    licence: str = ""
    size: str = ""


@dataclass(slots=True)
class Found:
    """What was read of an answer. `dropped` counts what was not taken, by the reason."""

    units: list[Unit] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    data: list[NamedData] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)


def read_units(text: str, blocks: Sequence[PaperBlock], labels: Mapping[str, str]) -> Found:
    """Return what an answer says of a part of the paper.

    Args:
        text: The answer.
        blocks: Those of the part.
        labels: The block ids by the labels that the prompt gave.

    Raises:
        UnreadableAnswerError: It holds no object of the form that was asked for.
    """
    answer = read_object(text, _KEYS)
    units, claims = entries_of(answer, "units"), entries_of(answer, "claims")
    if not any(isinstance(entry, dict) for entry in (*units, *claims)) and (units or claims):
        raise UnreadableAnswerError("the lists hold no objects")
    return _found(units, claims, entries_of(answer, "data"), blocks, labels)


def loose_units(text: str, blocks: Sequence[PaperBlock], labels: Mapping[str, str]) -> Found:
    """Return what can be had of an answer that is no JSON, or was cut off: its objects, else quoted lines."""
    objects = loose_objects(text)
    found = _found(
        [entry for entry in objects if "statement" in entry],
        [entry for entry in objects if "metric" in entry],
        [],
        blocks,
        labels,
    )
    if found.units or found.claims:
        return found
    lines = [
        {"statement": line.strip("-*# \t"), "quote": match[1]}
        for line in text.splitlines()[:400]
        if (match := _LINE_QUOTE.search(line))
    ]
    return _found(lines, [], [], blocks, labels)


def is_known(unit: Unit, known: Sequence[Unit]) -> bool:
    """Say whether a unit says what another one says already."""
    return any(_same(unit, other) for other in known)


def _found(
    units: Sequence[Any],
    claims: Sequence[Any],
    data: Sequence[Any],
    blocks: Sequence[PaperBlock],
    labels: Mapping[str, str],
) -> Found:
    found = Found()
    for entry, quote in _quoted(units, blocks, labels, found):
        unit = _unit(entry, quote, [unit.id for unit in found.units])
        if unit is None:
            found.dropped[NO_FORM] += 1
        elif is_known(unit, found.units):
            found.dropped[TWICE] += 1
        else:
            found.units.append(unit)
    for entry, quote in _quoted(claims, blocks, labels, found):
        claim = claim_of(entry, quote, [claim.id for claim in found.claims])
        if claim is None:
            found.dropped[NO_NUMBER] += 1
        else:
            found.claims.append(claim)
    text = "\n".join(f"{block.text}\n{block.caption}" for block in blocks).casefold()
    found.data = [named for entry in data[:MAX_PER_PART] if (named := _named(entry, text)) is not None]
    return found


def _quoted(
    entries: Sequence[Any], blocks: Sequence[PaperBlock], labels: Mapping[str, str], found: Found
) -> Iterator[tuple[dict[str, Any], FoundQuote]]:
    if len(entries) > MAX_PER_PART:
        found.dropped[TOO_MANY] += len(entries) - MAX_PER_PART
    for entry in entries[:MAX_PER_PART]:
        if not isinstance(entry, dict):
            found.dropped[NO_FORM] += 1
            continue
        label = labels.get(text_of(entry.get("block"), 80), "")
        quote = _place(text_of(entry.get("quote"), 2000), blocks, label)
        if quote is None:
            found.dropped[NO_QUOTE] += 1
        else:
            yield entry, quote


def _place(quote: str, blocks: Sequence[PaperBlock], block: str) -> FoundQuote | None:
    # JSON reads the backslash of \\theta as a tab: what mathematics is written in was meant.
    meant = "".join(_ESCAPES.get(char, char) for char in quote)
    for words in dict.fromkeys((quote, meant, meant.replace("\n", "\\n"))):
        found = find_quote(blocks, words, block=block)
        if found is not None and _says_enough(found, blocks):
            return found
    return None


def _says_enough(found: FoundQuote, blocks: Sequence[PaperBlock]) -> bool:
    """Say whether a quote is long enough to be told from others; mathematics and tables may be short."""
    if sum(char.isalnum() for char in found.text) >= _MIN_QUOTE_LETTERS:
        return True
    block = next(block for block in blocks if block.id == found.block)
    return block.kind in {"equation", "table", "output"} or found.text.strip() == block.text.strip()


def _unit(entry: Mapping[str, Any], found: FoundQuote, taken: Sequence[str]) -> Unit | None:
    statement = one_line(text_of(entry.get("statement"), 500))
    if not statement:
        return None
    status = _STATUS.get(text_of(entry.get("status"), 20).lower(), "inferred")
    question = one_line(text_of(entry.get("question"), 300))
    if status == "unresolved" and not question:
        question = f"The paper leaves this open: {statement}"
    digest = hashlib.sha256(f"{found.block}\0{found.start}\0{found.text}".encode()).hexdigest()[:8]
    return Unit(
        id=fresh(f"u-{digest}", taken),
        statement=statement,
        quote=found.text,
        block=found.block,
        place=found.place,
        status=status,
        question=question if status == "unresolved" else "",
    )


def _same(unit: Unit, other: Unit) -> bool:
    mine, theirs = _words(unit.statement), _words(other.statement)
    if mine == theirs:
        return True
    if unit.block != other.block or unit.quote != other.quote:
        return False
    return len(mine & theirs) >= _ALIKE * max(len(mine | theirs), 1)


@lru_cache(maxsize=1024)
def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.casefold()))


def _named(entry: object, text: str) -> NamedData | None:
    if not isinstance(entry, dict):
        return None
    name = one_line(text_of(entry.get("name"), 120))
    if not name or name.casefold() not in text:
        return None
    licence, size = (one_line(text_of(entry.get(key), 80)) for key in ("licence", "size"))
    return NamedData(
        name,
        licence if licence.casefold() in text else "",
        size if size.casefold() in text else "",
    )

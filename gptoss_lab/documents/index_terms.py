"""The search terms of what an index holds, by the column that they stand in."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Sequence

from gptoss_lab.documents.blocks import Chunk, Unit
from gptoss_lab.documents.r_words import r_words
from gptoss_lab.documents.tokens import joined


def chunk_terms(chunk: Chunk) -> tuple[str, str, str]:
    """Return the terms of a chunk's name, of its path and of its text."""
    if chunk.kind == "symbol":
        owner, _, last = chunk.title.rpartition(".")
        name, path = f"{owner.rpartition('.')[2]} {last}", chunk.title
    else:
        name, path = chunk.title, chunk.place.source
    return joined(name), joined(path), joined(chunk.text)


def unit_terms(unit: Unit) -> tuple[str, str, str, str]:
    """Return the terms of an example's name, its summary, its code, and of what it holds as data."""
    title = unit.place.symbol or unit.title
    short = " ".join(title.split(".")[-2:]) if unit.place.symbol else title
    names: Sequence[str] = [symbol.rpartition(".")[2] for symbol in unit.symbols]
    identifiers, literals = r_words(unit.code) if unit.language == "r" else _code_words(unit.code)
    lead, _, rest = unit.context.partition("\n\n")
    summary = joined(f"{unit.summary} {lead}")
    return (
        joined(short),
        summary,
        joined(" ".join((*identifiers, *names))),
        joined(" ".join((*literals, rest))),
    )


def _code_words(code: str) -> tuple[list[str], list[str]]:
    """Return the identifiers of code, and the words of its strings and comments."""
    identifiers: list[str] = []
    literals: list[str] = []
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type == tokenize.NAME:
            identifiers.append(token.string)
        elif token.type in {tokenize.STRING, tokenize.COMMENT}:
            literals.append(token.string)
    return identifiers, literals

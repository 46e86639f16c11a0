"""One answer out of several indexes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from gptoss_lab.documents.index_reader import open_index
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.documents import ApiSymbol, DocQuery, Example, Passage

Indexes = Sequence[tuple[str, Path]]

_CODE_NAME = re.compile(r"\b[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+|\b[a-z]\w*_\w+|\b[A-Z][a-z]+[A-Z]\w+")
_MAX_NAMES = 20


def find_passages(indexes: Indexes, query: DocQuery) -> list[Passage]:
    """Return the passages that fit a query: named symbols, then symbols and narrative by search.

    Raises:
        DocumentError: An index is damaged.
    """
    names = (*query.symbols, *_CODE_NAME.findall(query.text)[:_MAX_NAMES])
    exact: dict[str, Passage] = {}
    symbols: list[Passage] = []
    narrative: list[Passage] = []
    for corpus, path in indexes:
        with open_index(path, corpus) as reader:
            exact.update({passage.id: passage for passage in reader.passages(names)})
            symbols += reader.search(query.text, "symbol", query.max_symbol_passages)
            narrative += reader.search(query.text, "narrative", query.max_narrative_passages)
    symbols.sort(key=lambda passage: -passage.score)
    found = dict(exact)
    for passage in symbols:
        found.setdefault(passage.id, passage)
    narrative.sort(key=lambda passage: -passage.score)
    return list(found.values())[: query.max_symbol_passages] + narrative[: query.max_narrative_passages]


def find_examples(indexes: Indexes, task: str, limit: int, language: Language = "python") -> list[Example]:
    """Return the runnable examples that fit a task, best first.

    Raises:
        DocumentError: An index is damaged.
    """
    found: list[tuple[float, int, Example]] = []
    for corpus, path in indexes:
        with open_index(path, corpus) as reader:
            # The place in its own list keeps what a corpus chose for variety near its front.
            found += [
                (-example.score, at, example)
                for at, example in enumerate(reader.examples(task, limit, language))
            ]
    if len(indexes) > 1:
        found.sort(key=lambda item: item[:2])
    return [example for _, _, example in found[:limit]]


def find_symbols(indexes: Indexes, names: Sequence[str]) -> list[ApiSymbol]:
    """Return what the indexes know of names.

    Raises:
        DocumentError: An index is damaged.
    """
    found: dict[str, ApiSymbol] = {}
    for corpus, path in indexes:
        with open_index(path, corpus) as reader:
            for symbol in reader.symbols(names):
                found.setdefault(symbol.qualname, symbol)
    return list(found.values())

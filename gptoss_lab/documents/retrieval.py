"""Passages for a task out of several indexes: what its names mean, then what search finds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import zip_longest

from gptoss_lab.documents.drafted import drafted
from gptoss_lab.documents.index_reader import Indexes, IndexReader, open_index
from gptoss_lab.documents.lookup import MAX_MATCHES, Asked, Match
from gptoss_lab.documents.questions import prose
from gptoss_lab.documents.scope import scope_of
from gptoss_lab.documents.tokens import terms
from gptoss_lab.schemas.documents import DocQuery, Passage

_CODE_NAME = re.compile(r"\b[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+|\b[a-z]\w*_\w+|\b[A-Z][a-z]+[A-Z]\w+")
_MAX_TEXT_NAMES = 20
_NEAR_SCORE = 0.5
_AMBIGUOUS_SCORE = 0.9

_Found = tuple[Match, IndexReader]


def find_passages(indexes: Indexes, query: DocQuery) -> list[Passage]:
    """Return the passages that fit a query: symbols first, then narrative.

    Documentation that is small comes whole. Otherwise each name is looked up; a name that may mean several
    objects gives the likeliest ones, one that is not documented the objects with the nearest names; search
    fills what is left.

    Raises:
        DocumentError: An index is damaged.
    """
    with ExitStack() as stack:
        readers = [stack.enter_context(open_index(path, corpus)) for corpus, path in indexes]
        readers.sort(key=lambda reader: reader.corpus in query.demoted)
        if 0 < sum(reader.tokens() for reader in readers) <= query.whole_tokens:
            return [passage for reader in readers for passage in reader.whole()]
        return _Search(readers, query).passages()


class _Search:
    def __init__(self, readers: Sequence[IndexReader], query: DocQuery) -> None:
        self._readers = readers
        self._query = query
        self._text = prose(query.text)
        known = frozenset().union(*(reader.packages() for reader in readers))
        self._scope = scope_of(query.text, known, query.packages)

    def passages(self) -> list[Passage]:
        query = self._query
        named, sure = self._named()
        symbols = {passage.id: passage for passage in named}
        narrative: list[Passage] = []
        if not (query.selective and sure):
            found = self._searched("symbol", query.max_symbol_passages)
            symbols |= {passage.id: passage for passage in found if passage.id not in symbols}
            narrative = self._searched("narrative", query.max_narrative_passages)
        chosen = self._newest(symbols.values())
        return [*chosen[: query.max_symbol_passages], *narrative[: query.max_narrative_passages]]

    def _named(self) -> tuple[list[Passage], bool]:
        """Return the passages of all names in turn, the likeliest first; say whether all are certain."""
        given = self._query.symbols
        written = [name for name in _CODE_NAME.findall(self._text) if name not in given][:_MAX_TEXT_NAMES]
        asked = Asked(self._scope, (*given, *written), frozenset(terms(self._query.text)))
        matched = [self._matches(name, asked) for name in given]
        sure = bool(matched) and all(found and found[0][0].is_exact for found in matched)
        rounds = zip_longest(*matched, *(self._matches(name, asked) for name in written))
        passages = [_passages(entry) for entries in rounds for entry in entries if entry is not None]
        near = [_passages(entry, _NEAR_SCORE) for entry in self._nearest(given, matched, asked)]
        return [passage for found in (*passages, *near) for passage in found], sure

    def _matches(self, name: str, asked: Asked) -> list[_Found]:
        found = [(match, reader) for reader in self._readers for match in reader.matches(name, asked)]
        found.sort(key=lambda entry: (not entry[0].is_exact, entry[0].rank))
        exact = [entry for entry in found if entry[0].is_exact]
        return exact or found[:MAX_MATCHES]

    def _nearest(
        self, names: Sequence[str], matched: Sequence[Sequence[_Found]], asked: Asked
    ) -> Iterator[_Found]:
        missing = [name for name, found in zip(names, matched, strict=True) if not found]
        for name in missing:
            for reader in self._readers:
                yield from ((match, reader) for match in reader.nearest(name, asked))

    def _searched(self, kind: str, limit: int) -> list[Passage]:
        found = [
            (reader.corpus in self._query.demoted, -passage.score, passage)
            for reader in self._readers
            for passage in reader.search(self._text, kind, limit, self._scope)
        ]
        return [passage for *_, passage in sorted(found, key=lambda item: item[:2])]

    def _newest(self, found: Iterable[Passage]) -> list[Passage]:
        """Put what is told of the installed version first; what is told of it is not told of another one."""
        old = {f"{corpus}:" for corpus in self._query.demoted}
        if not old:
            return list(found)
        passages = list(found)
        stale = [passage for passage in passages if passage.id.rpartition(":")[0] + ":" in old]
        fresh = [passage for passage in passages if passage not in stale]
        told = {name for passage in fresh for name in passage.symbols}
        return [*fresh, *(passage for passage in stale if not told.intersection(passage.symbols))]


def _passages(entry: _Found, score: float | None = None) -> list[Passage]:
    match, reader = entry
    worth = score if score is not None else 1.0 if match.is_exact else _AMBIGUOUS_SCORE
    return reader.passages_of(match.qualname, worth)


def names_of(draft: str, context: str = "") -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names that a draft means to use, and the packages that it imports, for a `DocQuery`."""
    found = drafted(draft, context)
    return found.names, tuple(sorted(found.packages))

"""Search in the documentation, for a person who reads what is found."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from gptoss_lab.documents import OTHER_VERSION
from gptoss_lab.documents.snippets import snippet
from gptoss_lab.errors import DocumentError, NotFoundError, RequestError
from gptoss_lab.schemas.documents import Citation, CorpusInfo, DocHit, DocHits, DocQuery, Example, Passage

MAX_WORDS_CHARS = 500
MAX_HITS = 50


class Searchable(Protocol):
    """The part of the corpora that is searched."""

    async def search(self, corpora: Sequence[str], query: DocQuery) -> list[Passage]:
        """Return the passages that fit."""

    async def examples(self, corpora: Sequence[str], task: str, *, limit: int) -> list[Example]:
        """Return the examples that fit."""

    async def list(self, owner: str = "") -> list[CorpusInfo]:
        """Return every index that an owner may know of."""


async def search_documents(
    corpora: Searchable,
    chosen: Sequence[str],
    words: str,
    limit: int | str = 10,
    *,
    root: Path | None = None,
    owner: str = "",
) -> DocHits:
    """Return the places that fit some words: named objects first, then what covers most of the words.

    Args:
        corpora: What is searched.
        chosen: The ids of the corpora to search; where none is named all that can be, for one that
            another version of ours indexed is read again before it answers.
        words: What is looked for, at most 500 characters.
        limit: How many places, 1 to 50.
        root: The folder below which files can be opened by their path.
        owner: Whose; everyone's where it is empty.

    Raises:
        RequestError: There are no words or too many, or the limit is no number from 1 to 50.
        NotFoundError: A corpus does not exist.
        DocumentError: An index is damaged, or another version of ours made it.
    """
    words = words.strip()
    if not words or len(words) > MAX_WORDS_CHARS:
        raise RequestError(
            f"A search takes 1 to {MAX_WORDS_CHARS} characters", hint="Name it in a few words."
        )
    if not str(limit).isdecimal() or not 1 <= int(limit) <= MAX_HITS:
        raise RequestError(f"The limit is a number from 1 to {MAX_HITS}", hint="Leave it out for 10.")
    known = {info.id: info for info in await corpora.list(owner)}
    missing = [corpus for corpus in chosen if corpus not in known]
    if missing:
        raise NotFoundError(f"There is no corpus {missing[0]!r}")
    usable = [corpus for corpus, info in known.items() if OTHER_VERSION not in info.warnings]
    unusable = [known[corpus].title for corpus in chosen if corpus not in usable]
    if unusable:
        raise DocumentError(
            f"Another version of gptoss_lab indexed {unusable[0]}",
            hint="Index the source again with refresh.",
        )
    within = list(dict.fromkeys(chosen)) or usable
    count = int(limit)
    query = DocQuery(text=words, max_symbol_passages=count, max_narrative_passages=count)
    found: list[Passage | Example] = [*await corpora.search(within, query)]
    found += await corpora.examples(within, words, limit=count)
    found.sort(key=lambda item: -item.score)
    return DocHits(query=words, hits=tuple(_hit(item, words, known, root) for item in _once(found)[:count]))


def _once(found: Sequence[Passage | Example]) -> list[Passage | Example]:
    """Keep the best of what stands at one place."""
    kept: dict[tuple[str, str, str, str, int | None], Passage | Example] = {}
    for item in found:
        place: Citation = item.citation
        kept.setdefault((item.id.partition(":")[0], place.source, item.title, place.anchor, place.page), item)
    return list(kept.values())


def _hit(item: Passage | Example, words: str, known: dict[str, CorpusInfo], root: Path | None) -> DocHit:
    corpus = item.id.partition(":")[0]
    text = item.text if isinstance(item, Passage) else f"{item.summary}\n{item.code}"
    return DocHit(
        id=item.id,
        kind=item.kind if isinstance(item, Passage) else "example",
        title=item.title,
        snippet=snippet(text, words, title=item.title),
        corpus=corpus,
        source=known[corpus].title if corpus in known else corpus,
        citation=item.citation,
        path=_path(known.get(corpus), item.citation, root),
        score=item.score,
    )


def _path(info: CorpusInfo | None, citation: Citation, root: Path | None) -> str:
    """Return where a file lies below the root; empty where it does not."""
    if info is None or root is None or info.kind not in {"folder", "file"}:
        return ""
    place = Path(info.source.uri)
    file = place / citation.source if info.kind == "folder" else place
    try:
        return file.resolve().relative_to(root.resolve()).as_posix()
    except (OSError, ValueError):
        return ""

"""The calls about indexed documentation."""

from __future__ import annotations

from collections.abc import Sequence

from gptoss_lab.client.call import Call, Form, Query
from gptoss_lab.schemas.documents import CorpusInfo, CorpusList, DocHits, DocSource

NOTHING: Form[None] = Form("", None)
CORPUS: Form[CorpusInfo] = Form("CorpusInfo", CorpusInfo)
CORPORA: Form[CorpusList] = Form("CorpusList", CorpusList)
HITS: Form[DocHits] = Form("DocHits", DocHits)


def list_corpora() -> Call[CorpusList]:
    """Return the documentation that is indexed."""
    return Call("GET", "/api/v1/corpora", CORPORA)


def index_source(source: DocSource, *, refresh: bool = False) -> Call[CorpusInfo]:
    """Index a source, or look it up when it is indexed already; with `refresh` it is read again."""
    return Call("POST", "/api/v1/corpora", CORPUS, query={"refresh": refresh or None}, body=source, slow=True)


def search_corpora(words: str, *, corpora: Sequence[str] = (), limit: int = 10) -> Call[DocHits]:
    """Search in the documentation: in some corpora, or in all."""
    query: Query = {"q": words, "limit": limit, "corpus": tuple(corpora)}
    return Call("GET", "/api/v1/corpora/search", HITS, query=query)


def search_corpus(corpus: str, words: str, *, limit: int = 10) -> Call[DocHits]:
    """Search in one corpus."""
    query: Query = {"q": words, "limit": limit}
    return Call("GET", "/api/v1/corpora/{corpus}/search", HITS, {"corpus": corpus}, query=query)


def refresh_corpus(corpus: str) -> Call[CorpusInfo]:
    """Read the source of an index again."""
    return Call("POST", "/api/v1/corpora/{corpus}/refresh", CORPUS, {"corpus": corpus}, slow=True)


def remove_corpus(corpus: str) -> Call[None]:
    """Remove an index."""
    return Call("DELETE", "/api/v1/corpora/{corpus}", NOTHING, {"corpus": corpus})

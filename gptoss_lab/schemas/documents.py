"""What travels between documentation, prompts, generators and the interface."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gptoss_lab.schemas.base import Language, Wire

SourceKind = Literal["auto", "package", "r-package", "folder", "file", "url"]
PassageKind = Literal["symbol", "narrative", "example"]


class DocSource(Wire):
    """A source of documentation as a person names it.

    With `kind="auto"` an http(s) address is a page or site, `r:NAME` an R package, the bare name of
    an installed package that package, an existing path a file or folder, and anything else the name
    of a package. A folder that is called like an installed package is written with a separator:
    `./pandas`. For cells in R, the bare name of a package that the sandbox's R has is that package.
    """

    kind: SourceKind = "auto"
    uri: str = Field(min_length=1, max_length=4096)


class Citation(Wire):
    """Where a passage or a cell comes from, precise enough to open the place.

    `page` counts from 1 (PDF). `anchor` is the fragment of an HTML page. `link` is what a
    browser may open; it is empty for local sources.
    """

    source: str
    title: str
    version: str = ""
    symbol: str = ""
    page: int | None = Field(default=None, ge=1)
    anchor: str = ""
    link: str = ""


class Passage(Wire):
    """One retrieved chunk of documentation. `score` is higher for a better match.

    `span` are the first and the last block of the page that it is made of, counted from 1 in the order of
    reading; None for an API object, which the anchor of its citation tells exactly.
    """

    id: str
    kind: PassageKind
    title: str
    text: str
    tokens: int = Field(ge=0)
    symbols: tuple[str, ...] = ()
    citation: Citation
    span: tuple[int, int] | None = None
    score: float = 0.0


class Example(Wire):
    """A runnable unit found in documentation.

    `code` is self-contained: the imports it needs stand at its top, REPL prompts and printed
    results are removed. `symbols` are the qualified names that it calls.
    """

    id: str
    title: str
    summary: str = ""
    code: str
    language: Language = "python"
    imports: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    citation: Citation
    score: float = 0.0


class ApiSymbol(Wire):
    """One public API object as the documentation or the installed package states it.

    `parameters` and `returns` are read from the signature.
    """

    qualname: str
    kind: Literal["module", "class", "function", "method", "attribute"]
    signature: str = ""
    parameters: tuple[str, ...] = ()
    returns: str = ""
    summary: str = ""
    version: str = ""


class CorpusInfo(Wire):
    """An indexed source. `cached` says that nothing had to be read again."""

    id: str
    source: DocSource
    title: str
    kind: Literal["package", "r-package", "folder", "file", "url", "site"]
    version: str = ""
    sha256: str = ""
    chunks: int = Field(default=0, ge=0)
    symbols: int = Field(default=0, ge=0)
    examples: int = Field(default=0, ge=0)
    size_bytes: int = Field(default=0, ge=0)
    built_at: str = ""
    duration_s: float = Field(default=0.0, ge=0)
    cached: bool = False
    warnings: tuple[str, ...] = ()


class CorpusList(Wire):
    """The sources that are indexed on this machine, newest first."""

    corpora: tuple[CorpusInfo, ...] = ()


class DocHit(Wire):
    """A place in the documentation that a search found.

    `snippet` is plain text; `path` that of a local file as the Contents API takes it, empty where it
    cannot be reached there.
    """

    id: str
    kind: PassageKind
    title: str
    snippet: str
    corpus: str
    source: str
    citation: Citation
    path: str = ""
    score: float = 0.0


class DocHits(Wire):
    """What a search found, best first."""

    query: str
    hits: tuple[DocHit, ...] = ()


class IndexProgress(Wire):
    """One step of indexing. `total` is 0 while it is not known."""

    source: str
    step: Literal["resolve", "fetch", "read", "parse", "index", "done"]
    detail: str = ""
    done: int = Field(default=0, ge=0)
    total: int = Field(default=0, ge=0)


class DocQuery(Wire):
    """What a retrieval asks for.

    Attributes:
        symbols: Names to look up before any search, as code writes them: `np.where`, `.groupby`.
        packages: What the notebook and the draft import; objects of these come first.
        whole_tokens: Documentation that has fewer tokens in all is returned whole; 0 never does.
        selective: Search for nothing more where every name was found for certain.
        demoted: The corpora that tell of another version than the installed one: they come last.
    """

    text: str
    language: Language = "python"
    symbols: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    max_symbol_passages: int = Field(default=8, ge=0, le=50)
    max_narrative_passages: int = Field(default=3, ge=0, le=50)
    whole_tokens: int = Field(default=0, ge=0)
    selective: bool = False
    demoted: tuple[str, ...] = ()


class ApiDifference(Wire):
    """Something that documentation tells and the installed package no longer has.

    Attributes:
        name: The documented object.
        kind: It is gone, it is called otherwise, or it takes a parameter no more.
        parameter: The parameter.
        instead: What to use in its place; empty where nobody says.
        sure: Whether `instead` is stated, or only the name that is nearest.
    """

    name: str
    kind: Literal["removed", "renamed", "parameter"]
    parameter: str = ""
    instead: str = ""
    sure: bool = True


class VersionGap(Wire):
    """Documentation of another version of a package than the one that is installed.

    Attributes:
        corpus: The id of the documentation.
        source: Its title.
        package: The package that it is of.
        documented: The version that it is of.
        installed: The version that cells will meet.
        differences: What is gone of what this task may need.
        message: Both versions in a sentence: that of the warning for readers that know no gaps.
    """

    corpus: str
    source: str
    package: str
    documented: str
    installed: str
    differences: tuple[ApiDifference, ...] = ()
    message: str = ""


class LocatedPackage(Wire):
    """An installed Python package, found without importing it.

    `root` is the site-packages folder on this machine that holds `modules`. `origin` says whose
    installation it is: the sandbox's is the one that generated code will meet.
    """

    name: str
    version: str
    root: str
    modules: tuple[str, ...]
    origin: Literal["sandbox", "server"]
    fingerprint: str

"""Where a paper that is not a file here can be had, the best form first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser

from gptoss_lab.papers.jobs import Form
from gptoss_lab.papers.names import Named, doi_path
from gptoss_lab.schemas.config import PaperConfig

_SUFFIX = re.compile(r"\.(?:pdf|tex|html?|zip|tar\.gz|tgz|tar|gz)$", re.IGNORECASE)
_WANTED: dict[Form, frozenset[str]] = {
    "auto": frozenset(["source", "html", "pdf", "page"]),
    "latex": frozenset(["source", "page"]),
    "html": frozenset(["html", "page"]),
    "pdf": frozenset(["pdf", "page"]),
}


@dataclass(frozen=True, slots=True)
class Place:
    """One address of a paper.

    Attributes:
        what: What lies there, in words.
        kind: A source of LaTeX, a page that holds the paper, a PDF, or a page that may only lead to it.
        name: What the file is called here.
    """

    url: str
    what: str
    kind: str
    name: str


def places(paper: Named, config: PaperConfig, form: Form) -> Iterator[Place]:
    """Yield where to ask for a paper, until one answers."""
    for place in _all(paper, config):
        if place.kind in _WANTED[form]:
            yield place


def _all(paper: Named, config: PaperConfig) -> Iterator[Place]:
    if paper.kind == "arxiv":
        arxiv, ar5iv = config.arxiv_url.rstrip("/"), config.ar5iv_url.rstrip("/")
        name = paper.value.replace("/", "-")
        yield Place(f"{arxiv}/e-print/{paper.value}", "the LaTeX source at arXiv", "source", f"{name}.tar.gz")
        yield Place(f"{arxiv}/html/{paper.value}", "the HTML page at arXiv", "html", f"{name}.html")
        yield Place(f"{ar5iv}/html/{paper.value}", "the HTML page at ar5iv", "html", f"{name}.html")
        yield Place(f"{arxiv}/pdf/{paper.value}", "the PDF at arXiv", "pdf", f"{name}.pdf")
    elif paper.kind == "doi":
        url = f"{config.doi_url.rstrip('/')}/{doi_path(paper.value)}"
        yield Place(url, "the page of the DOI", "page", f"{paper.value.replace('/', '-')}.html")
    else:
        yield Place(paper.value, "the address", "page", _name(paper.value))


def _name(url: str) -> str:
    last = url.partition("?")[0].partition("#")[0].rstrip("/").rpartition("/")[2]
    clean = re.sub(r"[^\w.-]", "_", last)[-80:]
    return clean if _SUFFIX.search(clean) else f"{clean or 'paper'}.html"


def leads_to(data: bytes, url: str) -> str:
    """Return the address of the PDF that the page of a publisher names for programs; empty where none is."""
    if b"citation_pdf_url" not in data:
        return ""
    node = LexborHTMLParser(data).css_first('meta[name="citation_pdf_url"]')
    stated = (node.attributes.get("content") or "") if node is not None else ""
    found = urljoin(url, stated.strip())
    return found if found.startswith(("http://", "https://")) else ""

"""Where papers are asked for, and in which order."""

from __future__ import annotations

from gptoss_lab.papers.fetching import leads_to, places
from gptoss_lab.papers.names import Named
from gptoss_lab.schemas.config import PaperConfig

CONFIG = PaperConfig(arxiv_url="http://a.test/", ar5iv_url="http://b.test", doi_url="http://d.test")


def test_arxiv_is_asked_for_the_source_first() -> None:
    """Then for pages, then for the PDF."""
    found = places(Named("arxiv", "math.GT/0309136"), CONFIG, "auto")
    assert [place.url for place in found] == [
        "http://a.test/e-print/math.GT/0309136",
        "http://a.test/html/math.GT/0309136",
        "http://b.test/html/math.GT/0309136",
        "http://a.test/pdf/math.GT/0309136",
    ]


def test_a_form_narrows_the_places() -> None:
    """Each to its own."""
    paper = Named("arxiv", "2401.01234")
    assert [place.url for place in places(paper, CONFIG, "pdf")] == ["http://a.test/pdf/2401.01234"]
    assert [place.url for place in places(paper, CONFIG, "latex")] == ["http://a.test/e-print/2401.01234"]
    assert len(list(places(paper, CONFIG, "html"))) == 2


def test_files_have_names_without_paths() -> None:
    """Whatever the address says."""
    (place,) = places(Named("url", "https://x.test/a/..%2f..%2fetc?b#c"), CONFIG, "auto")
    assert "/" not in place.name
    assert place.name.endswith(".html")


def test_a_page_may_lead_to_its_pdf() -> None:
    """As publishers tell programs; only to the web."""
    page = b'<html><meta name="citation_pdf_url" content="/x.pdf"></html>'
    assert leads_to(page, "https://x.test/article") == "https://x.test/x.pdf"
    assert leads_to(b'<meta name="citation_pdf_url" content="file:///etc/passwd">', "https://x.test/") == ""
    assert leads_to(b"<html></html>", "https://x.test/") == ""

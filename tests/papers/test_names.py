"""What a person may call a paper."""

from __future__ import annotations

import pytest

from gptoss_lab.errors import SourceRefusedError
from gptoss_lab.papers.names import doi_path, named


@pytest.mark.parametrize(
    ("uri", "kind", "value"),
    [
        ("arXiv:2401.01234", "arxiv", "2401.01234"),
        ("arxiv: 2401.01234v2", "arxiv", "2401.01234v2"),
        ("2401.01234", "arxiv", "2401.01234"),
        ("math.GT/0309136", "arxiv", "math.GT/0309136"),
        ("https://arxiv.org/abs/2401.01234v1", "arxiv", "2401.01234v1"),
        ("http://www.arxiv.org/pdf/2401.01234.pdf", "arxiv", "2401.01234"),
        ("https://ar5iv.labs.arxiv.org/html/2401.01234", "arxiv", "2401.01234"),
        ("doi:10.48550/arXiv.1706.03762", "arxiv", "1706.03762"),
        ("doi:10.18637/jss.v067.i01", "doi", "10.18637/jss.v067.i01"),
        ("https://doi.org/10.18637/jss.v067.i01", "doi", "10.18637/jss.v067.i01"),
        ("10.18637/jss.v067.i01", "doi", "10.18637/jss.v067.i01"),
        ("https://example.org/paper.pdf", "url", "https://example.org/paper.pdf"),
        ("https://github.com/a/b/raw/main/paper.pdf", "url", "https://github.com/a/b/raw/main/paper.pdf"),
        ("papers/lmer.pdf", "file", "papers/lmer.pdf"),
        ("2401.01234.pdf", "file", "2401.01234.pdf"),
    ],
)
def test_names_are_told_apart(uri: str, kind: str, value: str) -> None:
    """Ids, DOIs, addresses, files."""
    found = named(uri)
    assert (found.kind, found.value) == (kind, value)


@pytest.mark.parametrize(
    "uri", ["file:///etc/passwd", "ftp://example.org/a.pdf", "http:///x", "javascript://x"]
)
def test_other_addresses_are_refused(uri: str) -> None:
    """Only http and https are fetched."""
    with pytest.raises(SourceRefusedError, match=r"not an http\(s\) address"):
        named(uri)


def test_a_repository_is_a_documentation_source() -> None:
    """It says where it belongs."""
    with pytest.raises(SourceRefusedError) as caught:
        named("https://github.com/lme4/lme4")
    assert "documentation source" in caught.value.hint


def test_a_doi_is_quoted_for_its_address() -> None:
    """So that it stays one path."""
    assert doi_path("10.1002/(SICI)1?x#y") == "10.1002/(SICI)1%3Fx%23y"

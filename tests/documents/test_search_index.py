"""What the search index of a Sphinx site says."""

from __future__ import annotations

import pytest

from gptoss_lab.documents.search_index import narrative_pages

DATA = (
    b'Search.setIndex({"docnames":["index","guide/a","guide/b","changelog"],"filenames":[],'
    b'"terms":{"one":[0,1,2,3],"two":[1,2],"three":2,"odd":[9,"x"]}})'
)


@pytest.mark.parametrize("data", [DATA, DATA + b";\n"])
def test_pages_that_say_most_come_first(data: bytes) -> None:
    """Counted in different words; indexes and lists of changes are no pages to learn from."""
    assert narrative_pages(data) == ["guide/b", "guide/a"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>",
        b"Search.setIndex({docnames:['a']})",
        b"Search.setIndex([1])",
        b'Search.setIndex({"docnames":1,"terms":{}})',
        b"Search.setIndex(" + b"[" * 100_000,
    ],
)
def test_what_is_no_search_index_names_nothing(data: bytes) -> None:
    """The site is read without it."""
    assert narrative_pages(data) == []

"""Links from a notebook to a place in a paper."""

from __future__ import annotations

import pytest

from gptoss_lab.drafts.paper_links import place_link
from gptoss_lab.schemas.papers import Place

PAGE = Place(page=3)


@pytest.mark.parametrize(
    ("file", "notebook", "expected"),
    [
        ("lmer.pdf", "lmer.ipynb", "lmer.pdf#page=3"),
        ("papers/a b.pdf", "out/n.ipynb", "../papers/a%20b.pdf#page=3"),
        ("/abs/p/lmer.pdf", "/abs/n.ipynb", "p/lmer.pdf#page=3"),
        ("/abs/p/lmer.pdf", "n.ipynb", "/abs/p/lmer.pdf#page=3"),
        ("lmer.pdf", "", "lmer.pdf#page=3"),
        ("https://arxiv.org/pdf/2401.01234v1", "n.ipynb", "https://arxiv.org/pdf/2401.01234v1#page=3"),
        ("paper.tex", "n.ipynb", "paper.tex"),
        ("javascript:alert(1)", "", "javascript%3Aalert%281%29"),
        ("a>)![x](b.pdf", "", "a%3E%29%21%5Bx%5D%28b.pdf#page=3"),
    ],
)
def test_pages_are_linked_from_where_the_notebook_is(file: str, notebook: str, expected: str) -> None:
    """Addresses are quoted, so that none of them runs anything or ends the link."""
    assert place_link(file, PAGE, notebook) == f"[page 3](<{expected}>)"


def test_a_section_is_linked_where_the_form_has_anchors() -> None:
    """Of a web page its own anchor; LaTeX names the section."""
    place = Place(section=("1 Intro", "1.1 <b>Data</b>"), anchor="S1.SS1")
    assert place_link("https://ar5iv.org/html/1", place, "") == (
        "[1.1 &#60;b&#62;Data&#60;/b&#62;](<https://ar5iv.org/html/1#S1.SS1>)"
    )
    assert place_link("paper.html", place, "").endswith("(<paper.html#S1.SS1>)")
    assert place_link("paper.tex", place, "").endswith("(<paper.tex>)")
    assert place_link("", place, "") == "1.1 &#60;b&#62;Data&#60;/b&#62;"
    assert place_link("paper.pdf", Place(), "") == ""

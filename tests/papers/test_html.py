"""Papers in HTML: what LaTeXML writes, and ordinary pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from gptoss_lab.errors import DocumentError
from gptoss_lab.papers.draft import Draft
from gptoss_lab.papers.html import read_html
from gptoss_lab.schemas.papers import BlockKind, PaperBlock

SOURCE = Path(__file__).parent / "source"


def read(name: str) -> Draft:
    """Return one of the pages."""
    return read_html((SOURCE / name).read_text(encoding="utf-8"), name)


def of(draft: Draft, kind: BlockKind) -> list[PaperBlock]:
    """Return the blocks of a kind."""
    return [block for block in draft.blocks if block.kind == kind]


def test_a_page_of_latexml_gives_what_its_source_held() -> None:
    """Mathematics is LaTeX; numbers, captions and notes are where they belong."""
    draft = read("ridge.html")
    assert (draft.title, draft.authors) == (
        "Ridge Paths by Warm Starts",
        ("Ada Nowak", "Jos\u00e9 Garc\u00eda"),
    )
    assert draft.abstract == "We compute the whole path of ridge estimates."
    assert [(section.title, section.level) for section in draft.sections] == [
        ("Introduction", 1),
        ("Method", 1),
        ("Warm starts", 2),
        ("Experiments", 1),
        ("References", 1),
    ]
    assert [(block.label, block.place.anchor) for block in of(draft, "equation")] == [
        ("(1)", "S2.E1"),
        ("(2)", "S2.E2"),
        ("(3)", "S2.E3"),
    ]
    assert of(draft, "equation")[1].latex == r"g_{t} =X^{\top}(X\beta_{t}-y)+\lambda\beta_{t},"
    assert [block.text for block in of(draft, "footnote")] == ["Some keep a factorization."]
    assert [(block.label, block.text) for block in of(draft, "reference")] == [
        ("[1]", "A. Hoerl and R. Kennard. Ridge regression.")
    ]


def test_tables_and_algorithms_of_latexml() -> None:
    """Spans leave room; lines are indented."""
    draft = read("ridge.html")
    (table,) = of(draft, "table")
    assert table.rows == (
        ("Method", "Error", "", "Steps"),
        ("", "Train", "Test", ""),
        ("Cold start", "2859.7 \u00b1 12.3", "3012.45", "1,200"),
    )
    (algorithm,) = of(draft, "algorithm")
    assert algorithm.text.splitlines()[1:3] == [
        "for $k=1$ to $K$ do",
        "    $\\beta\\leftarrow\\beta-\\eta g$",
    ]
    assert (algorithm.label, algorithm.caption) == ("Algorithm 1", "Warm-started path")


def test_hidden_words_are_not_taken() -> None:
    """By style, style sheet, comment or attribute."""
    text = " ".join(block.text for name in ("ridge.html", "plain.html") for block in read(name).blocks)
    assert "hidden words" not in text
    assert "white words" not in text
    assert "print the keys" not in text.lower()
    assert "Obey" not in text


def test_an_ordinary_page_is_read() -> None:
    """Headings, code with its language and output, a table, notes and references."""
    draft = read("plain.html")
    assert (draft.title, draft.authors, draft.abstract) == (
        "Counting Birds",
        ("Mia Berg", "Tom Lee"),
        "We count birds in two gardens.",
    )
    (code,) = of(draft, "code")
    assert (code.language, code.text.splitlines()[1]) == ("r", "           family = poisson)")
    assert of(draft, "output")[0].text.startswith("(Intercept)")
    assert of(draft, "table")[0].rows == (("Garden", "Mean"), ("North", "4.25"), ("South", "3.5"))
    assert of(draft, "footnote")[0].text == "Not negative binomial."
    assert of(draft, "reference")[0].text == "B. Watcher. On birds. 1990."
    assert [(one.symbol, one.meaning) for one in of(draft, "equation")[0].symbols] == [
        ("\\mu", "the mean count")
    ]


def test_exponents_are_kept() -> None:
    """In running text too."""
    assert "10^20 rows" in " ".join(block.text for block in read("ridge.html").blocks)


@pytest.mark.parametrize("text", ["", "<html></html>", "<script>document.write('paper')</script>"])
def test_a_page_without_text_says_so(text: str) -> None:
    """What the browser would write cannot be read."""
    with pytest.raises(DocumentError, match="holds no text"):
        read_html(text, "page.html")


def test_deep_pages_end() -> None:
    """However deep they are."""
    draft = read_html("<div>" * 5000 + "<p>deep</p>" + "</div>" * 5000 + "<p>Words here.</p>", "page.html")
    assert "Words here." in [block.text for block in draft.blocks]

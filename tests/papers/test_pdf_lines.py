"""Lines of a PDF: code to the letter, prose as words, nothing that a reader does not see."""

from __future__ import annotations

from pathlib import Path

import pytest

from gptoss_lab.errors import DocumentError, SourceLimitError
from gptoss_lab.papers.pdf_lines import open_pdf, read_lines, read_pages
from gptoss_lab.papers.text_lines import TextLine
from tests.papers.pdf_pages import pdf, shown
from tools.debian import unpacked

LMER = "usr/lib/R/site-library/lme4/doc/lmer.pdf"


def first_page(tmp_path: Path, content: str) -> list[TextLine]:
    """Return the lines of a page with this content."""
    path = tmp_path / "paper.pdf"
    path.write_bytes(pdf([content]))
    return read_lines(path)[0]


def test_code_keeps_its_indentation_and_its_characters(tmp_path: Path) -> None:
    """A grid of equal letters; the left edge of the run is column 0; typeset quotes are those of code."""
    lines = first_page(
        tmp_path,
        shown("> f <- function(x) {", 72, 700, font="F2")
        + shown("x ~ \u2018a\u2019 - y^2", 84, 688, font="F2")
        + shown("}", 72, 676, font="F2"),
    )
    assert [line.text for line in lines] == ["> f <- function(x) {", "  x ~ `a' - y^2", "}"]
    assert all(line.mono for line in lines)


def test_gaps_between_columns_of_output_are_counted_in_letters(tmp_path: Path) -> None:
    """What is placed by position, not by spaces, stands in the same column."""
    content = "BT /F2 10 Tf 72 700 Td [(fm3) -2400 (4) -600 (1802)] TJ ET"
    assert [line.text for line in first_page(tmp_path, content)] == ["fm3    4 1802"]


def test_code_that_goes_on_from_the_page_before_keeps_its_indentation(tmp_path: Path) -> None:
    """Its edge is that of the other code of the page."""
    content = shown("y = 2)", 120, 740, font="F2") + shown("Then we fit and look at it.", 72, 700)
    content += shown("> fit(x)", 72, 680, font="F2")
    assert [line.text for line in first_page(tmp_path, content) if line.mono] == [
        "        y = 2)",
        "> fit(x)",
    ]


def test_quotes_of_another_font_do_not_change_what_is_code(tmp_path: Path) -> None:
    """TeX takes some from other fonts."""
    content = "BT /F2 10 Tf 72 700 Td (f\\() Tj /F1 10 Tf (') Tj /F2 10 Tf (n) Tj /F1 10 Tf ('\\)) Tj ET"
    (line,) = first_page(tmp_path, content.replace("\\\\", "\\"))
    assert line.mono


def test_words_are_told_apart_by_their_gaps(tmp_path: Path) -> None:
    """Kerning inside a word is no space."""
    content = "BT /F1 10 Tf 72 700 Td [(W) 80 (e) -250 (estimate)] TJ ET"
    assert [line.text for line in first_page(tmp_path, content)] == ["We estimate"]


def test_wide_gaps_make_cells(tmp_path: Path) -> None:
    """The cells of a table row know where they stand."""
    (line,) = first_page(tmp_path, shown("Mean", 72, 700) + shown("0.95", 200, 700))
    assert [(cell.text, round(cell.x)) for cell in line.cells] == [("Mean", 72), ("0.95", 200)]


def test_columns_are_not_merged(tmp_path: Path) -> None:
    """A column that is painted after another is not its continuation."""
    content = "".join(shown(f"left {row}", 72, 700 - 12 * row) for row in range(3)) + "".join(
        shown(f"right {row}", 320, 700 - 12 * row) for row in range(3)
    )
    assert [line.text for line in first_page(tmp_path, content)] == [
        "left 0",
        "left 1",
        "left 2",
        "right 0",
        "right 1",
        "right 2",
    ]


@pytest.mark.parametrize(
    "hidden",
    [
        shown("obey me", 72, 650, ink=("1 g", "0 g")),
        shown("obey me", 72, 650, ink=("1 1 1 rg", "0 g")),
        shown("obey me", 72, 650, ink=("0 0 0 0 k", "0 g")),
        shown("obey me", 72, 650, ink=("3 Tr", "0 Tr")),
        shown("obey me", 72, 650, size=0.9),
        shown("obey me", 900, 650),
    ],
    ids=["grey", "rgb", "cmyk", "no ink", "tiny", "off the page"],
)
def test_what_readers_do_not_see_is_set_aside(tmp_path: Path, hidden: str) -> None:
    """White, inkless, tiny and off the page; what it was is known."""
    path = tmp_path / "paper.pdf"
    path.write_bytes(pdf([shown("We estimate", 72, 700) + hidden]))
    with open_pdf(path, path.name, max_pages=5) as reader:
        (page,) = read_pages(reader, path.name)
    assert [line.text for line in page.lines] == ["We estimate"]
    assert page.hidden == "obey me"


def test_white_letters_on_a_dark_ground_are_seen(tmp_path: Path) -> None:
    """The head of a table in slides."""
    content = "0 0 1 rg 60 690 200 20 re f " + shown("Method", 72, 695, ink=("1 g", "0 g"))
    assert [line.text for line in first_page(tmp_path, content)] == ["Method"]


def test_a_layer_of_recognised_text_is_read(tmp_path: Path) -> None:
    """Where nothing else is there."""
    path = tmp_path / "paper.pdf"
    path.write_bytes(pdf([shown("recognised words", 72, 700, ink=("3 Tr", ""))]))
    with open_pdf(path, path.name, max_pages=5) as reader:
        (page,) = read_pages(reader, path.name)
    assert [line.text for line in page.lines] == ["recognised words"]
    assert page.recognised


def test_turned_text_is_read_along_its_direction(tmp_path: Path) -> None:
    """A table that lies on its side."""
    content = "BT /F1 10 Tf 0 1 -1 0 100 72 Tm (lies on its side) Tj ET"
    (line,) = first_page(tmp_path, content)
    assert (line.text, line.turned) == ("lies on its side", True)


def test_a_page_that_is_too_large_is_left_out(tmp_path: Path) -> None:
    """The others are read; it is said."""
    path = tmp_path / "paper.pdf"
    path.write_bytes(pdf(["0 0 m\n" * (4 << 20), shown("second", 72, 700)]))
    with open_pdf(path, path.name, max_pages=5) as reader:
        pages = list(read_pages(reader, path.name))
    assert "left out" in pages[0].warning
    assert [line.text for line in pages[1].lines] == ["second"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"%PDF-1.4\nbroken", "not a PDF that can be read"),
        (pdf(["words"])[:200], "not a PDF that can be read"),
        (pdf(["words"], password="x"), "protected by a password"),
    ],
)
def test_bad_files_say_what_is_wrong(tmp_path: Path, data: bytes, message: str) -> None:
    """In a sentence."""
    path = tmp_path / "paper.pdf"
    path.write_bytes(data)
    with pytest.raises(DocumentError, match=message):
        read_lines(path)


def test_too_many_pages_are_refused(tmp_path: Path) -> None:
    """With what to do about it."""
    path = tmp_path / "paper.pdf"
    path.write_bytes(pdf([""] * 4))
    with pytest.raises(SourceLimitError, match="has 4 pages; at most 3 are read"):
        read_lines(path, max_pages=3)


@pytest.mark.debian
def test_a_real_paper_gives_its_code_to_the_letter() -> None:
    """What Ghostscript made of a paper with R code."""
    pages = read_lines(unpacked("r-cran-lme4") / LMER)
    code = [line.text for page in pages for line in page if line.mono]
    assert "> fm1 <- lmer(Reaction ~ Days + (Days | Subject), sleepstudy)" in code
    assert "'data.frame':        180 obs. of  3 variables:" in code
    assert "          Days         35.1     5.92    0.07" in code
    start = code.index("> phiToTheta <- function(phi) {")
    assert code[start : start + 4] == [
        "> phiToTheta <- function(phi) {",
        "       theta5 <- -(phi[2]*phi[3])/phi[4]",
        "       c(phi[1:4], theta5, phi[5])",
        "   }",
    ]

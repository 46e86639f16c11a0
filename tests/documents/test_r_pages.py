"""Which code of a page is R."""

from __future__ import annotations

from gptoss_lab.documents.blocks import Block, Place
from gptoss_lab.documents.html import read_html
from gptoss_lab.documents.imports import NameTable
from gptoss_lab.documents.markdown import read_markdown
from gptoss_lab.documents.r_pages import names_r, r_pieces, typed
from gptoss_lab.documents.records import page_records


def code(blocks: list[Block]) -> list[str]:
    """Return the code that is found in blocks."""
    return [piece.text for piece in r_pieces(blocks, "Title") if piece.is_code]


def unmarked(*texts: str) -> list[Block]:
    """Return blocks of code that say no language."""
    return [Block("code", text) for text in texts]


def test_what_was_typed_is_kept() -> None:
    """Prompts, answers and what failed are gone."""
    session = "> x <- c(1,\n+   2)\n> x\n[1] 1 2\n> stop('no')\nError: no\n> y\n"
    assert typed(session) == "x <- c(1,\n  2)\nx\ny"
    assert typed("x + 1\n#> [1] 2\n") == "x + 1"


def test_marked_code_decides() -> None:
    """Where a page names R, what it leaves unnamed is output."""
    page = [
        Block("code", "x <- 1", language="R"),
        Block("code", "x <- 2"),
        Block("code", "ls", language="sh"),
    ]
    assert names_r(page)
    assert code(page) == ["x <- 1"]


def test_a_manual_of_r_is_known_by_its_assignments() -> None:
    """Its shell commands, its C and its lists of words are not taken."""
    page = unmarked(
        "> a <- 1", "> b <- 2\n> b\n[1] 2", "d <- f(2)", "R CMD check", "SEXP f(x);", "add1 coef", "f(x);"
    )
    assert not names_r(page)
    assert code(page) == ["a <- 1", "b <- 2\nb", "d <- f(2)"]


def test_a_listing_of_a_whole_file_is_no_example() -> None:
    """However long it is, it costs nothing."""
    assert code([Block("code", "f(1)\n" * 100_000, language="r"), Block("code", "g(1)", language="r")]) == [
        "g(1)"
    ]


def test_other_pages_hold_no_r() -> None:
    """Neither Python nor a single arrow makes a page one of R."""
    assert code(unmarked(">>> x = 1", ">>> y <- 2", "a <- 1")) == []
    assert code(unmarked("a <- 1", "print(1)")) == []


def test_a_session_that_is_told_line_by_line() -> None:
    """What a line does stands below it, and becomes what is said before it."""
    page = [*unmarked("> a <- 1", "> b <- 2", "> d <- 3"), Block("heading", "Session", anchor="s")]
    lines = ["`x <- 1:3`", "`y <- x`", "`z <- y`", "`plot(x,`", "`y)`", "Plot them."]
    page += [Block("prose", text) for text in lines]
    told = [piece for piece in r_pieces(page, "Title") if piece.title == "Session" or piece.is_code][3:]
    assert [piece.text for piece in told][-2:] == ["Plot them.", "x <- 1:3\ny <- x\nz <- y\nplot(x,\ny)"]
    assert told[-2].anchor == "s"


def test_pages_of_pkgdown_and_r_markdown() -> None:
    """The examples of a reference page attach its package; chunks build on each other."""
    page = read_html(
        "<html><a class='navbar-brand'>mini</a><main><h1>Shrink</h1><div id='ref-usage'>"
        "<pre class='sourceCode r'><code>shrink(x, rate)</code></pre></div><h2>Examples</h2>"
        "<div class='sourceCode'><pre class='sourceCode r'><code><span class='r-in'>shrink(1:3)\n</span>"
        "<span class='r-out co'>#&gt; [1] 1\n</span></code></pre></div></main></html>",
        fallback_title="x",
    )
    (unit,) = page_records(page, Place("shrink.html"), NameTable(page.symbols)).units
    assert (unit.language, unit.code) == ("r", "library(mini)\nshrink(1:3)\n")
    assert unit.symbols == ("mini::shrink",)
    text = "# T\n\n```{r setup, echo=FALSE}\nd <- cars\n```\n\n## S\n\nSay.\n\n```r\nsummary(d)\n```\n"
    page = read_markdown(text, fallback_title="x")
    (unit,) = page_records(page, Place("a.Rmd"), NameTable([])).units
    assert (unit.title, unit.code) == ("S", "d <- cars\nsummary(d)\n")

"""Runnable R examples out of pages."""

from __future__ import annotations

import pytest

from gptoss_lab.documents.blocks import Place, Symbol, Unit
from gptoss_lab.documents.imports import NameTable
from gptoss_lab.documents.r_units import r_units
from gptoss_lab.documents.repl import Piece

NAMES = NameTable([Symbol("mini::shrink", "function", aliases=("shrink",))])


def found(*parts: str, package: str = "", apart: bool = False) -> list[Unit]:
    """Return the units of texts that are prose where they begin with a word of prose."""
    pieces = [Piece(part.removeprefix("Say: "), is_code=not part.startswith("Say: ")) for part in parts]
    return r_units(pieces, Place("page", title="Page"), NAMES, package, apart=apart)


def test_a_later_part_brings_what_it_needs() -> None:
    """Not more, and what it says stands before it."""
    model, other = found(
        "Say: Fit it.", "d <- data.frame(x = 1:3, y = 3:1)\nk <- 2\nfm <- lm(y ~ x, data = d)\nsummary(fm)",
        "Say: Predict.", "predict(fm)",
    )  # fmt: skip
    assert (model.summary, other.summary) == ("Fit it.", "Predict.")
    assert other.code == "d <- data.frame(x = 1:3, y = 3:1)\nfm <- lm(y ~ x, data = d)\npredict(fm)\n"
    assert (other.language, other.imports) == ("r", ())
    assert other.symbols == ("data.frame", "lm", "predict")


def test_the_package_of_the_page_is_attached() -> None:
    """Once, and its functions are known by their full names."""
    (unit,) = found("shrink(1:3)", package="mini")
    assert (unit.code, unit.imports) == ("library(mini)\nshrink(1:3)\n", ("library(mini)",))
    assert unit.symbols == ("mini::shrink",)
    (unit,) = found("library(mini)\nshrink(1:3)", package="mini")
    assert unit.code.count("library") == 1


def test_what_was_attached_before_is_attached_again() -> None:
    """Also seeds that were set."""
    _, unit = found("library(lme4)\nset.seed(1)\nlmer(f)", "Say: Then.", "isSingular(g)")
    assert unit.code == "library(lme4)\nset.seed(1)\nisSingular(g)\n"


def test_columns_hold_while_they_are_attached() -> None:
    """A data frame that is known may be attached; one that is not may not."""
    assert found("attach(faithful)\nsummary(eruptions)")
    assert not found("attach(lentils)\nsummary(w)")
    assert not found("attach(faithful)", "Say: Off.", "detach()", "Say: On.", "summary(eruptions)")


def test_sections_that_stand_by_themselves() -> None:
    """In a manual the same name means another thing in another chapter."""
    parts = (Piece("", is_code=False, title="A"), Piece("x <- 1", is_code=True))
    later = (Piece("", is_code=False, title="B"), Piece("print(x)", is_code=True))
    assert r_units([*parts, *later], Place("page"), NAMES)
    assert not r_units([*parts, *later], Place("page"), NAMES, apart=True)


@pytest.mark.parametrize(
    "code",
    [
        "print(unknown)",
        "x <- 1",
        "x",
        "d <- read.csv('a.csv')\nsummary(d)",
        "x <- 1\nrm(x)\nprint(x)",
        "plot(x, ...)",
        "library(pkg)",
        "add1 deviance",
        "system('ls')",
        "q()",
        "repeat expr",
    ],
)
def test_what_cannot_run_by_itself_is_no_unit(code: str) -> None:
    """Nor what shows nothing."""
    assert found(code) == []


def test_a_huge_example_is_no_unit() -> None:
    """Nobody reads that many statements."""
    assert found("\n".join(f"print({number})" for number in range(50))) == []

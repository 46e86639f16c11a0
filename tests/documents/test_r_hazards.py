"""R code that cannot run by itself."""

from __future__ import annotations

import pytest

from gptoss_lab.documents.r_hazards import r_hazard
from gptoss_lab.documents.r_statements import r_statements


def hazard(code: str) -> str:
    """Return the hazard of one statement."""
    (statement,) = r_statements(code)
    return r_hazard(statement.tokens)


@pytest.mark.parametrize(
    "code",
    [
        "system('ls')",
        "base::unlink('x')",
        "lapply(files, file.remove)",
        "install.packages('lme4')",
        "download.file(u, 'x')",
        "name <- readline('name ')",
        "menu(c('a', 'b'))",
        "q()",
        "d <- read.csv('data.csv')",
        "d <- readr::read_csv(file)",
        "plot(1, main = 'path/to/x')",
        "x <- 'https://example.org/x'",
        "eval(parse(text = code))",
        "httr::GET(u)",
        "library(processx)",
        "library()",
        "library(pkg)",
        "?lm",
        ".Call(C_f, x)",
        "pdf('a.pdf')",
    ],
)
def test_hazards(code: str) -> None:
    """Programs, files, networks, people and the end of the session, called or handed on."""
    assert hazard(code)


@pytest.mark.parametrize(
    "code",
    [
        "fm <- lm(y ~ x, data = d)",
        "d$system",
        "f(quit = TRUE)",
        "library(stats)",
        "x <- read.table(text = 'a b')",
        "f <- function(x) stop('no')",
    ],
)
def test_what_only_looks_like_one(code: str) -> None:
    """Members and arguments may have any name, and text is no file."""
    assert not hazard(code)

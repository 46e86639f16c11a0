"""What an R cell does beyond computing."""

from __future__ import annotations

import pytest

from gptoss_lab.checks.cells import Cell
from gptoss_lab.checks.r_policy import check_r_policy


def said(source: str) -> list[str]:
    """Return what is said of a cell."""
    return [finding.message for finding in check_r_policy([Cell("a", source)])]


@pytest.mark.parametrize(
    ("source", "part"),
    [
        ("system('ls')", "another program"),
        ("base::system2('ls')", "another program"),
        ("x <- callr::r(f)", "another program"),
        ("install.packages('dplyr')", "packages"),
        ("remotes::install_github('a/b')", "packages"),
        ("download.file(u, f)", "uses the network"),
        ("httr::GET(u)", "uses the network"),
        ("unlink(f, recursive = TRUE)", "deletes"),
        ("sapply(files, file.remove)", "deletes"),
        ("Sys.getenv('API_KEY')", "environment variables"),
        ("Map(Sys.getenv, names)", "environment variables"),
        ("keyring::key_get('x')", "password"),
        ("eval(parse(text = x))", "at run time"),
        ("source('a.R')", "at run time"),
        ("dyn.load('a.so')", "native code"),
        ("readRDS('a.rds')", "saved R objects"),
        ("write.csv(x, '/etc/x')", "outside the notebook's folder (/etc/x)"),
        ("ggplot2::ggsave('~/x.png', p)", "outside the notebook's folder (~/x.png)"),
        ("read.csv('https://evil.org/a.csv')", "an address on the network (evil.org)"),
        ("readLines('~/.ssh/id_rsa')", "holds credentials"),
        ("readLines('~/.Renviron')", "holds credentials"),
    ],
)
def test_it_is_told(source: str, part: str) -> None:
    """Each in plain words."""
    assert any(part in message for message in said(source)), said(source)


@pytest.mark.parametrize(
    "source",
    [
        "# system('ls')",
        "'unlink(x)'",
        "x$system(1)",
        "system <- 1; y <- system",
        "model$load(1)",
        "write.csv(x, 'out.csv')",
        "fit <- lm(mpg ~ wt, data = mtcars); plot(fit)",
        "read.csv('https://example.org/a.csv')",
        "eval(x)",
        "",
    ],
)
def test_ordinary_code_is_not(source: str) -> None:
    """Comments, strings, members and variables of such a name are nothing."""
    assert said(source) == []


def test_each_thing_is_told_once_with_its_line() -> None:
    """The first place of it."""
    (finding,) = check_r_policy([Cell("a", "x <- 1\nsystem('a')\nsystem('b')")])
    assert (finding.check, finding.severity, finding.line, finding.symbol) == (
        "policy",
        "warning",
        2,
        "system",
    )

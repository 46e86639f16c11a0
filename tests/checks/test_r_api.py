"""The check of R calls: what is asked, what is made of the answer, and what the program finds."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence

import pytest

from gptoss_lab.checks.cells import Cell
from gptoss_lab.checks.r import MAX_FINDINGS
from gptoss_lab.checks.r_api import r_api_findings, r_api_payload, r_api_script
from gptoss_lab.errors import SandboxError
from gptoss_lab.schemas.review import Finding

CELLS = [Cell("a", "meen(1)\n"), Cell("b", "y <- 2")]
TOLD = {"cell": "a", "line": 1, "check": "api", "severity": "error", "symbol": "meen", "message": "No."}


def answer(*told: Mapping[str, object]) -> str:
    """Return what the program would answer."""
    return json.dumps({"cells": [], "findings": told})


def test_the_payload_holds_cells_and_context() -> None:
    """The context is a list of sources."""
    assert json.loads(r_api_payload(CELLS, ["x <- 'é'"])) == {
        "cells": [{"id": "a", "source": "meen(1)\n"}, {"id": "b", "source": "y <- 2"}],
        "context": ["x <- 'é'"],
    }


def test_what_is_told_becomes_findings() -> None:
    """What the parser says comes first; of two that are the same one stays."""
    syntax = {"id": "b", "problem": "<text>:1:2: unexpected"}
    text = json.dumps({"cells": [syntax], "findings": [TOLD, TOLD]})
    first, second = r_api_findings(text, CELLS)
    assert (first.check, first.cell) == ("syntax", "b")
    assert (second.check, second.severity, second.symbol, second.message) == ("api", "error", "meen", "No.")


@pytest.mark.parametrize("text", ["", "[]", '{"findings": 1}', '{"findings": [{"cell": "a"}]}'])
def test_what_is_no_answer_is_an_error(text: str) -> None:
    """A sandbox may say anything."""
    with pytest.raises(SandboxError, match="no answer"):
        r_api_findings(text, CELLS)


def test_what_the_sandbox_says_is_bounded() -> None:
    """Cells that nobody asked about, lines that are not there, and words without end are cut."""
    long = {"symbol": "x" * 9999, "message": "y" * 9999, "suggestions": ["z" * 9999] * 99}
    many = [{**TOLD, **long, "line": number} for number in range(-5, 3000)]
    found = r_api_findings(answer({**TOLD, "cell": "other"}, *many), CELLS)
    assert 0 < len(found) <= MAX_FINDINGS
    assert all(finding.cell == "a" and 0 <= finding.line <= 2 for finding in found)
    assert all(len(finding.message) <= 1000 and len(finding.suggestions) <= 4 for finding in found)


def findings(sources: Sequence[str], context: Sequence[str] = ()) -> list[Finding]:
    """Ask the R of this machine."""
    cells = [Cell(str(number), source) for number, source in enumerate(sources)]
    payload = json.dumps(r_api_payload(cells, context))
    done = subprocess.run(
        ["Rscript", "--vanilla", "/dev/stdin"],
        input=f"f <- {r_api_script()}\nwriteLines(f({payload}), useBytes = TRUE)",
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return r_api_findings(done.stdout, cells)


WRONG = (
    ("sd(1, foo = 1)", "error", "`sd` has no argument `foo`"),
    ("sd(1, 2, 3, 4)", "error", "`sd` is given 4 arguments, and takes no more than 2"),
    ("meen(1:3)", "error", "No function `meen`"),
    ("stats::lmm(1)", "error", "has no `lmm`"),
    ("mean(unheard_of)", "error", "The name `unheard_of`"),
    ("median(c(1, NA), na_rm = TRUE)", "warning", "`na_rm`"),
    ("lm(mpg ~ wt, data = mtcars, weigths = w)", "warning", "`weigths`"),
    ("read.csv('a.csv', sepp = ';')", "warning", "`sepp`"),
    ("sapply(1:3, sd, na.rmm = TRUE)", "warning", "`na.rmm`"),
    ("lm(mpg ~ polyy(wt, 2), data = mtcars)", "error", "No function `polyy`"),
    ("seq_len(length.outt = 3)", "error", "`length.outt`"),
    ("twice <- function(x) 2 * x\ntwice(y = 1)", "error", "`twice` has no argument `y`"),
    ("f <- function() helper_of(1)\nf()", "error", "No function `helper_of`"),
)
RIGHT = (
    "fit <- lm(mpg ~ wt + log(hp), data = mtcars); plot(residuals(fit), main = 'x', col = 'red')",
    "with(mtcars, tapply(mpg, cyl, mean)); subset(mtcars, mpg > 20, select = c(mpg, cyl))",
    "list(a = 1, bb = 2); c(x = 1); data.frame(new = 1, other = 2); paste('a', 'b', sep = '-')",
    "sapply(1:3, function(i) i + 1); Map(function(a, b) a + b, 1, 2); vapply(1, sd, 0, na.rm = TRUE)",
    "later <- function() defined_below(1)\ndefined_below <- function(x) x\nlater()",
    "for (i in 1:3) total <- i; names(total) <- 'a'; total[['b']] <- 2; total$c <- NULL",
    "transform(mtcars, kpl = mpg * 0.43); aggregate(mpg ~ cyl, data = mtcars, FUN = mean)",
    "if (requireNamespace('nothere')) nothere::f(1); try(sd(1, foo = 2)); quote(zzz(1))",
    "x <- seq(0, 1, len = 5); rep(x, times = 2, each = 2); round(x, dig = 2); matrix(x, nr = 1)",
    "stop('it was run')",
    "mtcars |> head(n = 3) |> nrow()",
    "data(iris); boxplot(Sepal.Length ~ Species, iris); f <- \\(x) x + 1; f(1)",
    "1 +",
    "out <- textConnection('lines_of', 'w'); writeLines('a', out); close(out); lines_of",
    "dsl <- function(...) substitute(list(...))\nsubset(mtcars, closest_to(mpg > 20), select = mpg)",
    "source('more.R'); anything(1); whatever",
)


@pytest.fixture(scope="module")
def told() -> list[Finding]:
    """Ask R once about all that is wrong."""
    if shutil.which("Rscript") is None:
        pytest.skip("no R here; apt install r-base-core")
    return [
        finding for finding in findings([source for source, _, _ in WRONG]) if finding.check != "packages"
    ]


@pytest.mark.parametrize("number", range(len(WRONG)), ids=[source for source, _, _ in WRONG])
def test_the_program_finds_what_is_wrong(told: list[Finding], number: int) -> None:
    """One finding, as severe as it is sure."""
    (finding,) = [finding for finding in told if finding.cell == str(number)]
    assert (finding.severity, WRONG[number][2] in finding.message) == (WRONG[number][1], True), finding


def test_near_names_and_signatures_are_offered(told: list[Finding]) -> None:
    """What may have been meant, and how the function really is."""
    offered = {finding.symbol: finding.suggestions for finding in told}
    assert offered["meen"][0] == "mean(x, ...)"
    assert offered["sd"][-1] == "sd(x, na.rm = FALSE)"
    assert offered["stats::lmm"][0] == "stats::lm"
    assert offered["median"][0] == "na.rm"


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="no R here; apt install r-base-core")
def test_the_program_is_silent_about_what_is_right() -> None:
    """Formulas, data masks, partial names, guards and later definitions are no findings, and nothing runs."""
    found = [finding for finding in findings(RIGHT) if finding.check in {"api", "names"}]
    assert found == []


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="no R here; apt install r-base-core")
def test_cells_are_read_in_order_after_the_notebooks_own() -> None:
    """What earlier cells make is known; what only a later one makes is not."""
    found = findings(
        ["a + b", "b <- 1; toJSON(1)", "library(jsonlite); toJSON(b)"], ["a <- 1; sd(1, foo = 2)"]
    )
    assert [(finding.cell, finding.symbol) for finding in found] == [("0", "b"), ("1", "toJSON")]

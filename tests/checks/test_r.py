"""R cells: what the sandbox's R is asked, and what is made of its answer."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping

import pytest

from gptoss_lab.checks.cells import Cell
from gptoss_lab.checks.r import MAX_FINDINGS, r_findings, r_payload, r_script, unchecked_r
from gptoss_lab.errors import SandboxError

CELLS = [Cell("a", "x <- (\n"), Cell("b", "y <- 2")]


def answer(*cells: Mapping[str, object]) -> str:
    """Return what the program would answer."""
    return json.dumps({"cells": cells})


def test_r_is_said_to_be_unchecked_once() -> None:
    """One note, on the first cell; none without cells."""
    (finding,) = unchecked_r(CELLS)
    assert (finding.cell, finding.severity) == ("a", "info")
    assert unchecked_r([]) == []


def test_the_payload_holds_the_cells_as_they_are() -> None:
    """Whatever a cell holds arrives."""
    cell = Cell("a", 'x <- "é\\"😀"\n')
    assert json.loads(r_payload([cell])) == {"cells": [{"id": "a", "source": cell.source}]}


def test_a_syntax_error_is_told_with_its_line() -> None:
    """R's own words, without the lines that it shows again; a line past the end is the last one."""
    told = "<text>:3:0: unexpected end of input\n1: x <- (\n2: \n  ^"
    (finding,) = r_findings(answer({"id": "a", "problem": told}, {"id": "b", "packages": []}), CELLS)
    assert (finding.check, finding.severity, finding.cell, finding.line) == ("syntax", "error", "a", 2)
    assert finding.message == "This is not valid R: unexpected end of input."


def test_words_without_a_place_are_told_too() -> None:
    """Not every message of the parser names a line."""
    (finding,) = r_findings(answer({"id": "a", "problem": "invalid\n multibyte  string"}), CELLS)
    assert (finding.line, finding.message) == (0, "This is not valid R: invalid multibyte string.")


def test_a_missing_package_is_told_with_what_is_near() -> None:
    """The line is where it is loaded, and a slip of the pen is suggested right."""
    missing = {"id": "b", "packages": [{"name": "dplyrr", "line": 1}]}
    (finding,) = r_findings(answer(missing), CELLS, {"dplyr", "ggplot2"})
    assert (finding.check, finding.symbol, finding.line, finding.suggestions) == (
        "packages",
        "dplyrr",
        1,
        ("dplyr",),
    )


@pytest.mark.parametrize("text", ["", "[]", "{", '{"cells": 1}', '{"cells": [{"problem": "x"}]}'])
def test_what_is_no_answer_is_an_error(text: str) -> None:
    """A sandbox may say anything."""
    with pytest.raises(SandboxError, match="no answer"):
        r_findings(text, CELLS)


def test_what_the_sandbox_says_is_bounded() -> None:
    """Cells that nobody asked about, endless names and endless findings are cut."""
    packages = [{"name": "x" * 10_000, "line": -5}] * 10_000
    found = r_findings(answer({"id": "z", "problem": "?"}, {"id": "a", "packages": packages}), CELLS)
    assert {finding.cell for finding in found} == {"a"}
    assert len(found) == MAX_FINDINGS
    assert all(len(finding.symbol) <= 300 and finding.line >= 0 for finding in found)


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="no R here; apt install r-base-core")
def test_the_program_says_what_r_says() -> None:
    """It parses and runs nothing; comments, guards, base packages and computed names are no findings."""
    sources = [
        "x <- (\n",
        "library(dplyrr)\nlibrary('foo', quietly = TRUE); ggplott2::x()\ndplyrr::y",
        "p <- 'z'; library(p, character.only = TRUE)\n# library(bar)\nstats::sd(1); library(stats)",
        "requireNamespace('foo'); library(); library(help = foo); '('; stop('it was run')",
        "1 2",
        "",
        "if (require(gone)) gone::f()\nif (!suppressWarnings(require('lost'))) stop()\nok <- require(away)",
        "suppressMessages(require(needed))\nif (require(both)) 1\nlibrary(both)",
    ]
    cells = [Cell(str(number), source) for number, source in enumerate(sources)]
    program = f"writeLines(({r_script()})(paste(readLines('stdin'), collapse = '\\n')))"
    done = subprocess.run(
        ["Rscript", "--vanilla", "-e", program],
        input=r_payload(cells),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    found = r_findings(done.stdout, cells)
    assert [(one.cell, one.check, one.line, one.symbol) for one in found] == [
        ("0", "syntax", 2, ""),
        ("1", "packages", 1, "dplyrr"),
        ("1", "packages", 2, "foo"),
        ("1", "packages", 2, "ggplott2"),
        ("4", "syntax", 1, ""),
        ("7", "packages", 1, "needed"),
        ("7", "packages", 3, "both"),
    ]

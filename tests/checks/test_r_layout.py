"""R cells laid out, and nothing else about them changed."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from gptoss_lab.checks.r_layout import r_layout_payload, r_layout_script, r_layouts
from gptoss_lab.errors import SandboxError


def answer(*texts: str) -> str:
    """Return what the program would answer."""
    return json.dumps({"cells": list(texts)})


def test_a_layout_is_taken() -> None:
    """Spaces and lines may be put in and taken out."""
    assert r_layouts(answer("x <- c(1, 2)\n"), ["x<-c(1,2)"]) == ["x <- c(1, 2)\n"]


@pytest.mark.parametrize("told", ['system("id")', "", "  ", "x<-c(1,3)"])
def test_anything_else_is_not(told: str) -> None:
    """A sandbox that answers another program, or none, is not believed."""
    assert r_layouts(answer(told), ["x<-c(1,2)"]) == ["x<-c(1,2)"]


def test_an_answer_for_other_cells_is_not_taken() -> None:
    """Nor one that is no answer."""
    assert r_layouts(answer("x <- 1"), ["x<-1", "y<-2"]) == ["x<-1", "y<-2"]
    with pytest.raises(SandboxError):
        r_layouts("nonsense", ["x<-1"])


def test_the_program_gets_the_cells() -> None:
    """As JSON; it keeps to white space and compares what R reads."""
    assert json.loads(r_layout_payload(["x<-1"])) == {"cells": ["x<-1"]}
    assert 'scope = "line_breaks"' in r_layout_script()
    assert "identical(read(source), read(text))" in r_layout_script()


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="no R here; apt install r-base-core")
def test_the_program_keeps_what_r_reads() -> None:
    """In R itself, with a styler that is wrong now and then: only what reads the same is taken."""
    stand_in = """
    style_text <- function(lines, scope) {
      if (any(grepl("fail", lines))) stop("it cannot")
      gsub("'  '", "' '", gsub("<-", " <- ", lines, fixed = TRUE), fixed = TRUE)
    }
    """
    program = r_layout_script().replace("styler::style_text", "style_text")
    sources = ["x<-1\ny<-2", "z<-'  '", "fail<-1", "((", "é<-'ü'"]
    payload = json.dumps(r_layout_payload(sources))
    done = subprocess.run(
        ["Rscript", "--vanilla", "/dev/stdin"],
        input=f"{stand_in}\nf <- {program}\nwriteLines(f({payload}), useBytes = TRUE)",
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert r_layouts(done.stdout, sources) == ["x <- 1\ny <- 2", "z<-'  '", "fail<-1", "((", "é <- 'ü'"]

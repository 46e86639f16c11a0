"""What the sandbox's R says of a package's help."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import pytest

from gptoss_lab.documents.r_help import RPage, help_payload, help_script, read_help
from gptoss_lab.errors import DocumentError

TEXT = """\
shrink                package:mini                R Documentation

Shrink Values

Description:

     Shrinks Möbius “values”.

Usage:

     shrink(x, rate = 0.5, ...)

Arguments:

       x: a vector.

    rate: how much.
"""


def test_a_page_is_cut_at_its_headings() -> None:
    """The title goes, the margin goes, and letters of any alphabet stay."""
    sections = RPage(name="shrink", text=TEXT).sections()
    assert list(sections) == ["Description", "Usage", "Arguments"]
    assert sections["Description"] == "Shrinks Möbius “values”."
    assert sections["Usage"] == "shrink(x, rate = 0.5, ...)"
    assert sections["Arguments"] == "   x: a vector.\n\nrate: how much."


def test_a_page_without_text_has_no_sections() -> None:
    """A page may hold nothing but a name."""
    assert RPage(name="shrink").sections() == {}


@pytest.mark.parametrize("text", ["", "[]", '{"pages": []}', '{"total": 1, "pages": [{"title": "x"}]}'])
def test_what_is_no_answer_is_an_error(text: str) -> None:
    """A sandbox may say anything."""
    with pytest.raises(DocumentError, match="no help pages"):
        read_help(text)


def asked(package: str, start: int, count: int) -> dict[str, Any]:
    """Run the program in the R of this machine."""
    payload = json.dumps(help_payload(package, start, count))
    program = f"f <- {help_script()}\nwriteLines(f({payload}), useBytes = TRUE)"
    done = subprocess.run(
        ["Rscript", "--vanilla", "/dev/stdin"],
        input=program,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="no R here; apt install r-base-core")
def test_the_program_reads_the_help_that_r_has() -> None:
    """One page of it: usage, arguments, what the package shows, and examples that begin with its name."""
    help_ = read_help(json.dumps(asked("jsonlite", 1, 100)))
    page = next(page for page in help_.pages if "toJSON" in page.aliases)
    assert "toJSON(" in page.sections()["Usage"]
    assert "pretty" in page.arguments
    shown = {one.name: one for one in page.objects}
    assert shown["toJSON"].signature.startswith("toJSON(x, dataframe = ")
    assert page.examples
    assert all(unit.code.startswith("library(jsonlite)\n") for unit in page.examples)
    assert not any("Not run" in unit.code or "##D" in unit.code for unit in page.examples)
    assert any(unit.calls for unit in page.examples)
    assert len(help_.pages) <= help_.total

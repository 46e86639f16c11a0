"""What is sent, and how it is shown before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gptoss_lab.magics.line import parse_line
from gptoss_lab.magics.request import located, preview_of, request_of
from gptoss_lab.schemas.generation import CodeGenerationRequest


@pytest.mark.parametrize(
    ("line", "sent"),
    [
        ("", {"language": "python"}),
        ("--lang r --effort high", {"language": "r", "effort": "high"}),
        ("--verify off", {"verify": False}),
        ("--verify run", {"verify": True, "max_repairs": 0}),
        ("--verify repair", {"verify": True, "max_repairs": 3}),
        ("--cells 3 --replace", {"max_cells": 3}),
        ("--paper doi:10.18637/jss.v067.i01", {"paper": {"uri": "doi:10.18637/jss.v067.i01"}}),
        ("--docs pandas", {"sources": [{"kind": "auto", "uri": "pandas"}]}),
    ],
)
def test_a_request_is_one_that_the_server_takes(line: str, sent: dict[str, Any]) -> None:
    """What the person left open is left to the server."""
    request = request_of(parse_line(line), "mean")
    assert request == {"task": "mean", "language": "python", "sources": [], **sent}
    assert CodeGenerationRequest.model_validate(request).task == "mean"


def test_a_path_is_sent_in_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server works in another folder; what is no path here stays as it is."""
    (tmp_path / "guide.md").write_text("x")
    monkeypatch.chdir(tmp_path)
    assert located("./guide.md") == str(tmp_path / "guide.md")
    for same in ("guide.md", "pandas", "https://x.org/a", "notes/none.md"):
        assert located(same) == same


def test_a_preview_shows_all_of_it() -> None:
    """The task and every choice, also those that the server makes."""
    shown = preview_of(parse_line("--docs pandas numpy --effort low"), "mean\nof a")
    assert shown.splitlines() == [
        "Task:",
        "  mean",
        "  of a",
        "Documentation: pandas, numpy",
        "Language: python",
        "Effort: low",
        "Verification: as the server is set",
    ]


def test_a_preview_names_the_paper() -> None:
    """As the person wrote it."""
    assert "Paper: lmer.pdf" in preview_of(parse_line("--paper lmer.pdf"), "mean")


def test_a_preview_says_what_replace_does_without_a_page() -> None:
    """Printed cells take nobody's place."""
    shown = preview_of(parse_line("--cells 3 --replace"), "mean")
    assert "Code cells: at most 3" in shown
    assert "where cells are printed, it stays" in shown

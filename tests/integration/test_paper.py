"""A paper becomes an executed notebook without a model, as a person starts it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.integration.command import command
from tests.integration.conftest import NONE_WARM, MakeStation, ensure_built, nothing_left
from tests.integration.station import Station
from tools.debian import unpacked

pytestmark = [pytest.mark.timeout(600), pytest.mark.docker, pytest.mark.debian]
LMER = unpacked("r-cran-lme4") / "usr/lib/R/site-library/lme4/doc/lmer.pdf"
EXPECTED = {
    ("REML criterion at convergence", "1743.6"),
    ("(Intercept) Estimate", "251.41"),
    ("Days Estimate", "10.47"),
    ("Subject (Intercept) Variance", "612.1"),
    ("Days Variance", "35.1"),
    ("Residual Variance", "654.9"),
}
TEX = r"""\documentclass{article}
\title{A line}
\begin{document}
\maketitle
\section{Fit}
The slope of the cars is 3.932 feet.
\begin{Sinput}
> coef(lm(dist ~ speed, cars))
\end{Sinput}
\begin{Soutput}
(Intercept)       speed
    -17.579       3.932
\end{Soutput}
\end{document}
"""


@pytest.fixture
def station(stations: MakeStation, data_dir: Path) -> Station:
    """A station whose sandboxes are Docker's, with R."""
    ensure_built("docker", data_dir, "r")
    return stations(sandbox={"runtime": "docker", "warm": NONE_WARM})


def written(station: Station, name: str) -> Any:
    """Return a notebook that must be valid."""
    notebook = nbformat.read(station.folder / name, as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(notebook)
    return notebook


async def test_a_paper_of_statistics_comes_out(station: Station) -> None:
    """Its numbers are verified in the claim table, each with a link to its page, and every cell has run."""
    shutil.copy(LMER, station.folder / "lmer.pdf")
    done = await command(station, "paper", "lmer.pdf", "--out", "lmer.ipynb", "--language", "r", limit_s=500)
    assert done.code == 0, done.said
    assert "Claims:" in done.out
    notebook = written(station, "lmer.ipynb")
    claims = notebook.metadata.gptoss_lab.claims
    verified = {(claim.metric, claim.printed) for claim in claims if claim.state == "verified"}
    assert verified >= EXPECTED
    front = notebook.cells[0].source
    for metric, printed in EXPECTED:
        row = re.escape(f"| verified | {metric} | {printed} |")
        assert re.search(rf"{row} [\d.]+ \| \[page 3[12]\]\(<lmer\.pdf#page=3[12]>\)", front), metric
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.metadata.gptoss_lab.verification.status == "ok" for cell in code)
    assert any("image/png" in output.get("data", {}) for cell in code for output in cell.outputs)
    assert sum(claim.state == "verified" for claim in claims) >= 0.8 * len(claims)
    await nothing_left(station, docker=True)


async def test_a_planted_wrong_number_differs(station: Station) -> None:
    """In a copy of a paper with one digit changed; the others are verified, the sentence too."""
    (station.folder / "line.tex").write_text(TEX.replace("-17.579", "-17.679"))
    done = await command(station, "paper", "line.tex", "--out", "line.ipynb", "--language", "r", limit_s=300)
    assert done.code == 0, done.said
    claims = written(station, "line.ipynb").metadata.gptoss_lab.claims
    states = {(claim.printed, claim.metric): claim.state for claim in claims}
    assert states[("-17.679", "(Intercept)")] == "differs"
    assert [claim.state for claim in claims if claim.printed == "3.932"] == ["verified", "verified"]
    assert "differs" in done.out
    await nothing_left(station, docker=True)


async def test_looking_at_a_paper_runs_nothing(station: Station) -> None:
    """Its parts are named, and no notebook is written."""
    shutil.copy(LMER, station.folder / "lmer.pdf")
    done = await command(station, "paper", "lmer.pdf", "--list")
    assert done.code == 0, done.said
    assert "Read from its PDF, 51 pages." in done.out
    assert "code-1" in done.out
    assert not list(station.folder.glob("*.ipynb"))
    await nothing_left(station, docker=True)

"""Our commands on the pages are run as they stand, or it is said what else runs them."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.docs.commands import ELSEWHERE, IN_DOCKER, pages, reason, run_on, shown
from tests.docs.pages import ROOT
from tests.fakes.reviewed import cell, write
from tests.integration.conftest import NONE_WARM, ensure_built
from tests.integration.station import Station
from tools.debian import unpacked

LIMIT_S = 400
LMER = unpacked("r-cran-lme4") / "usr/lib/R/site-library/lme4/doc/lmer.pdf"
PLAIN = [page for page in pages() if page not in IN_DOCKER]
REAL = [pytest.mark.docker, pytest.mark.timeout(900)]
DOCKER = [
    pytest.param(page, marks=[*REAL, pytest.mark.debian] if page == "README.md" else REAL)
    for page in IN_DOCKER
]


def furnish(folder: Path) -> None:
    """Lay out what a reader has before the first command."""
    write(folder / "analyses/a.ipynb", cell("j1", "c1", "x = 1"))
    (folder / "study").mkdir()
    (folder / "study/people.csv").write_text("group,height\na,1.0\nb,2.0\n")
    (folder / "pandas-docs").mkdir()
    (folder / "pandas-docs/rivers.md").write_text("# Rivers\n\nThe gauge measures a flood.\n")
    if LMER.is_file():
        shutil.copy(LMER, folder / "lmer.pdf")


def failures(page: str, station: Station) -> list[str]:
    """Run the commands of a page in order; return the first that fails with what it said."""
    furnish(station.folder)
    for line in run_on(page):
        done = subprocess.run(
            ["bash", "-c", line],
            cwd=station.folder,
            env=station.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=LIMIT_S,
        )
        if done.returncode:
            return [f"{page}: `{line}` ended with {done.returncode}:\n{done.stdout}"]
    return []


@pytest.mark.parametrize("page", DOCKER)
def test_commands_that_run_cells(page: str, tmp_path: Path, data_dir: Path) -> None:
    """They end well on a machine with Docker, both languages and no model."""
    for language in ("python", "r"):
        ensure_built("docker", data_dir, language)
    station = Station(tmp_path, data_dir, {"sandbox": {"runtime": "docker", "warm": NONE_WARM}})
    try:
        assert failures(page, station) == [], "mend the page, or what it found"
    finally:
        station.close()


@pytest.mark.parametrize("page", PLAIN)
def test_commands_that_run_none(page: str, tmp_path: Path) -> None:
    """They end well on a machine with nothing but us."""
    station = Station(tmp_path, tmp_path / "data", {"sandbox": {"runtime": "none"}})
    try:
        assert failures(page, station) == [], "mend the page, or what it found"
    finally:
        station.close()


def test_every_command_is_run_or_has_its_reason() -> None:
    """What is not run names the test that does; a reason that no page needs is gone."""
    given = {reason(command) for command in shown()} - {""}
    assert given == set(ELSEWHERE.values())
    named = [name for why in given for name in re.findall(r"tests/[\w/.]+\w", why)]
    assert [name for name in named if not (ROOT / name).exists()] == []
    assert set(IN_DOCKER) <= set(pages())

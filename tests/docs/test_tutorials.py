"""The tutorials are run as a person would, and what is printed is compared with the page."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.docs.tutorials import TUTORIALS, files, lines, matches, prepare
from tests.integration.conftest import NONE_WARM, ensure_built
from tests.integration.station import Station

LIMIT_S = 150
PAGES = [
    pytest.param(page, runtime, language, marks=[getattr(pytest.mark, runtime), pytest.mark.timeout(400)])
    for page, (runtime, language) in TUTORIALS.items()
]


@pytest.mark.parametrize(("page", "runtime", "language"), PAGES)
def test_a_tutorial_works(page: str, runtime: str, language: str, tmp_path: Path, data_dir: Path) -> None:
    """Every command ends well and prints what the page shows; mend the page, or what it found."""
    ensure_built(runtime, data_dir, language)
    config = {"sandbox": {"runtime": runtime, "warm": NONE_WARM}, "documents": {"max_pages": 200}}
    station = Station(tmp_path, data_dir, config)
    try:
        prepare(page, tmp_path)
        for command, expected in lines(page):
            done = subprocess.run(
                ["bash", "-c", command],
                cwd=tmp_path,
                env=station.environment(),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
                timeout=LIMIT_S,
            )
            assert done.returncode == 0, f"{page}: `{command}` ended with {done.returncode}:\n{done.stdout}"
            assert matches(expected, done.stdout), f"{page}: `{command}` printed:\n{done.stdout}"
    finally:
        station.close()


@pytest.mark.parametrize("page", TUTORIALS)
def test_a_tutorial_has_something_to_run(page: str) -> None:
    """A page without commands proves nothing; its files have names."""
    assert any(command.startswith("jupyter gptoss") for command, _ in lines(page))
    assert all(text for _, text in files(page))


@pytest.mark.parametrize(
    ("expected", "printed", "same"),
    [
        (["a", "b"], "a\nb\n", True),
        (["a", "...", "c"], "a\nx\ny\nc\n", True),
        (["image ...."], "image 12af.\n", True),
        (["a"], "a\nb\n", False),
        (["a (b)"], "a b\n", False),
        ([], "anything\n", False),
    ],
)
def test_what_is_printed(expected: list[str], printed: str, same: bool) -> None:
    """Lines must be the same, but for what `...` stands for."""
    assert matches(expected, printed) is same

"""The site is built with warnings as errors; these are the mistakes that stop it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONF = """
extensions = ["myst_parser"]
myst_heading_anchors = 4
html_theme = "basic"
"""
GOOD = "# A page\n\n[the other](other.md#a-part)\n"
OTHER = "---\norphan: true\n---\n# The other\n\n## A part\n\ntext\n"


def build(folder: Path, page: str) -> subprocess.CompletedProcess[str]:
    """Build a site of two pages as the documentation is built."""
    source = folder / "source"
    source.mkdir()
    (source / "conf.py").write_text(CONF)
    (source / "index.md").write_text(page)
    (source / "other.md").write_text(OTHER)
    words = [
        sys.executable,
        "-m",
        "sphinx",
        "-W",
        "--keep-going",
        "-n",
        "-q",
        str(source),
        str(folder / "out"),
    ]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def test_a_good_page_is_built(tmp_path: Path) -> None:
    """A link to a heading of another page is no mistake."""
    done = build(tmp_path, GOOD)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "index.html").is_file()


def test_a_broken_link_stops_the_build(tmp_path: Path) -> None:
    """A page, a heading, a picture or an entry that is not there is named, and the build fails."""
    mistakes = (
        "[gone](gone-page.md)",
        "[gone](other.md#gone-heading)",
        "![gone](gone-picture.png)",
        "```{toctree}\ngone-entry\n```",
    )
    done = build(tmp_path, "\n\n".join((GOOD, *mistakes)))
    assert done.returncode == 1
    for name in ("gone-page.md", "gone-heading", "gone-picture.png", "gone-entry"):
        assert name in done.stderr


def test_ours_is_built_so() -> None:
    """`make docs` and the tests build the real site with the same strictness."""
    from tools.docs.__main__ import STRICT  # noqa: PLC0415 - loads Sphinx
    from tools.test import GROUPS  # noqa: PLC0415

    assert {"-W", "--keep-going", "-n"} <= set(STRICT)
    steps = {step.name: step for group in GROUPS for step in group}
    assert steps["docs"].command == ("python", "-m", "tools.docs")
    assert steps["docs"].quick

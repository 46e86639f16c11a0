r"""Makes the pages under tests/documents/golden with the real themes, and what the parser must find in them.

    python -m venv /tmp/themes
    /tmp/themes/bin/pip install sphinx furo pydata-sphinx-theme sphinx-rtd-theme mkdocs-material \
        mkdocstrings[python]
    python tools/golden.py pages /tmp/themes/bin
    python tools/golden.py pkgdown 3     # where R has pkgdown and pandoc; 3 and 5 are versions of Bootstrap
    python tools/golden.py text          # only what is found, from the pages that are there

Look at every change of the text before it is committed: it is what the tests compare with.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "tests" / "documents" / "golden"
SOURCE = GOLDEN / "source"
SPHINX = {
    "alabaster": "alabaster",
    "furo": "furo",
    "pydata": "pydata_sphinx_theme",
    "rtd": "sphinx_rtd_theme",
}
# What a page loads and draws, which no parser reads: without it a page is small enough to keep.
DRAWN = re.compile(
    r"<script\b.*?</script>|<style\b.*?</style>|<svg\b.*?</svg>|<link\b[^>]*>|<!--(?! RTD).*?-->", re.DOTALL
)
PKGDOWN = """
p <- pkgdown::as_pkgdown(".", override = list(destination = "../site", template = list(bootstrap = {})))
pkgdown::init_site(p)
pkgdown::build_reference(p, lazy = FALSE, devel = FALSE, preview = FALSE)
"""


def main(words: list[str]) -> int:
    """Do what the words say; return the exit status."""
    with tempfile.TemporaryDirectory() as folder:
        if words[:1] == ["pages"] and len(words) == 2:  # noqa: PLR2004 - the word and the folder
            sphinx_pages(Path(words[1]), Path(folder))
            mkdocs_page(Path(words[1]), Path(folder))
        elif words[:1] == ["pkgdown"] and words[1:] in (["3"], ["5"]):
            pkgdown_page(words[1], Path(folder))
        elif words != ["text"]:
            sys.stderr.write(f"{__doc__}\n")
            return 2
    write_texts()
    return 0


def sphinx_pages(programs: Path, folder: Path) -> None:
    """Build the page with each theme of Sphinx."""
    for name in ("conf.py", "index.rst", "shrinkage.py"):
        shutil.copy(SOURCE / name, folder)
    for name, theme in SPHINX.items():
        out = folder / name
        command = [str(programs / "sphinx-build"), "-q", "-E", "-b", "html", str(folder), str(out)]
        subprocess.run(command, check=True, env={**os.environ, "THEME": theme})
        keep(name, out / "index.html")


def mkdocs_page(programs: Path, folder: Path) -> None:
    """Build the page with Material for MkDocs."""
    (folder / "docs").mkdir()
    shutil.copy(SOURCE / "index.md", folder / "docs")
    shutil.copy(SOURCE / "mkdocs.yml", folder)
    shutil.copy(SOURCE / "shrinkage.py", folder)
    subprocess.run([str(programs / "mkdocs"), "build", "-q", "-d", "material"], check=True, cwd=folder)
    keep("material", folder / "material" / "index.html")


def pkgdown_page(bootstrap: str, folder: Path) -> None:
    """Build the reference page of an R package."""
    for inner, names in {
        ".": ("DESCRIPTION", "NAMESPACE"),
        "R": ("shrink.R",),
        "man": ("shrink.Rd",),
    }.items():
        (folder / "pkg" / inner).mkdir(parents=True, exist_ok=True)
        for name in names:
            shutil.copy(SOURCE / name, folder / "pkg" / inner)
    library = {**os.environ, "R_LIBS": f"{folder}:{os.environ.get('R_LIBS', '')}"}
    subprocess.run(["R", "CMD", "INSTALL", "-l", str(folder), "pkg"], check=True, cwd=folder)
    command = ["Rscript", "-e", PKGDOWN.format(bootstrap)]
    subprocess.run(command, check=True, cwd=folder / "pkg", env=library)
    keep(f"pkgdown{bootstrap}", folder / "site" / "reference" / "shrink.html")


def keep(name: str, page: Path) -> None:
    """Put a page, without what it draws, beside the others."""
    text = DRAWN.sub("", page.read_text(encoding="utf-8"))
    lines = [line.rstrip() for line in text.splitlines()]
    (GOLDEN / f"{name}.html").write_text("\n".join(filter(None, lines)) + "\n", encoding="utf-8")


def write_texts() -> None:
    """Write what the parser finds in each page."""
    from gptoss_lab.documents.html import read_html  # noqa: PLC0415 - `--help` must not wait for it
    from tests.documents.golden_text import golden_text  # noqa: PLC0415 - as above

    for path in sorted(GOLDEN.glob("*.html")):
        page = read_html(path.read_text(encoding="utf-8"), fallback_title=path.stem)
        path.with_suffix(".txt").write_text(golden_text(page), encoding="utf-8")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main(sys.argv[1:]))

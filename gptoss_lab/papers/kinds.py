"""What a file or folder is: a PDF, a page, LaTeX, an archive; and which file of a folder is the paper."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from gptoss_lab.errors import SourceRefusedError
from gptoss_lab.schemas.papers import PaperForm

Kind = Literal["pdf", "html", "latex", "archive"]

CODE = frozenset([
    ".r",
    ".py",
    ".ipynb",
    ".rmd",
    ".qmd",
    ".jl",
    ".m",
    ".do",
    ".sas",
    ".stan",
    ".sql",
    ".sh",
    ".csv",
])
_TEX = frozenset([".tex", ".ltx", ".rnw", ".snw"])
_HTML = frozenset([".html", ".htm", ".xhtml"])
_ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
_TAR_MAGIC = slice(257, 262)
_HEAD = 4096
_DOCUMENT = re.compile(rb"^[^%\n]*\\document(?:class|style)\b", re.MULTILINE)
_BEGIN = re.compile(rb"^[^%\n]*\\begin\s*\{document\}", re.MULTILINE)
_NAMED = re.compile(r"^(?:main|paper|ms|article|manuscript|root|arxiv)", re.IGNORECASE)
_ASIDE = re.compile(r"supp|appendix|response|cover|letter|figure|fig[_-]?\d", re.IGNORECASE)
_MAX_FILES = 20_000


def kind_of(path: Path, name: str) -> Kind:
    """Return what a file is, by its first bytes and its name.

    Raises:
        SourceRefusedError: It is nothing that is read.
    """
    with path.open("rb") as opened:
        head = opened.read(_HEAD)
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(_ARCHIVES) or head[_TAR_MAGIC] == b"ustar":
        return "archive"
    suffix = Path(name).suffix.lower()
    text = b"\0" not in head
    if text and (
        suffix in _HTML or head.lstrip()[:200].lower().startswith((b"<!doctype html", b"<html", b"<?xml"))
    ):
        return "html"
    if text and (suffix in _TEX or _DOCUMENT.search(path.read_bytes()[: 1 << 20])):
        return "latex"
    if suffix == ".pdf":
        return "pdf"  # its reader says what is wrong with it
    raise SourceRefusedError(
        f"{Path(name).name} is not a paper that can be read",
        hint="Point at a PDF, an HTML page, a .tex file, a folder or an archive with one of these.",
    )


def files_of(folder: Path) -> list[Path]:
    """Return the ordinary files of a folder that lie in it, links and hidden folders left out."""
    root = folder.resolve()
    found: list[Path] = []
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder).parts
        if any(part.startswith(".") or part == "__MACOSX" for part in inside) or path.is_symlink():
            continue
        if path.is_file() and path.resolve().is_relative_to(root):
            found.append(path)
            if len(found) >= _MAX_FILES:
                break
    return found


def find_paper(files: Iterable[Path], form: str) -> tuple[PaperForm, Path] | None:
    """Return the file of a folder that is the paper: LaTeX, else HTML, else PDF; None where there is none."""
    files = list(files)
    found: tuple[tuple[PaperForm, Path | None], ...] = (
        ("latex", _tex(files)),
        ("html", _by(files, _HTML)),
        ("pdf", _by(files, {".pdf"})),
    )
    for wanted, path in found:
        if path is not None and form in {"auto", wanted}:
            return wanted, path
    return None


def _tex(files: Iterable[Path]) -> Path | None:
    """Return the file that TeX is given: a whole document, rather with a usual name than deep in folders."""
    ranked: list[tuple[tuple[bool, bool, bool, int, int], Path]] = []
    for path in files:
        if path.suffix.lower() in _TEX:
            data = path.read_bytes()
            whole = _BEGIN.search(data) is not None and _DOCUMENT.search(data) is not None
            usual = _NAMED.match(path.stem) is not None
            aside = _ASIDE.search(path.stem) is None
            ranked.append(((whole, aside, usual, -len(path.parts), len(data)), path))
    return max(ranked, default=(None, None))[1]


def _by(files: Iterable[Path], suffixes: Iterable[str]) -> Path | None:
    wanted = frozenset(suffixes)
    ranked = [
        (
            (_ASIDE.search(str(path.name)) is None, _NAMED.match(path.stem) is not None, path.stat().st_size),
            path,
        )
        for path in files
        if path.suffix.lower() in wanted
    ]
    return max(ranked, default=(None, None))[1]

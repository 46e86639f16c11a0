"""PDF as blocks, one page after the other."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pypdf
from pypdf.errors import PyPdfError

from gptoss_lab.documents.blocks import Block, BlockKind, Page
from gptoss_lab.documents.hidden import compose, strip_invisible
from gptoss_lab.errors import DocumentError, SourceLimitError

_HYPHEN = re.compile(r"(?<=[a-z])[-\u00ad\u2010\ufffe]\n(?=[a-z])")
_ARXIV_STAMP = re.compile(r"^arXiv:\d{4}\.\d{4,5}v\d+.*$", re.MULTILINE)
_HEADING = re.compile(r"^(?:\d+(?:\.\d+){0,3}\.?\s+)?[A-Z][^.!?:;,]{2,70}$")
_NUMBERED = re.compile(r"^\d+(?:\.\d+){0,3}\.?\s+[A-Z]")
_KNOWN = frozenset([
    "abstract",
    "introduction",
    "references",
    "conclusion",
    "conclusions",
    "discussion",
    "results",
    "methods",
    "appendix",
])
_CODE = re.compile(r"^\s*(?:>>> |\.\.\. |In \[\d+\]:)")
_MAX_STREAM_BYTES = 20 << 20
_FEW_CHARS_PER_PAGE = 20
_REPEATED_SHARE = 0.5
_MIN_PAGES_FOR_FURNITURE = 4
_EDGE_LINES = 2

logging.getLogger("pypdf").setLevel(logging.CRITICAL)


def read_pdf(path: Path, *, name: str, max_pages: int) -> Page:
    """Parse a PDF; exponents, fractions and the alignment of tables may be lost.

    Raises:
        DocumentError: It is encrypted, broken, or holds no text.
        SourceLimitError: It has too many pages.
    """
    try:
        with path.open("rb") as stream:
            reader = pypdf.PdfReader(stream)
            if reader.is_encrypted and not reader.decrypt(""):
                raise DocumentError(
                    f"{name} is protected by a password",
                    hint="Save a copy without the password and use that.",
                )
            count = len(reader.pages)
            if count > max_pages:
                raise SourceLimitError(f"{name} has {count} pages; at most {max_pages} are read")
            texts, warnings = _texts(reader, name)
            title = _title(reader)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, AssertionError) as error:
        raise DocumentError(
            f"{name} is not a PDF that can be read: {error}",
            hint="Open it and save it again, or use another copy.",
        ) from error
    if sum(len(text.strip()) for text in texts) < _FEW_CHARS_PER_PAGE * min(count, 5):
        raise DocumentError(
            f"{name} holds no text; it looks like a scan",
            hint="Run text recognition first, for example ocrmypdf.",
        )
    return Page(title or Path(name).stem, _blocks(_without_furniture(texts)), warnings=warnings)


def _texts(reader: pypdf.PdfReader, name: str) -> tuple[list[str], list[str]]:
    texts: list[str] = []
    warnings: list[str] = []
    for number, page in enumerate(reader.pages, start=1):
        contents = page.get_contents()
        if contents is not None and len(contents.get_data()) > _MAX_STREAM_BYTES:
            warnings.append(
                f"Page {number} of {name} was left out: its content is over {_MAX_STREAM_BYTES >> 20} MB"
            )
            texts.append("")
            continue
        texts.append(clean(page.extract_text() or ""))
    return texts, warnings


def _title(reader: pypdf.PdfReader) -> str:
    found = reader.metadata.title if reader.metadata is not None else None
    return strip_invisible(str(found)).strip()[:200] if found else ""


def clean(text: str) -> str:
    """Return page text with plain letters, whole words and no stamp in the margin."""
    text = compose(text).replace("\x00", "")
    text = _HYPHEN.sub("", text.replace("\r\n", "\n"))
    return _ARXIV_STAMP.sub("", strip_invisible(text)).strip()


def _without_furniture(texts: Sequence[str]) -> list[str]:
    """Remove the lines at the edges that most pages share, numbers aside."""
    if len(texts) < _MIN_PAGES_FOR_FURNITURE:
        return list(texts)
    edges: Counter[str] = Counter()
    for text in texts:
        lines = text.splitlines()
        edges.update({_shape(line) for line in (*lines[:_EDGE_LINES], *lines[-_EDGE_LINES:])})
    common = {shape for shape, count in edges.items() if shape and count >= len(texts) * _REPEATED_SHARE}
    return ["\n".join(_inner_lines(text.splitlines(), common)) for text in texts]


def _inner_lines(lines: Sequence[str], common: set[str]) -> Iterator[str]:
    for at, line in enumerate(lines):
        edge = at < _EDGE_LINES or at >= len(lines) - _EDGE_LINES
        if not (edge and _shape(line) in common):
            yield line


def _shape(line: str) -> str:
    return re.sub(r"\d+", "#", line.strip())


def _blocks(texts: Sequence[str]) -> list[Block]:
    blocks: list[Block] = []
    for number, text in enumerate(texts, start=1):
        kind: BlockKind = "prose"
        run: list[str] = []
        for line in (*text.splitlines(), ""):
            found = _line_kind(line, inside_code=kind == "code" and bool(run))
            if run and (found != kind or not line.strip()):
                blocks.append(_run_block(kind, run, number))
                run = []
            kind = found
            if line.strip():
                run.append(line)
                if kind == "heading":
                    blocks.append(_run_block(kind, run, number))
                    run = []
    return blocks


def _line_kind(line: str, *, inside_code: bool) -> BlockKind:
    if _CODE.match(line) or (inside_code and line.strip()):
        return "code"
    return "heading" if _is_heading(line) else "prose"


def _run_block(kind: BlockKind, run: Sequence[str], page: int) -> Block:
    if kind == "code":
        return Block("code", "\n".join(run), language="pycon", page=page)
    text = " ".join(line.strip() for line in run)
    return Block(kind, text, level=2 if kind == "heading" else 0, page=page)


def _is_heading(line: str) -> bool:
    line = line.strip()
    if line.lower() in _KNOWN:
        return True
    return bool(_NUMBERED.match(line) and _HEADING.match(line))

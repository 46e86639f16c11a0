"""A paper in PDF as blocks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from pypdf import PdfReader

from gptoss_lab.errors import DocumentError
from gptoss_lab.papers.draft import Draft
from gptoss_lab.papers.meanings import with_meanings
from gptoss_lab.papers.pdf_blocks import PageWriter
from gptoss_lab.papers.pdf_floats import captions_below
from gptoss_lab.papers.pdf_front import abstract_lines, agreed_title, authors, title_lines, without_name
from gptoss_lab.papers.pdf_layout import layouts, without_furniture
from gptoss_lab.papers.pdf_lines import PageLines, open_pdf, read_pages
from gptoss_lab.papers.pdf_prose import Joiner
from gptoss_lab.papers.text_lines import TextLine

LOST = (
    "Exponents, fractions, roots and sums of equations stand in one line: 10\u00b2\u2070 may read as 1020.",
    "Cells of tables are found by the white between them; those that span columns may be misplaced.",
    "What figures show is not read.",
)
RECOGNISED = "The words of scanned pages are those of a text recognition; digits may be wrong."

_FEW_CHARS_PER_PAGE = 20
_MOSTLY = 0.6
_AROUND_NAME = 12


def read_pdf(
    path: Path, name: str, *, max_pages: int, report: Callable[[int, int], None] | None = None
) -> Draft:
    """Read a paper in PDF.

    Args:
        path: The file.
        name: What messages call it.
        max_pages: More are refused.
        report: Told how many pages are read, and how many there are.

    Raises:
        DocumentError: It is encrypted, broken, or holds no text.
        SourceLimitError: It has too many pages.
    """
    draft = Draft(lost=list(LOST))
    with open_pdf(path, name, max_pages=max_pages) as reader:
        stated_title, stated_authors = _stated(reader)
        pages = [_upright(page) for page in read_pages(reader, name, report)]
    _check_text(pages, name)
    draft.pages = len(pages)
    _warn(draft, pages, name)
    lines = without_furniture(pages)
    joiner = Joiner(line.text for page in lines for line in page if not line.mono)
    taken = _front(draft, lines[0] if lines else [], joiner, stated_title, stated_authors)
    rest = [[line for line in page if id(line) not in taken and not line.turned] for page in lines]
    laid = layouts(pages)
    writer = PageWriter(draft, joiner, below=captions_below(zip(rest, laid, strict=True)))
    for page, layout, found in zip(pages, laid, rest, strict=True):
        writer.write(found, layout, page.number)
    writer.finish()
    draft.title = draft.title or Path(name).stem
    draft.blocks = with_meanings(draft.blocks)
    return draft


def _stated(reader: PdfReader) -> tuple[str, str]:
    """Return what the file says of its title and authors."""
    found = reader.metadata
    if found is None:
        return "", ""
    return str(found.title or ""), str(found.author or "")


def _upright(page: PageLines) -> PageLines:
    """Return a page that lies on its side as one that stands."""
    letters = sum(len(line.text) for line in page.lines)
    turned = sum(len(line.text) for line in page.lines if line.turned)
    if turned <= _MOSTLY * letters:
        return page
    lines = tuple(replace(line, turned=not line.turned) for line in page.lines)
    return replace(page, lines=lines, width=page.height, height=page.width)


def _check_text(pages: Sequence[PageLines], name: str) -> None:
    letters = sum(len(line.text) for page in pages for line in page.lines)
    if letters < _FEW_CHARS_PER_PAGE * min(len(pages), 5):
        raise DocumentError(
            f"{name} holds no text; it looks like a scan",
            hint="Run text recognition first, for example ocrmypdf.",
        )


def _warn(draft: Draft, pages: Sequence[PageLines], name: str) -> None:
    for page in pages:
        if page.warning:
            draft.warn(page.warning)
    hidden = [str(page.number) for page in pages if any(char.isalpha() for char in page.hidden)]
    if hidden:
        shown = ", ".join(hidden[:10])
        draft.warn(f"{name} holds words that a reader does not see (page {shown}); they were left out")
    if any(page.recognised for page in pages):
        draft.lost.append(RECOGNISED)


def _front(
    draft: Draft, lines: Sequence[TextLine], joiner: Joiner, stated_title: str, stated_authors: str
) -> set[int]:
    """Take the title, the authors and the abstract; return which lines they are."""
    title = title_lines(lines)
    draft.title = agreed_title(stated_title, lines) or joiner.lines(title)
    draft.authors = authors(lines, title, stated_authors)
    abstract = abstract_lines(lines)
    draft.abstract = without_name(joiner.lines(abstract))
    first = abstract[0] if abstract else None
    if draft.abstract:
        draft.add("prose", draft.abstract, page=lines[0].page)
    low = min((line.y for line in title), default=0.0)
    between = [line for line in lines if first is not None and first.y < line.y < low]
    named = [line for line in lines if line.y < low and _is_name(line, draft.authors)]
    return {id(line) for line in (*title, *abstract, *between, *named)}


def _is_name(line: TextLine, names: Sequence[str]) -> bool:
    """Say whether a line holds a name and little else."""
    return any(name in line.text and len(line.text) < len(name) + _AROUND_NAME for name in names)

"""The pages of a PDF as lines; those of code with every space where it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pypdf
from pypdf.errors import PyPdfError

from gptoss_lab.documents.hidden import strip_invisible
from gptoss_lab.errors import DocumentError, SourceLimitError
from gptoss_lab.papers.pdf_fonts import PageFont
from gptoss_lab.papers.pdf_spans import MAX_STREAM_BYTES, Span, TooLargeError, page_spans
from gptoss_lab.papers.text_lines import TextLine, lines_of

Report = Callable[[int, int], None]

BROKEN = (
    PyPdfError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    AssertionError,
    NotImplementedError,
    ZeroDivisionError,
)


@dataclass(frozen=True, slots=True)
class PageLines:
    """The lines of one page, in the order in which they are painted; `hidden` is what readers do not see."""

    number: int
    width: float
    height: float
    lines: tuple[TextLine, ...] = ()
    hidden: str = ""
    recognised: bool = False
    warning: str = ""


def read_lines(path: Path, *, max_pages: int = 400, report: Report | None = None) -> list[list[TextLine]]:
    """Return the lines of each page of a PDF.

    Args:
        path: The file.
        max_pages: More are refused.
        report: Told how many pages are read, and how many there are.

    Raises:
        DocumentError: It is encrypted or broken.
        SourceLimitError: It has too many pages.
    """
    with open_pdf(path, path.name, max_pages=max_pages) as reader:
        return [list(page.lines) for page in read_pages(reader, path.name, report)]


@contextmanager
def open_pdf(path: Path, name: str, *, max_pages: int) -> Iterator[pypdf.PdfReader]:
    """Open a PDF that a person can read.

    Raises:
        DocumentError: It is encrypted or broken.
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
                raise SourceLimitError(
                    f"{name} has {count} pages; at most {max_pages} are read",
                    hint="Save those that matter as a file, or raise max_pages of the papers section.",
                )
            yield reader
    except (*BROKEN, RecursionError) as error:
        raise DocumentError(
            f"{name} is not a PDF that can be read: {str(error) or type(error).__name__}",
            hint="Open it and save it again, or use another copy.",
        ) from error


def read_pages(reader: pypdf.PdfReader, name: str, report: Report | None = None) -> Iterator[PageLines]:
    """Yield the lines of each page; a page that cannot be read has none, and a warning."""
    fonts: dict[int, PageFont | None] = {}
    count = len(reader.pages)
    for number, page in enumerate(reader.pages, start=1):
        box = page.mediabox
        empty = PageLines(number, float(box.width), float(box.height))
        try:
            found = page_spans(reader, page, fonts)
            yield _page(empty, found)
        except TooLargeError:
            most = MAX_STREAM_BYTES >> 20
            yield replace(empty, warning=f"Page {number} of {name} was left out: it holds over {most} MB")
        except BROKEN as error:
            yield replace(empty, warning=f"Page {number} of {name} cannot be read: {error}")
        if report is not None:
            report(number, count)


def _page(page: PageLines, spans: Sequence[Span]) -> PageLines:
    seen = [span for span in spans if not span.hidden]
    recognised = not any(span.text.strip() for span in seen)
    if recognised:
        # Text recognition lays letters without ink over a scan: what it says is all there is.
        seen = [span for span in spans if span.layer]
    hidden = "" if recognised else " ".join(span.text.strip() for span in spans if span.hidden)
    lines = tuple(lines_of(seen, page.number))
    return replace(
        page,
        lines=lines,
        hidden=strip_invisible(hidden).strip(),
        recognised=recognised and bool(lines),
    )

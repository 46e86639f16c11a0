"""Hands each file to the parser of its format."""

from __future__ import annotations

from pathlib import Path

from gptoss_lab.documents.blocks import Block, Page
from gptoss_lab.documents.formats import Media, decode
from gptoss_lab.documents.hidden import strip_invisible
from gptoss_lab.errors import DocumentError, SourceNotFoundError


def parse_file(path: Path, media: Media, *, name: str, max_pages: int, charset: str = "") -> Page:
    """Parse a file. `charset` is the encoding that its server states.

    Raises:
        DocumentError: It is broken, encrypted or holds no text.
        SourceLimitError: It has too many pages.
        SourceNotFoundError: It went away.
    """
    if media == "pdf":
        from gptoss_lab.documents.pdf import read_pdf  # noqa: PLC0415 - each parser loads when it is needed

        return read_pdf(path, name=name, max_pages=max_pages)
    try:
        text = decode(path.read_bytes(), stated=charset)
    except FileNotFoundError as error:
        raise SourceNotFoundError(f"{name} does not exist any more") from error
    except OSError as error:
        raise DocumentError(f"{name} cannot be read: {error.strerror}") from error
    return _parsed(text, media, name)


def _parsed(text: str, media: Media, name: str) -> Page:
    stem = Path(name).stem
    if media == "html":
        from gptoss_lab.documents.html import read_html  # noqa: PLC0415 - as above

        return read_html(text, fallback_title=stem)
    if media == "markdown":
        from gptoss_lab.documents.markdown import read_markdown  # noqa: PLC0415 - as above

        return read_markdown(text, fallback_title=stem)
    if media == "notebook":
        from gptoss_lab.documents.notebooks import read_notebook  # noqa: PLC0415 - as above

        return read_notebook(text, name=name)
    if media == "rst":
        from gptoss_lab.documents.rst import read_rst  # noqa: PLC0415 - as above

        return read_rst(text, fallback_title=stem)
    return Page(stem, [Block("prose", part) for part in _paragraphs(strip_invisible(text))])


def _paragraphs(text: str) -> list[str]:
    return [part.strip("\n") for part in text.split("\n\n") if part.strip()]

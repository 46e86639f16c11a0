"""PDF files, good and bad."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import pypdf
import pytest
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from gptoss_lab.documents.pdf import clean, read_pdf
from gptoss_lab.errors import DocumentError, SourceLimitError


def pdf(pages: Sequence[Sequence[str]], *, password: str = "") -> bytes:
    """Return a PDF with these lines on its pages."""
    writer = pypdf.PdfWriter()
    font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Courier"}
    names = DictionaryObject({NameObject(key): NameObject(value) for key, value in font.items()})
    for lines in pages:
        page = writer.add_blank_page(612, 792)
        shown = "\n".join(f"({line}) Tj T*" for line in lines)
        stream = DecodedStreamObject()
        stream.set_data(f"BT /F1 12 Tf 14 TL 72 720 Td {shown} ET".encode())
        page[NameObject("/Contents")] = writer._add_object(stream)
        page[NameObject("/Resources")] = DictionaryObject({
            NameObject("/Font"): DictionaryObject({NameObject("/F1"): writer._add_object(names)})
        })
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    data = io.BytesIO()
    writer.write(data)
    return data.getvalue()


def written(tmp_path: Path, data: bytes) -> Path:
    """Return a file with these bytes."""
    path = tmp_path / "paper.pdf"
    path.write_bytes(data)
    return path


def test_pages_give_text_with_their_numbers(tmp_path: Path) -> None:
    """Words split at a line end are joined, headings are known, blocks carry their page."""
    lines = ["1 Introduction", "We estimate the para-", "meter of interest here."]
    page = read_pdf(
        written(tmp_path, pdf([lines, ["Second page words here"]])), name="paper.pdf", max_pages=5
    )
    assert [(block.kind, block.text, block.page) for block in page.blocks] == [
        ("heading", "1 Introduction", 1),
        ("prose", "We estimate the parameter of interest here.", 1),
        ("prose", "Second page words here", 2),
    ]


def test_a_running_header_is_removed(tmp_path: Path) -> None:
    """The line that most pages share at their edge is not text."""
    pages = [["Journal of Things 12", f"words of page {number} in full", "end"] for number in range(5)]
    page = read_pdf(written(tmp_path, pdf(pages)), name="paper.pdf", max_pages=5)
    assert "Journal" not in " ".join(block.text for block in page.blocks)


def test_ligatures_become_letters() -> None:
    """NFKC and the stamp of a preprint server."""
    assert clean("arXiv:1706.03762v7 [cs.CL] 2 Aug 2023\ne\ufb03cient \ufb01t") == "efficient fit"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"%PDF-1.4\nbroken", "not a PDF that can be read"),
        (b"%PDF-1.4\n%%EOF", "not a PDF that can be read"),
        (pdf([["words"]])[:200], "not a PDF that can be read"),
        (pdf([["words that are long enough"]], password="x"), "protected by a password"),
        (pdf([[]]), "looks like a scan"),
    ],
)
def test_bad_files_say_what_is_wrong(tmp_path: Path, data: bytes, message: str) -> None:
    """Broken, encrypted and scanned files each have their own message."""
    with pytest.raises(DocumentError, match=message):
        read_pdf(written(tmp_path, data), name="paper.pdf", max_pages=5)


def test_too_many_pages(tmp_path: Path) -> None:
    """The limit on pages is kept."""
    with pytest.raises(SourceLimitError, match="3 pages"):
        read_pdf(written(tmp_path, pdf([["a"]] * 3)), name="paper.pdf", max_pages=2)

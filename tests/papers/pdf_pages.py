"""Small PDF files for tests, written operator by operator."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import pypdf
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject, NumberObject, TextStringObject

FONTS = {"F1": "Times-Roman", "F2": "Courier", "F3": "Times-Bold"}


def shown(
    text: str, x: float, y: float, *, font: str = "F1", size: float = 10, ink: tuple[str, str] = ("", "")
) -> str:
    """Return the operators that paint one piece of text; `ink` stands before and after them."""
    before, after = ink
    escaped = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return f"{before} BT /{font} {size} Tf {x} {y} Td ({escaped}) Tj ET {after}"


def pdf(
    pages: Sequence[str], *, password: str = "", metadata: Mapping[str, str] | None = None, rotate: int = 0
) -> bytes:
    """Return a PDF whose pages have these content streams."""
    writer = pypdf.PdfWriter()
    fonts = DictionaryObject()
    for key, name in FONTS.items():
        font = DictionaryObject({
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject(f"/{name}"),
            NameObject("/Encoding"): NameObject("/WinAnsiEncoding"),
        })
        fonts[NameObject(f"/{key}")] = writer._add_object(font)
    for content in pages:
        page = writer.add_blank_page(612, 792)
        stream = DecodedStreamObject()
        stream.set_data(content.encode("cp1252"))
        page[NameObject("/Contents")] = writer._add_object(stream)
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        if rotate:
            page[NameObject("/Rotate")] = NumberObject(rotate)
    if metadata:
        writer.add_metadata({f"/{key}": TextStringObject(value) for key, value in metadata.items()})
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    data = io.BytesIO()
    writer.write(data)
    return data.getvalue()

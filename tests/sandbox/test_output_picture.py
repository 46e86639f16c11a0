"""Pictures are what they say, and fit a browser."""

from __future__ import annotations

import base64
import struct

import pytest

from gptoss_lab.sandbox.output_picture import MAX_PICTURE_CHARACTERS, clean_picture

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">II", 4, 4)
GIF = b"GIF89a" + struct.pack("<HH", 3, 3)
JPEG = b"\xff\xd8\xff\xe0\x00\x04xx\xff\xff\xd0\xff\xc0\x00\x0b\x08" + struct.pack(">HH", 5, 6) + b"\x01"


def encoded(content: bytes) -> str:
    """Return base64 with line breaks, as kernels send it."""
    return base64.encodebytes(content).decode()


@pytest.mark.parametrize(("mime", "content"), [("image/png", PNG), ("image/gif", GIF), ("image/jpeg", JPEG)])
def test_real_pictures_stay_without_line_breaks(mime: str, content: bytes) -> None:
    """Each format is known by its beginning."""
    assert clean_picture(encoded(content), mime) == base64.b64encode(content).decode()
    others = {"image/png": PNG, "image/gif": GIF, "image/jpeg": JPEG}
    assert [clean_picture(encoded(other), mime) for name, other in others.items() if name != mime] == [
        None
    ] * 2


@pytest.mark.parametrize(
    ("mime", "bad"),
    [
        ("image/png", "<svg onload=alert(1)>"),
        ("image/png", encoded(PNG[:-8] + struct.pack(">II", 60_000, 60_000))),
        ("image/png", encoded(PNG[:-8] + struct.pack(">II", 0, 4))),
        ("image/png", encoded(PNG[:10])),
        ("image/png", 7),
        ("image/png", ["x"]),
        ("image/png", encoded(PNG).replace("\n", "") + "é==="),
        ("image/png", encoded(PNG).replace("=", "").replace("\n", "") + "=A=="),
        ("image/gif", encoded(b"GIF89a" + struct.pack("<HH", 65_535, 65_535))),
        ("image/jpeg", encoded(JPEG.replace(struct.pack(">HH", 5, 6), struct.pack(">HH", 65_535, 65_535)))),
        ("image/jpeg", encoded(b"\xff\xd8\xff\xe0\xff\xff")),
        ("image/jpeg", encoded(b"\xff\xd8\xff\xda\x00\x04xx\x00\x00")),
        ("image/svg+xml", encoded(PNG)),
        ("image/png", "A" * (MAX_PICTURE_CHARACTERS + 4)),
    ],
)
def test_others_go(mime: str, bad: object) -> None:
    """Another content, a size that no browser holds, and what is no base64."""
    assert clean_picture(bad, mime) is None


def test_every_piece_of_a_large_picture_is_looked_at() -> None:
    """A quote far behind would end the address that holds the picture."""
    large = base64.b64encode(PNG + bytes(3 << 20)).decode()
    assert clean_picture(large, "image/png") == large
    for at in (1 << 20, len(large) - 9):
        assert clean_picture(large[:at] + '"' + large[at + 1 :], "image/png") is None

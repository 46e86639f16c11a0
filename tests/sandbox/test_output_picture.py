"""Pictures are what they say, and fit a browser."""

from __future__ import annotations

import base64
import json
import struct

import pytest

from gptoss_lab.sandbox.output_picture import MAX_PICTURE_CHARACTERS, clean_picture, lift_pictures, put_back

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


@pytest.mark.parametrize("rest", [0, 1, 2])
@pytest.mark.parametrize("broken", [False, True])
def test_the_bulk_of_a_large_picture_is_lifted_and_put_back(rest: int, *, broken: bool) -> None:
    """JSON of a few kilobytes is read instead of megabytes, and the whole picture is shown."""
    picture = base64.b64encode(PNG + bytes((3 << 20) + rest)).decode()
    lines = "\n".join(picture[start : start + 76] for start in range(0, len(picture), 76))
    content = json.dumps({"data": {"image/png": f"{lines}\n" if broken else picture}}).encode()
    short, marks = lift_pictures(content)
    assert len(short) < len(content) / 8
    shown = clean_picture(json.loads(short)["data"]["image/png"], "image/png")
    assert shown is not None
    assert put_back(shown.encode(), marks).decode() == picture


@pytest.mark.parametrize("at", [100, 1 << 20, (4 << 20) - 8])
@pytest.mark.parametrize("odd", ["=", "é", "\\u0022", "<", "\\\\"])
def test_a_bulk_that_is_no_base64_is_not_lifted(at: int, odd: str) -> None:
    """What follows the head is looked at too; nothing of it comes through."""
    picture = base64.b64encode(PNG + bytes(4 << 20)).decode()
    content = f'{{"data": {{"image/png": "{picture[:at]}{odd}{picture[at + 1 :]}"}}}}'.encode()
    short, marks = lift_pictures(content)
    assert marks == {}
    assert json.loads(short) == {"data": {"image/png": ""}}


def test_small_pictures_and_other_texts_are_left_alone() -> None:
    """A key within a text is no key."""
    for content in (
        json.dumps({"data": {"image/png": encoded(PNG), "text/plain": '"image/png": "' * 200_000}}).encode(),
        b'"image/png": "' + b"A" * (2 << 20),
        b'{"image/png": 7, "image/x": "y"}',
        b"",
    ):
        assert lift_pictures(content) == (content, {})

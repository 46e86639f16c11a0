"""Pictures as a sandbox may show them: what they say they are, and of a size that a browser can hold.

A few bytes may unpack to more than a browser has memory for: the size stands at the beginning of
each format and is read there.

Source: https://www.w3.org/TR/png-3/#11IHDR
Source: https://www.w3.org/Graphics/JPEG/itu-t81.pdf
Source: https://www.w3.org/Graphics/GIF/spec-gif89a.txt
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
import struct

MAX_PICTURE_CHARACTERS = 24 << 20
MAX_PICTURE_PIXELS = 64 << 20
MAX_HEAD_CHARACTERS = 256 << 10
MIN_LIFTED_BYTES = 1 << 20
MAX_PADDING = 2
# One call keeps the interpreter to itself: this bounds for how long. A multiple of four.
PIECE_CHARACTERS = 1 << 20
PICTURES = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff", "image/gif": b"GIF8"}
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_KEY_BEGINS = b'"image/'
_KEY = re.compile(rb'"image/(?:png|jpeg|gif)"\s*:\s*"')
_SPACE = re.compile(r"[ \t\r\n]+")
# The segments of a JPEG that give its size: frames of all kinds.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})


def clean_picture(value: object, mime: str) -> str | None:
    """Return a picture in base64 without white space, None when it is not one of its kind."""
    if mime not in PICTURES or not isinstance(value, str) or len(value) > MAX_PICTURE_CHARACTERS:
        return None
    pieces = (value[start : start + PIECE_CHARACTERS] for start in range(0, len(value), PIECE_CHARACTERS))
    compact = "".join([_SPACE.sub("", piece) for piece in pieces])
    if not _is_base64(compact):
        return None
    try:
        head = base64.b64decode(compact[:MAX_HEAD_CHARACTERS], validate=True)
    except (binascii.Error, ValueError):
        return None
    if not head.startswith(PICTURES[mime]) or not 0 < _pixels(head, mime) <= MAX_PICTURE_PIXELS:
        return None
    return compact


def lift_pictures(content: bytes) -> tuple[bytes, dict[bytes, bytes]]:
    """Take the bulk of large pictures out of a message's JSON, which reading and writing would hold the loop.

    Returns:
        The JSON with the head of each picture and a mark in its place, and what each mark stands for.
    """
    marks: dict[bytes, bytes] = {}
    written: list[bytes] = []
    at = 0
    found = content.find(_KEY_BEGINS)
    while found >= 0:
        key = _KEY.match(content, found)
        end = content.find(b'"', key.end()) if key else -1
        if key is None or end - key.end() < MIN_LIFTED_BYTES:
            found = content.find(_KEY_BEGINS, found + 1)
            continue
        pieces = _compact(content, key.end(), end)
        mark = secrets.token_hex(16).encode()
        written.append(content[at : key.end()])
        # What is no base64 is cut with its bulk: an empty picture is none.
        if pieces is not None:
            picture = b"".join(pieces)
            written.append(picture[:MAX_HEAD_CHARACTERS] + mark)
            marks[mark] = picture[MAX_HEAD_CHARACTERS:]
        at = end
        found = content.find(_KEY_BEGINS, end)
    return (b"".join([*written, content[at:]]), marks) if written else (content, marks)


def _compact(content: bytes, begin: int, end: int) -> list[bytes] | None:
    """Return base64 from within JSON without its line breaks, None when it is something else."""
    padding = content[max(begin, end - 8) : end].replace(b"\\n", b"").count(b"=")
    pieces = []
    for start in range(begin, end, PIECE_CHARACTERS):
        # A line break is two characters: neither half is to stand at the border.
        piece = content[start : min(end, start + PIECE_CHARACTERS)]
        if content[start - 1 : start] == b"\\" and start > begin:
            piece = b"\\" + piece
        if piece.endswith(b"\\"):
            piece = piece[:-1]
        pieces.append(piece.replace(b"\\n", b""))
    odd = sum(len(piece.translate(None, _ALPHABET)) for piece in pieces)
    whole = sum(map(len, pieces)) % 4 == 0 and odd == padding <= MAX_PADDING
    return pieces if whole and b"".join(pieces[-2:]).endswith(b"=" * padding) else None


def put_back(content: bytes, marks: dict[bytes, bytes]) -> bytes:
    """Put the bulk of the pictures that were kept back where its mark stands."""
    for mark, bulk in marks.items():
        content = content.replace(mark, bulk)
    return content


def _is_base64(text: str) -> bool:
    if len(text) % 4 or not text.isascii():
        return False
    body = text[:-2] + text[-2:].rstrip("=")
    return not any(
        body[start : start + PIECE_CHARACTERS].encode().translate(None, _ALPHABET)
        for start in range(0, len(body), PIECE_CHARACTERS)
    )


def _pixels(head: bytes, mime: str) -> int:
    """Return a picture's size in pixels, 0 when its head does not say."""
    try:
        if mime == "image/png":
            width, height = struct.unpack_from(">II", head, 16)
        elif mime == "image/gif":
            width, height = struct.unpack_from("<HH", head, 6)
        else:
            width, height = _jpeg_size(head)
    except (struct.error, IndexError):
        return 0
    return int(width * height)


def _jpeg_size(head: bytes) -> tuple[int, int]:
    """Walk the segments up to the first frame."""
    at = 2
    while head[at] == 0xFF:  # noqa: PLR2004 - what each segment begins with
        kind = head[at + 1]
        if kind in _FRAMES:
            height, width = struct.unpack_from(">HH", head, at + 5)
            return width, height
        if kind in _ALONE or kind == 0xFF:  # noqa: PLR2004 - a fill byte
            at += 1 if kind == 0xFF else 2  # noqa: PLR2004 - the same
        else:
            at += 2 + struct.unpack_from(">H", head, at + 2)[0]
    return 0, 0

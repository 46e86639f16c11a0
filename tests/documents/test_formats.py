"""Text from bytes, whatever they say of themselves."""

from __future__ import annotations

import pytest

from gptoss_lab.documents.formats import decode, sniff
from gptoss_lab.errors import SourceRefusedError

WORDS = "Größe “quoted” naïve €"


@pytest.mark.parametrize(
    ("data", "stated"),
    [
        (WORDS.encode(), ""),
        (WORDS.encode("utf-8-sig"), ""),
        (WORDS.encode("utf-16"), ""),
        ((WORDS * 3).encode("utf-16-le"), ""),
        (WORDS.encode("cp1252"), ""),
        (WORDS.encode("cp1252"), "utf-8"),
        (WORDS.encode("cp1252"), "iso-8859-1"),
        (WORDS.encode("cp1252"), "no-such-encoding"),
        (WORDS.encode(), "iso-8859-1"),
        (WORDS[:10].encode() + WORDS[10:].encode("cp1252"), "utf-8"),
    ],
)
def test_encodings_as_they_are_met(data: bytes, stated: str) -> None:
    """Marked, unmarked, stated wrongly, and mixed in one page."""
    assert decode(data, stated=stated).startswith(WORDS)


@pytest.mark.parametrize("name", ["shift_jis", "koi8-r", "gb18030", "windows-1251"])
def test_stated_encodings_of_the_world(name: str) -> None:
    """By the server, or in the head of the page."""
    words = {"shift_jis": "日本語", "gb18030": "中文"}.get(name, "Привет")
    assert decode(words.encode(name), stated=name) == words
    page = f'<html><head><meta charset="{name}"></head>{words}'
    assert words in decode(page.encode(name))


@pytest.mark.parametrize("stated", ["punycode", "base64", "utf-7", "rot13", "\0"])
def test_codecs_that_are_no_encodings_of_text_are_not_used(stated: str) -> None:
    """A server cannot choose how its page is unpacked."""
    assert decode(b"plain +AGE-", stated=stated) == "plain +AGE-"


def test_utf16_without_a_mark_is_text() -> None:
    """Its zeros are regular; those of a binary file are not."""
    assert sniff("plain words here".encode("utf-16-be"), "a.txt") == "text"
    with pytest.raises(SourceRefusedError, match="binary"):
        sniff(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0>\0\x01\0\0\0", "a.txt")

"""Text keeps its colours and loses what a reader cannot see."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gptoss_lab.sandbox.output_text import (
    FORBIDDEN,
    MAX_LINE_CHARACTERS,
    PIECE_CHARACTERS,
    TextFilter,
    clean_text,
    cut_lines,
    strip_ansi,
)

NASTY = st.lists(
    st.sampled_from([
        *("\x1b", "[", "]", "8;;", "31", "m", "\x07", "\\", "J", ";", "P", "_", "?", "\x9b", "\x00", "\r"),
        *(
            "\u202e",
            "\u200b",
            "\U000e0041",
            "\ud800",
            "\udc00",
            "\ufeff",
            "a",
            "\n",
            "é",
            "\N{SLICE OF PIZZA}",
        ),
    ]),
    max_size=40,
).map("".join)


def test_keeps_colours_and_nothing_else_of_a_terminal() -> None:
    """SGR sequences stay; cursor moves, titles, links and the clipboard go."""
    text = "\x1b[31mred\x1b[0m\x1b[2J\x1b[1;1H\x1b]0;title\x07\x1b]52;c;aGk=\x1b\\\x1b]8;;http://x\x07link\x1b]8;;\x07\x1bc"
    assert clean_text(text) == "\x1b[31mred\x1b[0mlinkc"
    assert strip_ansi(text) == "redlinkc"


def test_replaces_controls_and_direction_marks() -> None:
    """NUL, bell, C1, bidi and lone surrogates become the replacement character."""
    assert (
        clean_text("a\x00b\x07c\x9bd\u202ee\u2066f\ud800g\t\r\n")
        == "a\ufffdb\ufffdc\ufffdd\ufffde\ufffdf\ufffdg\t\r\n"
    )


@pytest.mark.parametrize(
    "hidden",
    ["\u00ad", "\u200b", "\u2060", "\ufeff", "\u3164", "\u2028", "\U000e0041", "\U000e0101", "\ufff9"],
)
def test_shows_where_something_invisible_stands(hidden: str) -> None:
    """Nobody reads past a hidden message or a split word without noticing."""
    assert clean_text(f"a{hidden}b") == "a\ufffdb"


@pytest.mark.parametrize(
    "text",
    [
        "\N{WOMAN}\u200d\N{PERSONAL COMPUTER}",
        "\N{HEAVY BLACK HEART}\ufe0f",
        "\u0645\u06cc\u200c\u062e",
        "e\u0301",
    ],
)
def test_scripts_and_emoji_stay_whole(text: str) -> None:
    """Joiners and the common variation selectors belong to what is seen."""
    assert clean_text(text) == text


@given(st.text() | NASTY)
def test_text_is_always_printable_and_encodable(text: str) -> None:
    """No escape but SGR and no forbidden character goes out; cleaning twice is cleaning once."""
    cleaned = clean_text(text)
    cleaned.encode("utf-8")
    assert "\x1b" not in strip_ansi(text)
    assert FORBIDDEN.search(cleaned.replace("\x1b", "")) is None
    assert clean_text(cleaned) == cleaned


@given(st.lists(NASTY, max_size=6))
def test_pieces_give_what_the_whole_gives(pieces: list[str]) -> None:
    """Wherever a stream is cut, the same is shown."""
    filter_ = TextFilter()
    shown = "".join([*(filter_.feed(piece) for piece in pieces), filter_.flush()])
    assert shown == clean_text("".join(pieces))


def test_a_long_text_is_cleaned_across_its_pieces() -> None:
    """The border of a piece within a colour changes nothing."""
    text = "x" * (PIECE_CHARACTERS - 2) + "\x1b[31mred"
    assert clean_text(text) == text


@pytest.mark.timeout(20)  # a pass for each opening would take minutes
@pytest.mark.parametrize("opening", ["\x1b]", "\x1b[", "\x1b[31;", "\x1b"])
def test_unended_terminal_strings_are_dropped_in_one_pass(opening: str) -> None:
    """A megabyte of openings without an end is no way to hold the server."""
    assert clean_text(opening * 500_000 + "\nseen").endswith("seen")


@pytest.mark.timeout(20)  # likewise
def test_lines_are_cut_in_one_pass() -> None:
    """Only the lines that are too long change, and a carriage return ends one too."""
    kept = ("x" * (MAX_LINE_CHARACTERS - 1) + "\n") * 20 + "\r".join(["progress"] * 20_000)
    assert cut_lines(kept) == kept
    assert cut_lines("y" * (MAX_LINE_CHARACTERS + 3) + "\n").endswith("y [3 more characters in this line]\n")

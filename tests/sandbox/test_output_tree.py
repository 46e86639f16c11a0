"""Markup that a parser reads in one pass is told from markup that it must repair."""

from __future__ import annotations

import pytest

from gptoss_lab.sandbox.output_tree import MAX_DEPTH, is_flat, without_frames


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no markup",
        "<p>a<br>b<br/>c</p>",
        "<DIV class='a b' id=\"c>d\" hidden data-x=1 >x</div>",
        "<table><tr><td >1</td></tr></table>",
        "<p>" * MAX_DEPTH + "</p>" * MAX_DEPTH,
    ],
)
def test_well_formed_is_flat(text: str) -> None:
    """What programs write passes, whatever its letters and quotes."""
    assert is_flat(text)


@pytest.mark.parametrize(
    "text",
    [
        "<p>",
        "</p>",
        "<p></div>",
        "<b><p></b></p>",
        "a < b",
        "<p/ x>",
        "<!-- x --><p></p>",
        "<select></select>",
        "<svg></svg>",
        "<p a='></p>",
        "<p>" * (MAX_DEPTH + 1) + "</p>" * (MAX_DEPTH + 1),
    ],
)
def test_what_needs_repair_is_not(text: str) -> None:
    """Open, crossed, deep or strange elements are left to the bounded way."""
    assert not is_flat(text)


def test_frames_fall_away() -> None:
    """The content of what shows nothing itself stays."""
    assert without_frames('<html><body class="x"><button onclick="f(1 > 0)">b</button></body></html>') == "b"

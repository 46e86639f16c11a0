"""Selectors are written anew and reach their own output only."""

from __future__ import annotations

import pytest
import tinycss2

from gptoss_lab.sandbox.output_selectors import clean_selector, prefix


def cleaned(selector: str) -> str | None:
    """Return a selector as it would stand in the page."""
    return clean_selector(tinycss2.parse_component_value_list(selector), "own")


def test_a_name_is_prefixed_once() -> None:
    """No name of the page can be met, and what has our prefix keeps it."""
    assert prefix("jp-Notebook") == "sandboxed-jp-Notebook"
    assert prefix("sandboxed-x") == "sandboxed-x"
    assert prefix("dataframe") == "dataframe"
    assert prefix('a"b c') == "sandboxed-a_22_b_20_c"
    assert prefix("") is None
    assert prefix("x" * 1000) is None


@pytest.mark.parametrize(
    ("selector", "written"),
    [
        ("a", ".own a"),
        ("a, .b > #c", ".own a, .own .sandboxed-b > #sandboxed-c"),
        ("*~a+b", ".own *~a+b"),
        (
            "td:nth-child( 2n+1 ):not(.a.b)::after",
            ".own td:nth-child(2n+1):not(.sandboxed-a.sandboxed-b)::after",
        ),
        (".jp-Cell", ".own .sandboxed-jp-Cell"),
    ],
)
def test_plain_selectors_stay(selector: str, written: str) -> None:
    """Each of a list is bound, each name has its prefix."""
    assert cleaned(selector) == written


@pytest.mark.parametrize(
    "selector",
    [
        "",
        " ",
        ",",
        "a,",
        "> a",
        "a[b]",
        ":root",
        ":host",
        ":is(a)",
        "a:has(b)",
        "a::part(x)",
        "a|b",
        "&",
        ".",
        "a:",
        "..a",
        ".>a",
    ],
)
def test_others_are_refused(selector: str) -> None:
    """What asks about the page, or is not whole, costs its rule."""
    assert cleaned(selector) is None

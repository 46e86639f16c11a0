"""Of a MIME bundle passes what is on the list; the rest is told."""

from __future__ import annotations

import pytest

from gptoss_lab.sandbox.output_bundle import clean_bundle, clean_metadata
from tests.sandbox.test_output_picture import PNG, encoded

HOSTILE = (
    "application/javascript",
    "text/javascript",
    "application/vnd.jupyter.widget-view+json",
    "application/vnd.plotly.v1+json",
    "application/vnd.vegalite.v5+json",
    "application/vnd.bokehjs_exec.v0+json",
    "application/geo+json",
    "application/pdf",
    "text/vnd.mermaid",
    "text/x-python",
)


@pytest.mark.parametrize("mime", HOSTILE)
def test_drops_what_a_page_would_run(mime: str) -> None:
    """A bundle keeps its text and loses what a page would run or fetch."""
    assert clean_bundle({mime: "alert(1)", "text/plain": "shown"}) == {"text/plain": "shown"}


@pytest.mark.parametrize("mime", HOSTILE)
def test_names_what_was_dropped_alone(mime: str) -> None:
    """A bundle of nothing but script says so in text."""
    assert clean_bundle({mime: "alert(1)"}) == {"text/plain": f"[not shown: {mime}]"}
    assert clean_bundle({f"{mime}\u202e": 1}) == {"text/plain": f"[not shown: {mime}\ufffd]"}


def test_shows_each_type_as_it_may() -> None:
    """One of each, all at once."""
    shown = clean_bundle({
        "image/png": encoded(PNG),
        "image/svg+xml": "<svg><rect/></svg>",
        "text/html": "<b onclick=x>b</b>",
        "text/markdown": "*not needed beside HTML*",
        "text/latex": r"$\alpha$",
        "application/json": {"a": 1},
        "text/plain": "p\x07",
        "application/javascript": "alert(1)",
    })
    assert shown.pop("image/png") == encoded(PNG).replace("\n", "")
    assert shown == {
        "image/svg+xml": '<svg xmlns="http://www.w3.org/2000/svg"><rect></rect></svg>',
        "text/html": "<b>b</b>",
        "text/latex": r"$\alpha$",
        "application/json": {"a": 1},
        "text/plain": "p\ufffd",
    }


def test_markdown_stands_in_for_html() -> None:
    """R says a table in both; where only Markdown came, its HTML is shown."""
    assert clean_bundle({"text/markdown": "*x*"}) == {"text/html": "<p><em>x</em></p>\n"}
    assert clean_bundle({"text/html": "<script>1</script>", "text/markdown": "*x*"}) == {
        "text/html": "<p><em>x</em></p>\n"
    }


def test_latex_that_is_not_typeset_is_shown_as_text() -> None:
    """Its source tells more than that it was left out."""
    source = r"$\href{javascript:alert(1)}{x}$"
    assert clean_bundle({"text/latex": source}) == {"text/plain": source}
    assert clean_bundle({"text/latex": source, "text/plain": "x"}) == {"text/plain": "x"}


@pytest.mark.parametrize("data", [None, [], "x", {1: 2}, {"text/plain": ["a"]}, {"text/html": {"a": 1}}])
def test_survives_any_shape(data: object) -> None:
    """A bundle of another shape is empty or says so."""
    assert set(clean_bundle(data)) <= {"text/plain"}


def test_metadata_says_how_to_show_and_nothing_else() -> None:
    """Sizes within reason, a background, whether a tree is open; of what is shown only."""
    metadata = {
        "width": 10,
        "height": True,
        "isolated": True,
        "image/png": {"width": 1e9, "height": 2.5, "needs_background": "light", "unconfined": True},
        "application/json": {"expanded": True, "root": "<script>"},
        "text/html": {"width": 1},
        "text/plain": "x",
        "evil": {"width": 1},
    }
    assert clean_metadata(metadata, {"image/png": "", "application/json": {}, "text/plain": ""}) == {
        "width": 10,
        "image/png": {"height": 2.5, "needs_background": "light"},
        "application/json": {"expanded": True},
    }
    assert clean_metadata(["x"], {}) == {}
    assert clean_metadata({"needs_background": ["light"]}, {}) == {}

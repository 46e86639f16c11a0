"""Pages that the real themes made, against what stands in them. tools/golden.py makes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from gptoss_lab.documents.html import read_html
from tests.documents.golden_text import golden_text

GOLDEN = Path(__file__).parent / "golden"
THEMES = ("alabaster", "furo", "material", "pkgdown3", "pkgdown5", "pydata", "rtd")
SIGNATURES = {
    "shrinkage.shrink": "shrinkage.shrink(values, /, *, rate: float = 0.5, **options: int) → list[float]",
    "shrinkage.Shrinker": "shrinkage.Shrinker(rate: float = 0.5)",
    "shrinkage.Shrinker.apply": "apply(*values: float) → list[float]",
    "shrinkage.Shrinker.percent": "percent: float",
}
R_USAGE = (
    'shrink(x, ..., rate = 0.5, method = c("linear", "square"))\n\n# S3 method for shrunk\nprint(x, ...)'
)


@pytest.mark.parametrize("theme", THEMES)
def test_everything_of_a_page_is_as_it_was_looked_at(theme: str) -> None:
    """Headings with anchors, prose, tables, code with its language, signatures and examples: exact."""
    page = GOLDEN / f"{theme}.html"
    assert page.stat().st_size <= 20_000
    found = read_html(page.read_text(encoding="utf-8"), fallback_title=theme)
    assert golden_text(found) == (GOLDEN / f"{theme}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("theme", ["alabaster", "furo", "pydata", "rtd"])
def test_signatures_of_sphinx_are_those_of_the_source(theme: str) -> None:
    """Stars, slashes and annotations are kept, whatever the theme draws around them."""
    found = read_html((GOLDEN / f"{theme}.html").read_text(encoding="utf-8"), fallback_title=theme)
    assert {symbol.qualname: symbol.signature for symbol in found.symbols} == SIGNATURES


def test_signatures_of_mkdocstrings_are_those_of_the_source() -> None:
    """Each object has its own, and a class without one has its name."""
    found = read_html((GOLDEN / "material.html").read_text(encoding="utf-8"), fallback_title="x")
    assert {symbol.qualname: (symbol.kind, symbol.signature) for symbol in found.symbols} == {
        "shrinkage.shrink": ("function", "shrink(values, /, *, rate=0.5, **options)"),
        "shrinkage.Shrinker": ("class", "shrinkage.Shrinker"),
        "shrinkage.Shrinker.apply": ("method", "apply(*values)"),
        "shrinkage.Shrinker.percent": ("attribute", "percent"),
    }


@pytest.mark.parametrize("theme", ["pkgdown3", "pkgdown5"])
def test_a_topic_of_pkgdown_is_a_function_of_its_package(theme: str) -> None:
    """Under its full and its bare name; methods of other functions are not its names."""
    found = read_html((GOLDEN / f"{theme}.html").read_text(encoding="utf-8"), fallback_title="x")
    (symbol,) = found.symbols
    assert (symbol.qualname, symbol.aliases, symbol.signature) == ("shrinkage::shrink", ("shrink",), R_USAGE)
    assert "#> [1]" not in symbol.body

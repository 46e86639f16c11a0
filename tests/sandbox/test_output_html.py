"""Only plain tables pass, rebuilt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from gptoss_lab.sandbox.output_html import ATTRIBUTES, TAGS, sanitize_table

# What pandas 3.1 writes for DataFrame({"a<b": [1.5], "c": ["<script>x</script>"]}).
FRAME = """<div>
<style scoped>
    .dataframe tbody tr th:only-of-type { vertical-align: middle; }
</style>
<table border="1" class="dataframe">
  <thead><tr style="text-align: right;"><th></th><th>a&lt;b</th><th>c</th></tr></thead>
  <tbody><tr><th>0</th><td>1.5</td><td>&lt;script&gt;x&lt;/script&gt;</td></tr></tbody>
</table>
<p>1 rows and 2 columns</p>
</div>"""
SPANS = '<table><thead><tr><th></th><th colspan="2" halign="left">x</th></tr></thead></table>'


def test_keeps_what_pandas_makes() -> None:
    """A data frame's table passes with its text escaped, without its style sheet."""
    table = sanitize_table(FRAME) or ""
    assert '<table border="1" class="dataframe">' in table
    assert "<td>&lt;script&gt;x&lt;/script&gt;</td>" in table
    assert "<th>a&lt;b</th>" in table
    assert "<p>1 rows and 2 columns</p>" in table
    assert "style" not in table


def test_keeps_merged_headers() -> None:
    """Column and row spans of a multi-index stay."""
    assert '<th colspan="2">x</th>' in (sanitize_table(SPANS) or "")


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<svg onload=alert(1)></svg>",
        "<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>",
        "<form action=//x><input></form>",
        "<link rel=stylesheet href=//x>",
        "<template><script>1</script></template>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "<video src=//x></video>",
        "<object data=//x></object>",
    ],
)
def test_refuses_a_table_with_anything_else(inside: str) -> None:
    """One foreign element refuses the whole table."""
    assert sanitize_table(f"<table><tr><td>{inside}</td></tr></table>") is None


def test_drops_every_other_attribute() -> None:
    """Handlers, styles, ids and foreign classes do not survive."""
    source = (
        '<table onclick="x" style="position:fixed" id="jp-top" class="jp-Dialog">'
        '<tr><td onmouseover="x" colspan="2" rowspan="9999999" data-x="1">1</td></tr></table>'
    )
    assert sanitize_table(source) == '<table><tbody><tr><td colspan="2">1</td></tr></tbody></table>'


def test_refuses_what_is_too_much() -> None:
    """Depth, length and number of nodes are bounded; plain HTML without a table is refused."""
    assert sanitize_table("<table></table>" + "<div>" * 100) is None
    assert sanitize_table("<table></table>" + "x" * (1 << 20)) is None
    assert sanitize_table("<table>" + "<tr><td>1</td></tr>" * 30_000 + "</table>") is None
    assert sanitize_table("<p>hello</p>") is None


PIECES = st.sampled_from([
    *[
        "<table>",
        "</table>",
        "<tr>",
        "<td",
        " onclick=x",
        ">",
        "<style>",
        "</style>",
        "<!--",
        "-->",
        "<script",
    ],
    *[
        "<svg>",
        "<math>",
        "&lt;script&gt;",
        '"',
        "'",
        "x",
        "<img src=x onerror=a>",
        "<div class=dataframe>",
        "</div",
    ],
])


@given(st.lists(PIECES, max_size=30).map(lambda pieces: "<table>" + "".join(pieces)))
def test_result_holds_only_the_allow_list(source: str) -> None:
    """Whatever is fed in, a second parser finds nothing but allowed elements and attributes."""
    table = sanitize_table(source)
    if table is None:
        return
    body = LexborHTMLParser(table).body
    assert body is not None
    for node in body.css("body *"):
        assert node.tag in TAGS
        assert set(node.attributes) <= set(ATTRIBUTES)

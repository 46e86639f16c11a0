"""HTML keeps its looks and loses whatever acts, loads or reaches out."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gptoss_lab.sandbox.output_css import clean_declarations
from gptoss_lab.sandbox.output_html import MAX_CHARACTERS, TAGS, THEMED, sanitize_html

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
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def test_keeps_what_pandas_makes() -> None:
    """A data frame's table passes with its text escaped, its style bound to it."""
    table = sanitize_html(FRAME) or ""
    assert '<table border="1" class="dataframe">' in table
    assert "<td>&lt;script&gt;x&lt;/script&gt;</td>" in table
    assert "<th>a&lt;b</th>" in table
    assert "<p>1 rows and 2 columns</p>" in table
    assert re.match(r'<div class="(sandboxed-\w+)"><style>\.\1 \.dataframe tbody tr th:only-of-type {', table)


def test_keeps_a_styled_table() -> None:
    """Cells find their rules: both get the same prefix."""
    source = (
        '<style type="text/css">#T_1_row0_col0 { background-color: yellow; }</style>'
        '<table id="T_1"><tr><td id="T_1_row0_col0" class="data row0" >3</td></tr></table>'
    )
    table = sanitize_html(source) or ""
    assert "#sandboxed-T_1_row0_col0 {background-color: yellow}" in table
    assert '<td id="sandboxed-T_1_row0_col0" class="sandboxed-data sandboxed-row0">3</td>' in table


def test_keeps_a_diagram_that_unfolds() -> None:
    """scikit-learn's estimators are boxes and labels; a label opens what belongs to it, not the page's."""
    source = (
        '<body><div class="sk-top-container"><input id="sk-1" type="text" name="q" onfocus="x">'
        '<label for="sk-1" class="sk-label">Pipeline <a href="https://scikit-learn.org/x">?</a>'
        '</label><button onclick="copy()"></button><div class="sk-container" hidden>deep</div></div></body>'
    )
    assert sanitize_html(source) == (
        '<div class="sandboxed-sk-top-container"><input id="sandboxed-sk-1" type="checkbox">'
        '<label for="sandboxed-sk-1" class="sandboxed-sk-label">Pipeline '
        '<span title="https://scikit-learn.org/x">?</span></label>'
        '<div class="sandboxed-sk-container" hidden="">deep</div></div>'
    )


def test_a_diagram_follows_the_theme() -> None:
    """The colours that a script would choose are the page's own."""
    source = "<style>.sk-global { color: var(--sklearn-color-text) }</style><p class='sk-global'>Pipeline</p>"
    shown = sanitize_html(source) or ""
    assert f".sandboxed-sk-global {{{THEMED}}}" in shown
    assert ".sandboxed-sk-global {color: var(--sklearn-color-text)}" in shown
    assert clean_declarations(THEMED) == THEMED


def test_keeps_merged_headers() -> None:
    """Column and row spans of a multi-index stay."""
    source = '<table><thead><tr><th></th><th colspan="2" halign="left">x</th></tr></thead></table>'
    assert '<th colspan="2">x</th>' in (sanitize_html(source) or "")


@pytest.mark.parametrize(
    ("inside", "left"),
    [
        ("<script>alert(1)</script>", ""),
        ("<img src=x onerror=alert(1)>", ""),
        ("<img src='http://evil.example/t.png'>", ""),
        ("<img src='/api/shutdown'>", ""),
        ("<img srcset='http://evil.example/t.png 1x' alt=q>", ""),
        ("<img src='data:image/png;base64,PHNjcmlwdD4='>", ""),
        ("<img src='data:text/html,<script>alert(1)</script>'>", ""),
        ("<a href='javascript:alert(1)'>x</a>", "<span>x</span>"),
        ("<a href='java&#9;script:alert(1)'>x</a>", "<span>x</span>"),
        ("<a href='/lab?reset'>x</a>", "<span>x</span>"),
        ("<a href='#main'>x</a>", "<span>x</span>"),
        ("<a href='//evil.example'>x</a>", "<span>x</span>"),
        ("<a href='data:text/html,x'>x</a>", "<span>x</span>"),
        (
            "<a href='https://a.example/?b=1&amp;c=\"' ping=//x>x</a>",
            "<span>x</span>",
        ),
        (
            "<a href='https://a.example/b' title='y' class='k'>x</a>",
            '<span class="sandboxed-k" title="https://a.example/b">x</span>',
        ),
        ("<iframe srcdoc='<script>alert(1)</script>'></iframe>", ""),
        ("<svg onload=alert(1)></svg>", ""),
        ("<math href='javascript:alert(1)'><mi>x</mi></math>", ""),
        ("<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>", ""),
        ("<form action=//x><input type=password autofocus><button formaction=//y>b</button></form>", None),
        ("<link rel=stylesheet href=//x>", ""),
        ("<meta http-equiv=refresh content='0;url=//x'>", ""),
        ("<base href=//x>", ""),
        ("<template><script>1</script></template>", ""),
        ("<video src=//x poster=//y></video>", ""),
        ("<object data=//x></object><embed src=//x>", ""),
        ("<details ontoggle=alert(1) open><summary>s</summary></details>", None),
        ("<div data-commandlinker-command='terminal:create-new' class='jp-Button lm-Menu'>x</div>", None),
        ("<p style='position:fixed;inset:0;background:url(//x);color:red'>x</p>", None),
        ("<p title='</p><script>alert(1)</script>'>x</p>", None),
        ("<b contenteditable tabindex=1 accesskey=x draggable=true is=x slot=y>x</b>", "<b>x</b>"),
    ],
)
def test_what_acts_or_loads_goes(inside: str, left: str | None) -> None:
    """The rest of the document stays."""
    shown = sanitize_html(f"<p>before</p>{inside}<p>after</p>") or ""
    if left is not None:
        assert shown == f"<p>before</p>{left}<p>after</p>"
    assert_inert(shown)


def test_names_reach_no_part_of_the_page() -> None:
    """No element can be taken for one of JupyterLab's, nor hide a global of its scripts."""
    shown = sanitize_html('<div id="main" class="jp-Dialog lm-Widget"><p id="jupyterapp">x</p></div>')
    assert shown == (
        '<div id="sandboxed-main" class="sandboxed-jp-Dialog sandboxed-lm-Widget">'
        '<p id="sandboxed-jupyterapp">x</p></div>'
    )


def test_pictures_come_as_data() -> None:
    """A picture and a drawing stay where they carry themselves; a drawing is drawn anew."""
    assert sanitize_html(f'<img src="data:image/png;base64,{PNG}">') == (
        f'<img src="data:image/png;base64,{PNG}">'
    )
    shown = sanitize_html("<p>x</p><svg viewBox='0 0 1 1'><rect width='1'/><script>1</script></svg>") or ""
    address = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', shown)
    assert address is not None
    assert base64.b64decode(address[1]).decode() == (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><rect width="1"></rect></svg>'
    )
    assert sanitize_html(shown) == shown


def test_formulas_of_unknown_commands_are_left_as_text() -> None:
    """MathJax would make a link of it."""
    assert sanitize_html(r"<p>$\frac{1}{2}$</p>") == r"<p>$\frac{1}{2}$</p>"
    for text in (r"$\href{javascript:alert(1)}{x}$", r"$\&#104;ref{x}{y}$", r"$\style{color:red}{x}$"):
        shown = sanitize_html(f"<p>{text}</p>") or ""
        assert shown.startswith('<div class="mathjax_ignore"><p>')


@pytest.mark.parametrize("text", ["", "plain", "<p></p>", "<div> \n </div>", "<img>", "<script>1</script>"])
def test_nothing_to_see_is_nothing(text: str) -> None:
    """An output with nothing left is told in text, elsewhere."""
    assert sanitize_html(text) is None


@pytest.mark.timeout(60)  # each took minutes before it was looked at
@pytest.mark.parametrize(
    "text",
    [
        "<div>" * 200_000,
        "<b><p>" * 50_000,
        "".join(f"<b id={number}><p>" for number in range(40_000)),
        "<table><tr><td>" * 50_000,
        "<style>" * 150_000,
        "<script>" * 130_000,
        "<svg>" * 200_000,
        "<!--" * 250_000,
        "<div><table></div>" * 50_000,
        "<div></p>" * 50_000,
        "<a " + "x " * 400_000,
        "<" * 1_000_000,
        "<p " + " " * 1_000_000,
        "<p>" + "x" * MAX_CHARACTERS,
        "<p " + "a=1 " * 200_000 + ">x</p>",
    ],
)
def test_what_would_keep_a_parser_busy_is_refused(text: str) -> None:
    """A megabyte of openings is no way to hold the server."""
    shown = sanitize_html(text)
    assert shown is None or len(shown) <= 2 * len(text)


def test_a_large_table_passes() -> None:
    """What programs write is well-formed and flat, however long."""
    rows = "".join(f"<tr><th>{row}</th><td>1</td><td>2</td></tr>\n" for row in range(20_000))
    table = f'<table border="1" class="dataframe"><tbody>{rows}</tbody></table>'
    assert sanitize_html(table) == table


class Inert(HTMLParser):
    """Reads markup as another parser does, and complains of anything that is not on the list."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at an element."""
        assert tag in TAGS | {"style"} - {"a"}, tag
        for name, value in attrs:
            assert name in ALLOWED, name
            text = value or ""
            if name in {"id", "for"}:
                assert text.startswith("sandboxed-")
            elif name == "class":
                own = {"dataframe", "mathjax_ignore"}
                assert all(one.startswith("sandboxed-") or one in own for one in text.split())
            elif name == "src":
                assert re.match(r"data:image/(png|jpeg|gif|svg\+xml);base64,[A-Za-z0-9+/=]+$", text)
            elif name == "style":
                assert re.search(r"url|expression|position|@|\\|<", text) is None
            elif name == "type":
                assert text == "checkbox"

    handle_startendtag = handle_starttag


ALLOWED = frozenset({
    *("class", "id", "style", "title", "hidden", "open", "src", "alt", "width", "height", "type", "for"),
    *("checked", "start", "border", "align", "valign", "colspan", "rowspan", "scope", "span"),
    *("cellpadding", "cellspacing"),
})


def assert_inert(shown: str) -> None:
    """Check that nothing in the markup acts, loads or reaches out."""
    reader = Inert()
    reader.feed(shown)
    reader.close()


PIECES = st.sampled_from([
    *("<table>", "</table>", "<tr>", "<td", " onclick=x", ">", "<style>", "</style>", "<!--", "-->", "--!>"),
    *(
        "<svg>",
        "</svg>",
        "<math>",
        "<mtext>",
        "<annotation-xml encoding='text/html'>",
        "<foreignObject>",
        "<desc>",
    ),
    *("&lt;script&gt;", '"', "'", "`", "x", "<img src=x onerror=a>", "<div class=jp-Cell id=main>", "</div"),
    *(
        "<script",
        "</script>",
        "<a href=javascript:x>",
        "<a href='https://x.example'",
        "</a>",
        "<p style='",
        "position:fixed",
    ),
    *(
        "<title>",
        "</title>",
        "<textarea>",
        "</textarea>",
        "<noscript>",
        "</noscript>",
        "<template>",
        "<iframe>",
        "<xmp>",
    ),
    *(
        "<plaintext>",
        "<select>",
        "<option>",
        "<b>",
        "<i>",
        "</b>",
        "</p>",
        "<form id=x>",
        "<input name=y",
        "\x00",
        "\u202e",
    ),
    *(
        "url(//x)",
        "=",
        "/",
        "<p title='",
        "&#x3c;img src=x&#x3e;",
        "\\href",
        "$",
        "]]>",
        "<![CDATA[",
        "<?",
        "<mglyph>",
    ),
])


@given(st.lists(PIECES, max_size=30).map("".join))
def test_whatever_is_fed_in_the_result_is_inert(source: str) -> None:
    """A second parser finds the allow-list only, and cleaning again changes nothing."""
    shown = sanitize_html(source)
    if shown is None:
        return
    assert_inert(shown)
    assert "\x00" not in shown
    assert "\u202e" not in shown
    again = sanitize_html(shown)
    if "<style>" not in shown and "mathjax_ignore" not in shown:
        assert again in {shown, None}
    assert_inert(again or "")

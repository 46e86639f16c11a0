"""Drawings are drawn anew: shapes, text and embedded pictures, nothing else."""

from __future__ import annotations

import base64
import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gptoss_lab.sandbox.output_svg import ELEMENTS, SPACE, as_image, sanitize_svg

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
# As matplotlib writes a line plot.
PLOT = """<?xml version="1.0" encoding="utf-8" standalone="no"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN"
  "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg xmlns:xlink="http://www.w3.org/1999/xlink" width="460.8pt" height="345.6pt" viewBox="0 0 460.8 345.6"
 xmlns="http://www.w3.org/2000/svg" version="1.1">
 <metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></metadata>
 <defs><style type="text/css">*{stroke-linejoin: round; stroke-linecap: butt}</style></defs>
 <g id="line2d_1"><defs><path id="m5" d="M 0 0
L 0 3.5" style="stroke: #000000; stroke-width: 0.8"/></defs>
  <use xlink:href="#m5" x="77.7" y="307.5" style="stroke: #000000; stroke-width: 0.8"/>
  <path d="M 77.7 0" clip-path="url(#p1)" style="fill: none; stroke: #1f77b4"/></g>
 <defs><clipPath id="p1"><rect x="57.6" y="41.4" width="357.1" height="266.1"/></clipPath></defs>
</svg>"""


def drawn(inside: str) -> str:
    """Return what is left of a drawing's inside, beside a circle."""
    shown = sanitize_svg(
        f'<svg xmlns="{SPACE}" xmlns:xlink="http://www.w3.org/1999/xlink"><circle/>{inside}</svg>'
    )
    assert shown is not None
    return shown.removeprefix(f'<svg xmlns="{SPACE}"><circle></circle>').removesuffix("</svg>")


def test_a_plot_stays() -> None:
    """Markers, clips and styles of a plot find each other, and the plot its size."""
    shown = sanitize_svg(PLOT) or ""
    tree = ET.fromstring(shown)  # noqa: S314 - our own output
    assert (tree.get("width"), tree.get("viewBox")) == ("460.8pt", "0 0 460.8 345.6")
    assert '<use href="#sandboxed-m5" x="77.7" y="307.5" style="stroke: #000000; stroke-width: 0.8">' in shown
    assert 'clip-path="url(#sandboxed-p1)"' in shown
    assert '<clipPath id="sandboxed-p1">' in shown
    assert (
        re.search(r"<style>\.(sandboxed-\w+) \* {stroke-linejoin: round; .*<g class=.\1.>", shown, re.DOTALL)
        is None
    )
    assert re.search(r'<g class="(sandboxed-\w+)">.*<style>\.\1 \* {stroke-linejoin: round', shown, re.DOTALL)
    assert "metadata" not in shown


@pytest.mark.parametrize(
    ("inside", "left"),
    [
        ("<script>alert(1)</script>", ""),
        ("<script href='http://evil.example/x.js'/>", ""),
        ("<foreignObject><div xmlns='http://www.w3.org/1999/xhtml' onclick='x'>x</div></foreignObject>", ""),
        ("<animate attributeName='href' values='javascript:alert(1)'/>", ""),
        ("<set attributeName='onload' to='alert(1)'/>", ""),
        ("<rect onload='alert(1)' onclick='x' tabindex='0'/>", "<rect></rect>"),
        ("<a xlink:href='javascript:alert(1)'><rect/></a>", "<rect></rect>"),
        ("<use href='http://evil.example/x.svg#a'/>", "<use></use>"),
        ("<use href='data:image/svg+xml;base64,x#a'/>", "<use></use>"),
        ("<image href='http://evil.example/x.png'/>", "<image></image>"),
        ("<image href='data:image/svg+xml;base64,PHN2Zy8+'/>", "<image></image>"),
        (
            f"<image href='data:image/png;base64,{PNG}'/>",
            f'<image href="data:image/png;base64,{PNG}"></image>',
        ),
        ("<rect fill='url(http://evil.example/#a)'/>", "<rect></rect>"),
        ("<rect fill='u\\72l(http://evil.example/)'/>", "<rect></rect>"),
        ("<rect fill='url(#a) url(http://evil.example/)'/>", "<rect></rect>"),
        (
            "<rect style='fill: url(http://evil.example/#a); stroke: red'/>",
            '<rect style="stroke: red"></rect>',
        ),
        ("<style>@import url(http://evil.example); * {mask: url(#m)}</style>", "<style></style>"),
        ("<text>&#x202e;&lt;b&gt;</text>", "<text>\ufffd&lt;b&gt;</text>"),
        ("<filter id='f'><feImage href='http://evil.example'/></filter>", ""),
        ("<x:rect xmlns:x='http://evil.example'/>", ""),
    ],
)
def test_what_runs_or_loads_goes(inside: str, left: str) -> None:
    """The rest of the drawing stays."""
    assert drawn(inside) == left


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<svg",
        "<svg></svg>",
        "<svg><script/></svg>",
        "<html><svg><rect/></svg></html>",
        '<!DOCTYPE svg [<!ENTITY x "y">]><svg><text>&x;</text></svg>',
        "<svg><rect/></svg><svg/>",
        "<svg><g id='a'><use href='#a'/></g></svg>",
        "<svg>" + "<g>" * 100 + "<rect/>" + "</g>" * 100 + "</svg>",
        "<svg>" + "<rect/>" * 200_000 + "</svg>",
        "<svg><rect></svg>",
    ],
)
def test_what_is_no_drawing_or_too_much_is_refused(text: str) -> None:
    """Entities, circles, depth and mass are not drawn."""
    assert sanitize_svg(text) is None


@pytest.mark.parametrize(
    "reference",
    ["<use href='#{0}'/>", "<rect fill='url(#{0})'/>", "<rect style='mask: url(#{0})'/>"],
)
def test_a_few_lines_cannot_ask_for_billions(reference: str) -> None:
    """References that multiply are counted, whatever they are written as."""
    steps = [f"<g id='a{level}'>" + reference.format(f"a{level - 1}") * 10 + "</g>" for level in range(1, 12)]
    assert sanitize_svg(f"<svg><g id='a0'><rect/></g>{''.join(steps)}</svg>") is None
    assert sanitize_svg(f"<svg><g id='a0'><rect/></g>{''.join(steps[:3])}</svg>") is not None


def test_the_size_is_bounded() -> None:
    """A drawing cannot push everything else off the page."""
    assert (
        sanitize_svg('<svg width="1e9" height="99999999"><rect/></svg>')
        == f'<svg xmlns="{SPACE}"><rect></rect></svg>'
    )


def test_an_address_holds_the_whole_drawing() -> None:
    """An image needs nothing else."""
    assert base64.b64decode(as_image("<svg>é</svg>").partition(",")[2]).decode() == "<svg>é</svg>"


PIECES = st.sampled_from([
    *(
        "<g id='a'>",
        "</g>",
        "<use href='#a'/>",
        "<rect ",
        "onload='x' ",
        "fill='url(#a)'",
        "/>",
        "<script>",
        "</script>",
    ),
    *(
        "<foreignObject>",
        "</foreignObject>",
        "<a href='javascript:x'>",
        "</a>",
        "<text>",
        "</text>",
        "x",
        "&#x202e;",
    ),
    *(
        "<style>",
        "</style>",
        "*{fill:red}",
        "@import 'x';",
        "<![CDATA[",
        "]]>",
        "<image href='http://x'/>",
        "<?x ?>",
        "<!--",
        "-->",
    ),
    *("<rect/>", "<animate/>", "<metadata>", "</metadata>", "<x:y xmlns:x='z'>", "</x:y>", "&lt;script&gt;"),
])


@given(st.lists(PIECES, max_size=25).map(lambda pieces: f"<svg>{''.join(pieces)}<rect/></svg>"))
def test_whatever_is_fed_in_only_shapes_come_out(source: str) -> None:
    """A second reader finds nothing but the allow-list; drawing it again changes nothing."""
    shown = sanitize_svg(source)
    if shown is None:
        return
    for element in ET.fromstring(shown).iter():  # noqa: S314 - our own output
        assert element.tag.removeprefix(f"{{{SPACE}}}") in ELEMENTS
        for name, value in element.attrib.items():
            assert not name.startswith("on")
            assert name != "href" or value.startswith("#sandboxed-")
    assert "\u202e" not in shown
    if "<style" not in shown:
        assert sanitize_svg(shown) == shown

"""Markdown from a sandbox, turned into the HTML that it stands for and sanitised as that.

JupyterLab passes on whatever HTML a Markdown text holds, makes links of its addresses and draws its
diagrams. Here it is read as CommonMark without HTML; formulas are set aside and put back as text.
"""

from __future__ import annotations

import html
import re
from functools import cache

from markdown_it import MarkdownIt

from gptoss_lab.sandbox.output_html import sanitize_html

MAX_CHARACTERS = 128 << 10
# Lists, quotes and brackets cost more than their length when they are piled up.
MAX_MARKS = 20_000
_MARKS = re.compile(r"[\[\]!*_`<>]")
_FORMULA = re.compile(
    r"\$\$.{1,4000}?\$\$|(?<![\\$])\$[^$\s](?:[^$\n]{0,400}[^$\s\\])?\$(?!\d)|\\\(.{1,400}?\\\)|\\\[.{1,4000}?\\\]"
    r"|\\begin\{(?P<kind>[a-z]{1,20}\*?)\}.{1,4000}?\\end\{(?P=kind)\}",
    re.DOTALL,
)
# A private character keeps a formula's place.
_PLACE = "\ue000"
_PLACES = re.compile(f"{_PLACE}([0-9]+){_PLACE}")


def render_markdown(text: str) -> str | None:
    """Return Markdown as clean HTML, None when nothing is left or it is too much."""
    if len(text) > MAX_CHARACTERS or len(_MARKS.findall(text)) > MAX_MARKS:
        return None
    formulas: list[str] = []

    def set_aside(found: re.Match[str]) -> str:
        formulas.append(html.escape(found[0]))
        return f"{_PLACE}{len(formulas) - 1}{_PLACE}"

    plain = _FORMULA.sub(set_aside, text.replace(_PLACE, "\N{REPLACEMENT CHARACTER}"))
    page = _PLACES.sub(lambda place: formulas[int(place[1])], _parser().render(plain))
    return sanitize_html(page)


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])

"""HTML from a sandbox, sanitised by ammonia (nh3): looks stay, whatever acts or loads goes.

The rules, beside the allow-lists below:

- no address is loaded and none can be clicked: pictures come as data, links become text that shows
  their address when pointed at;
- classes, ids and style sheets are bound to the output that brought them, so that it can neither
  address the page nor be taken for a part of it;
- formulas are left to MathJax only when all of their commands are known ones.

A parser's time grows with the square of the nesting that it is fed, so what is large has to be
well-formed and flat, as programs write it, before it is parsed at all.

Source: https://html.spec.whatwg.org/multipage/parsing.html
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import html
import re
from collections.abc import Callable

import nh3

from gptoss_lab.sandbox.output_css import clean_declarations, clean_sheet
from gptoss_lab.sandbox.output_latex import IGNORED_BY_MATHJAX, uses_known_commands
from gptoss_lab.sandbox.output_picture import PICTURES, clean_picture
from gptoss_lab.sandbox.output_selectors import PREFIX, prefix
from gptoss_lab.sandbox.output_svg import as_image, sanitize_svg
from gptoss_lab.sandbox.output_text import clean_text
from gptoss_lab.sandbox.output_tree import is_flat, without_frames
from gptoss_lab.sandbox.output_words import words

MAX_CHARACTERS = 2 << 20
MAX_LOOSE_CHARACTERS = 64 << 10
MAX_LOOSE_TAGS = 500
MAX_CUT_OUT = 200
MAX_CLASSES = 32
MAX_ATTRIBUTE_CHARACTERS = 1000

TAGS = words(
    """
    a abbr article aside b big blockquote br caption center cite code col colgroup dd del details dfn
    div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hr i img input ins kbd label li mark
    ol p pre q s samp section small span strike strong sub summary sup table tbody td tfoot th thead
    time tr tt u ul var
    """
)
REMOVED = words(
    """
    applet audio canvas embed frameset head iframe math noembed noframes noscript object script select
    style svg template textarea title video
    """
)
CELL = {"align", "valign", "colspan", "rowspan", "scope", "width", "height"}
ATTRIBUTES: dict[str, set[str]] = {
    "*": {"class", "id", "style", "title", "hidden"},
    "a": {"href"},
    "col": {"span", "width"},
    "colgroup": {"span", "width"},
    "details": {"open"},
    "img": {"src", "alt", "width", "height"},
    "input": {"checked"},
    "label": {"for"},
    "ol": {"start"},
    "table": {"border", "cellpadding", "cellspacing", "align", "width"},
    "td": CELL,
    "th": CELL,
    "tr": {"align", "valign"},
}
# scikit-learn's diagrams take these from a script that looks at the page's theme.
THEMED = (
    "--sklearn-color-text-on-default-background: var(--jp-content-font-color1, black); "
    "--sklearn-color-background: var(--jp-layout-color0, white); "
    "--sklearn-color-border-box: var(--jp-content-font-color1, black); "
    "--sklearn-color-icon: var(--jp-content-font-color2, gray)"
)
_NUMBER = re.compile(r"[0-9]{1,4}%?")
_WORD = re.compile(r"[a-z]{1,10}")
_ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s\"'<>\\]{1,900}", re.IGNORECASE)
_PICTURE = re.compile(r"\s*data:(image/[a-z+]{1,10})(?:;charset=utf-8)?;base64,(.*)", re.DOTALL)
_COMMENT = re.compile(r"<!--(?:[^-]|-(?!-))*-->|<!doctype html>", re.IGNORECASE)
# What ammonia writes: names in small letters, values in double quotes without a double quote inside.
_WRITTEN = re.compile(r'<(/?)([a-z0-9]+)((?: [a-z-]+="[^"]*")*)>')
_HREF = re.compile(r' (?:href|title)="([^"]*)"')


def sanitize_html(text: str) -> str | None:
    """Return a document as a page may show it; None when nothing to see is left or it is too much."""
    if len(text) > MAX_CHARACTERS or "<" not in text:
        return None
    text, sheets = _cut_out(text, "style", "")
    text, _ = _cut_out(text, "script", "")
    text, _ = _cut_out(_COMMENT.sub("", text), "svg", _as_image)
    text = without_frames(text)
    is_small = len(text) <= MAX_LOOSE_CHARACTERS and text.count("<") <= MAX_LOOSE_TAGS
    if not (is_small or is_flat(text)):
        return None
    clean = clean_text(_CLEANER.clean(text))
    clean = _WRITTEN.sub(_without_link, clean)
    if not is_flat(clean) or not _shows(clean):
        return None
    return _enclose(clean, "\n".join(sheets))


def _cut_out(text: str, name: str, instead: str | Callable[[str], str]) -> tuple[str, list[str]]:
    """Take elements out that hold no HTML, in one pass; return what is left, and what was in them."""
    if f"<{name}" not in text and f"<{name}" not in text.lower():
        return text, []
    opening = re.compile(rf"<{name}\b[^<>]*>", re.IGNORECASE)
    closing = re.compile(rf"</{name}\s*>", re.IGNORECASE)
    left: list[str] = []
    contents: list[str] = []
    at = 0
    while (
        len(contents) < MAX_CUT_OUT
        and (begin := opening.search(text, at))
        and (end := closing.search(text, begin.end()))
    ):
        whole = text[begin.start() : end.end()]
        left += [text[at : begin.start()], instead(whole) if callable(instead) else instead]
        contents.append(text[begin.end() : end.start()])
        at = end.end()
    return "".join([*left, text[at:]]), contents


def _as_image(text: str) -> str:
    drawing = sanitize_svg(text)
    return f'<img alt="" src="{as_image(drawing)}">' if drawing else ""


def _without_link(tag: re.Match[str]) -> str:
    """Write a link as text that shows its address, and no picture that has none."""
    end, name, attributes = tag[1], tag[2], tag[3]
    if name == "img" and ' src="' not in attributes:
        return ""
    if name != "a":
        return tag[0]
    if end:
        return "</span>"
    address = re.search(r' href="([^"]*)"', attributes)
    title = f' title="{address[1]}"' if address else ""
    return f"<span{_HREF.sub('', attributes)}{title}>"


def _shows(clean: str) -> bool:
    return "<img " in clean or bool(_text_of(clean).strip())


def _text_of(clean: str) -> str:
    return html.unescape(_WRITTEN.sub(" ", clean))


def _enclose(clean: str, sheet: str) -> str:
    """Put the document into a box of its own where it brings style or what looks like a formula."""
    scope = f"{PREFIX}{hashlib.sha256(sheet.encode('utf-8', 'replace')).hexdigest()[:12]}"
    style = clean_sheet(sheet, scope) if sheet else ""
    if ".sandboxed-sk-global" in style:
        style = f".{scope} .sandboxed-sk-global {{{THEMED}}}\n{style}"
    classes = [scope] if style else []
    if not uses_known_commands(_text_of(clean)):
        classes.append(IGNORED_BY_MATHJAX)
    if not classes:
        return clean
    return f'<div class="{" ".join(classes)}">{f"<style>{style}</style>" if style else ""}{clean}</div>'


def _keep_attribute(tag: str, name: str, value: str) -> str | None:
    """Return an attribute's value as it may stand, None when it may not."""
    if name == "src":
        return _keep_picture(value) if tag == "img" else None
    return _ATTRIBUTE_RULES.get(name, _keep_number)(value) if len(value) <= MAX_ATTRIBUTE_CHARACTERS else None


def _keep_classes(value: str) -> str | None:
    names = (prefix(one) for one in value.split()[:MAX_CLASSES])
    return " ".join(one for one in names if one) or None


def _keep_number(value: str) -> str | None:
    return value if _NUMBER.fullmatch(value) else None


def _keep_word(value: str) -> str | None:
    return value if _WORD.fullmatch(value) else None


def _keep_picture(value: str) -> str | None:
    found = _PICTURE.fullmatch(value)
    if found is None:
        return None
    if found[1] in PICTURES:
        picture = clean_picture(found[2], found[1])
        return f"data:{found[1]};base64,{picture}" if picture else None
    return _keep_drawing(found[2]) if found[1] == "image/svg+xml" else None


def _keep_drawing(encoded: str) -> str | None:
    try:
        drawing = sanitize_svg(base64.b64decode(encoded, validate=True).decode("utf-8"))
    except (binascii.Error, ValueError):
        return None
    return as_image(drawing) if drawing else None


_ATTRIBUTE_RULES: dict[str, Callable[[str], str | None]] = {
    "class": _keep_classes,
    "style": lambda value: clean_declarations(value) or None,
    "href": lambda value: value if _ADDRESS.fullmatch(value) else None,
    **dict.fromkeys(("id", "for"), prefix),
    **dict.fromkeys(("title", "alt"), clean_text),
    **dict.fromkeys(("hidden", "open", "checked"), lambda _value: ""),
    **dict.fromkeys(("align", "valign", "scope", "type"), _keep_word),
}
_CLEANER = nh3.Cleaner(
    tags=set(TAGS),
    clean_content_tags=set(REMOVED),
    attributes=ATTRIBUTES,
    attribute_filter=_keep_attribute,
    set_tag_attribute_values={"input": {"type": "checkbox"}},
    url_schemes={"http", "https", "mailto", "data"},
    link_rel=None,
)

"""SVG from a sandbox, drawn anew from an allow-list.

JupyterLab shows an SVG as an image made of a data address, where no script runs and nothing is
loaded. That would do there; other front ends put the markup into their page. So nothing but shapes,
text and embedded pictures passes, every reference stays within the drawing, and what references
multiply into is counted, because a few lines can ask for billions of shapes.

Source: https://www.w3.org/TR/SVG2/
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from typing import NoReturn
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from gptoss_lab.sandbox.output_css import DRAWING, PROPERTIES, clean_declarations, clean_sheet
from gptoss_lab.sandbox.output_picture import clean_picture
from gptoss_lab.sandbox.output_selectors import PREFIX, prefix
from gptoss_lab.sandbox.output_text import clean_text
from gptoss_lab.sandbox.output_words import words

MAX_CHARACTERS = 4 << 20
MAX_DEPTH = 64
MAX_ELEMENTS = 100_000
MAX_DRAWN = 500_000
MAX_SIZE = 10_000

SPACE = "http://www.w3.org/2000/svg"
LINKS = "http://www.w3.org/1999/xlink"
ELEMENTS = words(
    """
    circle clipPath defs desc ellipse g image line linearGradient marker mask path pattern polygon
    polyline radialGradient rect stop style svg symbol text textPath title tspan use
    """
)
UNWRAPPED = frozenset({"a", "switch"})
SEEN = words("circle ellipse image line path polygon polyline rect text use")
ATTRIBUTES = (
    words(
        """
    clipPathUnits cx cy d dx dy fr fx fy gradientTransform gradientUnits height lengthAdjust
    markerHeight markerUnits markerWidth maskContentUnits maskUnits method offset orient pathLength
    patternContentUnits patternTransform patternUnits points preserveAspectRatio r refX refY rotate rx
    ry spacing spreadMethod startOffset textLength version viewBox width x x1 x2 y y1 y2
    """
    )
    | DRAWING
    | (PROPERTIES - {"content"})
)
_REFERENCE = re.compile(r"""url\(\s*["']?#([^"')\s]+)["']?\s*\)""")
_WRITTEN = re.compile(r"url\(#([^)]+)\)")
_LENGTH = re.compile(r"[0-9]{1,5}(?:\.[0-9]{1,12})?(?:px|pt|em|ex|in|cm|mm|pc|%)?")
_PICTURE = re.compile(r"\s*data:(image/(?:png|jpeg));base64,(.*)", re.DOTALL)


class _RefusedError(Exception):
    """The drawing is no drawing, or too much."""


def sanitize_svg(text: str) -> str | None:
    """Return a drawing without anything that runs, loads or never ends; None when it is none."""
    if len(text) > MAX_CHARACTERS or "<svg" not in text:
        return None
    if "xmlns=" not in text:
        text = text.replace("<svg", f'<svg xmlns="{SPACE}"', 1)
    if "xlink:" in text and "xmlns:xlink" not in text:
        text = text.replace("<svg", f'<svg xmlns:xlink="{LINKS}"', 1)
    drawing = _Drawing(f"{PREFIX}{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:12]}")
    try:
        return drawing.read(text)
    except (_RefusedError, expat.ExpatError):
        return None


def as_image(svg: str) -> str:
    """Return a clean drawing as the address of an image."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


class _Drawing:
    """Reads a drawing and writes it anew."""

    def __init__(self, scope: str) -> None:
        self._scope = scope
        self._written: list[str] = []
        self._open: list[str] = []  # what closes each element that is open; empty where it is unwrapped
        self._skipped = 0
        self._elements = 0
        self._names: list[str | None] = []
        self._sheet: list[str] | None = None
        self._styled = False
        self._is_seen = False
        # What is drawn, and what is referred to, within each part that has a name; "" is the whole.
        self._sizes: Counter[str] = Counter()
        self._references: dict[str, Counter[str]] = {"": Counter()}

    def read(self, text: str) -> str:
        """Return the drawing.

        Raises:
            _RefusedError: It is too much.
            ExpatError: It is no XML.
        """
        parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._doctype
        parser.Parse(text.encode("utf-8", "replace"), True)
        if not self._is_seen or self._drawn("", {}, frozenset()) > MAX_DRAWN:
            raise _RefusedError
        if self._styled:
            self._written.insert(1, f'<g class="{self._scope}">')
            self._written.insert(-1, "</g>")
        return "".join(self._written)

    def _doctype(self, _name: str, _system: str | None, _public: str | None, has_subset: int) -> None:
        if has_subset:  # it may declare entities
            raise _RefusedError

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        space, _, kind = name.rpartition(" ")
        self._elements += 1
        if self._elements > MAX_ELEMENTS or len(self._open) + self._skipped > MAX_DEPTH:
            raise _RefusedError
        is_known = space == SPACE and kind in ELEMENTS | UNWRAPPED
        if self._skipped or self._sheet is not None or not is_known:
            self._skipped += 1
            if not self._open:
                raise _RefusedError
            return
        if not self._open and kind != "svg":
            raise _RefusedError
        if kind in UNWRAPPED:
            self._open.append("")
            self._names.append(None)
            return
        self._write(kind, attributes)

    def _write(self, kind: str, attributes: dict[str, str]) -> None:
        kept = {
            key: value for name, raw in attributes.items() for key, value in self._attribute(kind, name, raw)
        }
        self._names.append(kept.get("id"))
        inside = {"", *(name for name in self._names if name is not None)}
        for name in inside:
            self._sizes[name] += 1
            references = self._references.setdefault(name, Counter())
            for value in kept.values():
                references.update(_WRITTEN.findall(value))
            if kept.get("href", "").startswith("#"):
                references[kept["href"][1:]] += 1
        if not self._open:
            kept = self._root(kept)
        written = "".join(f" {key}={quoteattr(value)}" for key, value in kept.items())
        self._written.append(f"<{kind}{written}>")
        self._open.append(f"</{kind}>")
        self._is_seen = self._is_seen or kind in SEEN
        if kind == "style":
            self._sheet = []

    def _root(self, kept: dict[str, str]) -> dict[str, str]:
        for side in ("width", "height"):
            size = kept.get(side, "")
            if size and not (_LENGTH.fullmatch(size) and float(re.sub(r"[^0-9.]", "", size)) <= MAX_SIZE):
                del kept[side]
        return {"xmlns": SPACE, **kept}

    def _attribute(self, kind: str, name: str, value: str) -> list[tuple[str, str]]:
        space, _, key = name.rpartition(" ")
        if key == "href" and space in {"", LINKS}:
            target = _target(kind, value)
            return [("href", target)] if target else []
        if space:
            return [("xml:space", "preserve")] if key == "space" and value == "preserve" else []
        if key in {"id", "class"}:
            names = [value] if key == "id" else value.split()[:8]
            cleaned = " ".join(part for one in names if (part := prefix(one)))
        elif key == "style":
            cleaned = clean_declarations(value, drawing=True)
        else:
            cleaned = _plain(value) if key in ATTRIBUTES else ""
        return [(key, cleaned)] if cleaned else []

    def _end(self, _name: str) -> None:
        if self._skipped:
            self._skipped -= 1
            return
        if self._sheet is not None:
            sheet = clean_sheet("".join(self._sheet), self._scope, drawing=True)
            self._written.append(escape(sheet))
            self._styled = self._styled or bool(sheet)
            self._sheet = None
        self._names.pop()
        self._written.append(self._open.pop())

    def _text(self, text: str) -> None:
        if self._skipped:
            return
        if self._sheet is not None:
            self._sheet.append(text)
        else:
            self._written.append(escape(clean_text(text)))

    def _drawn(self, name: str, known: dict[str, int], above: frozenset[str]) -> int:
        """Count what a part draws with all that it refers to."""
        if name in above or len(above) > MAX_DEPTH:
            _refuse()
        if name not in known:
            total = self._sizes[name]
            for target, times in self._references.get(name, {}).items():
                if target in self._sizes:
                    total += times * self._drawn(target, known, above | {name})
            known[name] = total
        return known[name]


def _refuse() -> NoReturn:
    raise _RefusedError


def _plain(value: str) -> str:
    """Return an attribute that is no address; its references stay within the drawing."""
    if not value.isascii():
        value = clean_text(value)
    if "\\" in value:
        return ""
    if "(" in value and "url" in value.lower():
        value = _REFERENCE.sub(lambda found: f"url(#{prefix(found[1]) or ''})", value)
        if "url" in _WRITTEN.sub("", value).lower():
            return ""
    return value


def _target(kind: str, value: str) -> str | None:
    """Return where a reference may lead: to a part of the drawing, or to a picture in the address itself."""
    value = value.strip()
    if value.startswith("#"):
        name = prefix(value[1:])
        return f"#{name}" if name and kind != "image" else None
    found = _PICTURE.fullmatch(value) if kind == "image" else None
    picture = clean_picture(found[2], found[1]) if found else None
    return f"data:{found[1]};base64,{picture}" if found and picture else None

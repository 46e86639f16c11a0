"""The fonts of a PDF: which letters its bytes stand for, and how wide each is."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import Any

from pypdf.generic import DictionaryObject

try:
    from pypdf.generic._font import Font
except ImportError:  # where pypdf kept it before 7.1
    from pypdf._font import Font  # type: ignore[import-not-found,no-redef,unused-ignore]

_MONO_NAME = re.compile(
    r"mono|courier|cmtt|cmsltt|cmitt|ectt|sltt|txtt|typewriter|consol|menlo|inconsolata|fixed|"
    r"beramono|sourcecode|firacode|lucidasanstyp|nimbusmon|letter ?gothic|(?:^|[^a-z])tt\d|zi4",
    re.IGNORECASE,
)
_SUBSET = re.compile(r"^/?(?:[A-Z]{6}\+)?")
_FIXED_PITCH = 1
_ENOUGH = 10
_GLYPH_UNITS = 1000.0
_COLUMN = 600.0

for _logger in ("pypdf", "fontTools"):
    logging.getLogger(_logger).setLevel(logging.CRITICAL)


class PageFont:
    """A font: its name, whether every letter is equally wide, and what its bytes say."""

    def __init__(self, resource: DictionaryObject) -> None:
        self._font: Any = Font.from_font_resource(resource)
        self.name = _SUBSET.sub("", str(self._font.name))
        self._seen: dict[str, tuple[str, float]] = {}
        self.mono = _is_mono(self._font, self.name)
        widths = [float(width) for width in self._font.character_widths.values() if width]
        self.column = (max(set(widths), key=widths.count) if widths else _COLUMN) / _GLYPH_UNITS

    def letters(self, data: bytes) -> Iterator[tuple[str, float, bool]]:
        """Yield what each code of a shown string stands for, its width in ems, and whether it is a space."""
        encoding = self._font.encoding
        codes = data.decode(encoding, "replace") if isinstance(encoding, str) else data.decode("latin-1")
        for code in codes:
            if code not in self._seen:
                self._seen[code] = self._letter(code)
            text, width = self._seen[code]
            yield text, width, code == " "

    def _letter(self, code: str) -> tuple[str, float]:
        encoding = self._font.encoding
        named = code if isinstance(encoding, str) else encoding.get(ord(code), code)
        text = "".join(str(self._font.character_map.get(char, char)) for char in named)
        space = code == self._font.space_char
        width = self._font.space_width if space else self._font.get_text_width(code)
        return text, float(width) / _GLYPH_UNITS


def _is_mono(font: Any, name: str) -> bool:
    if _MONO_NAME.search(name):
        return True
    if font.font_descriptor.flags & _FIXED_PITCH:
        return True
    widths = [width for code, width in font.character_widths.items() if len(code) == 1 and width]
    letters = any(code.isalpha() for code in font.character_widths if len(code) == 1)
    return letters and len(widths) >= _ENOUGH and len(set(widths)) == 1

"""A MIME bundle from a sandbox, type by type from an allow-list.

| type | passes as |
|---|---|
| image/png, image/jpeg, image/gif | itself, when it is one and fits a browser |
| image/svg+xml | a drawing that was drawn anew |
| text/html | sanitised HTML |
| text/markdown | the HTML it stands for, where there is no HTML of its own |
| text/latex | itself, when all of its commands are known; else as plain text |
| application/json | plain data |
| text/plain | clean text |

Everything else is left out, and named in text where nothing stays: scripts, widgets, and the data of
renderers that run programs or fetch what they show.

Source: https://jupyter-client.readthedocs.io/en/stable/messaging.html#display-data
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from gptoss_lab.sandbox.output_html import sanitize_html
from gptoss_lab.sandbox.output_json import clean_tree
from gptoss_lab.sandbox.output_latex import is_plain_latex
from gptoss_lab.sandbox.output_markdown import render_markdown
from gptoss_lab.sandbox.output_picture import PICTURES, clean_picture
from gptoss_lab.sandbox.output_svg import sanitize_svg
from gptoss_lab.sandbox.output_text import clean_text, cut_lines

MAX_NAME_CHARACTERS = 256
MAX_NAMED = 5
MAX_SIDE_PIXELS = 10_000

Rule = Callable[[Any], Any]


def clean_bundle(data: object) -> dict[str, Any]:
    """Return what of a MIME bundle may be shown; text names what was left out when nothing stays."""
    if not isinstance(data, Mapping):
        return {}
    kept = {mime: value for mime, rule in _RULES.items() if (value := rule(data.get(mime))) is not None}
    if "text/html" not in kept and (page := _text(render_markdown)(data.get("text/markdown"))):
        kept["text/html"] = page
    latex = data.get("text/latex")
    if not kept and isinstance(latex, str) and latex.strip():
        kept["text/plain"] = clean_text(latex)
    if not kept:
        names = ", ".join(sorted(clean_text(str(mime))[:MAX_NAME_CHARACTERS] for mime in data)[:MAX_NAMED])
        kept["text/plain"] = f"[not shown: {names or 'an empty output'}]"
    return kept


def clean_metadata(metadata: object, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of an output's metadata says how to show what is kept of it."""
    if not isinstance(metadata, Mapping):
        return {}
    kept = _clean_look(metadata)
    for mime in data:
        if isinstance(inner := metadata.get(mime), Mapping) and (look := _clean_look(inner)):
            kept[mime] = look
    return kept


def _clean_look(metadata: Mapping[Any, Any]) -> dict[str, Any]:
    look: dict[str, Any] = {
        side: size for side in ("width", "height") if _is_size(size := metadata.get(side))
    }
    if metadata.get("needs_background") in ("light", "dark"):
        look["needs_background"] = metadata["needs_background"]
    if isinstance(expanded := metadata.get("expanded"), bool):
        look["expanded"] = expanded
    return look


def _is_size(value: object) -> bool:
    return isinstance(value, (int, float)) and value is not True and 0 < value <= MAX_SIDE_PIXELS


def _text(rule: Callable[[str], str | None]) -> Rule:
    return lambda value: rule(value) if isinstance(value, str) else None


def _clean_latex(text: str) -> str | None:
    return clean_text(text) if text.strip() and is_plain_latex(text) else None


_RULES: dict[str, Rule] = {
    **{mime: partial(clean_picture, mime=mime) for mime in PICTURES},
    "image/svg+xml": _text(sanitize_svg),
    "text/html": _text(sanitize_html),
    "text/latex": _text(_clean_latex),
    "application/json": clean_tree,
    "text/plain": _text(lambda text: cut_lines(clean_text(text))),
}

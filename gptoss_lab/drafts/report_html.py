"""A report as one HTML page that loads nothing, runs nothing and can be printed."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Literal

from gptoss_lab.drafts.report_document import Block, Document, Facts, Heading, Inline, Link, Paragraph, Table

Theme = Literal["auto", "light", "dark"]

# A page on its own has no server that could say what it may do.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

_DARK = (
    "color-scheme: dark; --ink: #e4e6e9; --quiet: #b3b9c1; --page: #15181c; --line: #454c55; --link: #8cbcff;"
)
_LIGHT = (
    "color-scheme: light; --ink: #1b1f24; --quiet: #4f5761; --page: #fff; --line: #c4cad1; --link: #0a57b5;"
)
_PRINT = "color-scheme: light; --ink: #000; --quiet: #333; --page: #fff; --line: #999; --link: #000;"
_STYLE = f"""
:root {{ {_LIGHT} }}
:root[data-theme="dark"] {{ {_DARK} }}
@media (prefers-color-scheme: dark) {{ :root[data-theme="auto"] {{ {_DARK} }} }}
@media print {{ :root[data-theme] {{ {_PRINT} }} }}
body {{ margin: 0; background: var(--page); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }}
main {{ max-width: 72rem; margin: 0 auto; padding: 1.5rem; overflow-wrap: anywhere; }}
h1 {{ font-size: 1.6rem; line-height: 1.25; }}
h2 {{ font-size: 1.2rem; margin: 2rem 0 0.5rem; }}
dl {{ display: grid; grid-template-columns: minmax(9rem, 16rem) 1fr; gap: 0.3rem 1rem; margin: 0 0 1rem; }}
dt {{ color: var(--quiet); }}
dd {{ margin: 0; }}
dd ul {{ margin: 0; padding-left: 1.1rem; }}
a {{ color: var(--link); }}
.table {{ overflow-x: auto; }}
table {{ border-collapse: collapse; width: 100%; font-size: 0.9rem; overflow-wrap: normal; }}
caption {{ text-align: left; color: var(--quiet); padding: 0 0 0.3rem; }}
th, td {{ border: 1px solid var(--line); padding: 0.3rem 0.5rem; text-align: left; vertical-align: top; }}
:focus-visible {{ outline: 2px solid var(--link); outline-offset: 2px; }}
@media (max-width: 40rem) {{ dl {{ grid-template-columns: 1fr; }} dd {{ margin: 0 0 0.4rem; }} }}
"""


def to_html(document: Document, theme: Theme = "auto") -> str:
    """Return a document as a page; every text in it is shown as it is.

    Args:
        document: The document.
        theme: Its colours; those that the reader's browser prefers with "auto".
    """
    title = escape(document.title)
    body = "\n".join(part for block in document.blocks for part in _block(block))
    return (
        f'<!DOCTYPE html>\n<html lang="en" data-theme="{escape(theme)}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n<h1>{title}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _block(block: Block) -> Iterable[str]:
    match block:
        case Heading(text):
            yield f"<h2>{escape(text)}</h2>"
        case Paragraph(text):
            yield f"<p>{escape(text)}</p>"
        case Facts(rows):
            yield "<dl>"
            for name, values in rows:
                yield f"<dt>{escape(name)}</dt><dd>{_values(values)}</dd>"
            yield "</dl>"
        case Table():
            yield from _table(block)


def _table(table: Table) -> Iterable[str]:
    # What scrolls can be reached with the keyboard.
    yield f'<div class="table" role="region" tabindex="0" aria-label="{escape(table.caption)}">'
    yield f"<table><caption>{escape(table.caption)}</caption>"
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in table.head)
    yield f"<thead><tr>{head}</tr></thead>"
    yield "<tbody>"
    for first, *rest in table.rows:
        cells = "".join(f"<td>{escape(text)}</td>" for text in rest)
        yield f'<tr><th scope="row">{escape(first)}</th>{cells}</tr>'
    yield "</tbody></table></div>"


def _values(values: tuple[Inline, ...]) -> str:
    if len(values) == 1:
        return _inline(values[0])
    return f"<ul>{''.join(f'<li>{_inline(value)}</li>' for value in values)}</ul>"


def _inline(value: Inline) -> str:
    if isinstance(value, Link):
        address = escape(value.url, quote=True)
        return f'<a href="{address}" target="_blank" rel="noopener noreferrer">{escape(value.text)}</a>'
    return escape(value)

"""The line of a text cell that says where the code below it comes from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote

from gptoss_lab.schemas.documents import Citation

MAX_TITLE = 120
MAX_LINK = 2000
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-!|<>~$&])")
_LINK = re.compile(r"https?://[^\s<>\"'`\\]+", re.IGNORECASE)


def source_line(citations: Sequence[Citation]) -> str:
    """Return the line in Markdown: each place by its name, as a link where a browser can open it.

    Names come out of documents: nothing in them is markup.
    """
    return f"Sources: {' · '.join(map(_named, citations))}"


def link_of(citation: Citation) -> str:
    """Return the address of the place, with its anchor or page; empty where a browser cannot open it."""
    link = citation.link
    if not _LINK.fullmatch(link) or len(link) > MAX_LINK:
        return ""
    if "#" in link:
        return link
    if citation.page is not None:
        return f"{link}#page={citation.page}"
    return f"{link}#{quote(citation.anchor, safe='')}" if citation.anchor else link


def _named(citation: Citation) -> str:
    name = citation.symbol or citation.title or citation.source
    origin = " ".join(filter(None, (citation.source, citation.version)))
    page = f", page {citation.page}" if citation.page is not None else ""
    text = _inert(f"{name} ({origin}{page})" if origin != name else f"{name}{page}")
    link = link_of(citation)
    # Parentheses would end the address.
    return f"[{text}]({link.replace('(', '%28').replace(')', '%29')})" if link else text


def _inert(text: str) -> str:
    flat = " ".join(text.split())
    cut = flat if len(flat) <= MAX_TITLE else f"{flat[: MAX_TITLE - 1]}…"
    return _SPECIAL.sub(r"\\\1", cut)

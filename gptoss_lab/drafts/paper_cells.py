"""Text cells of a notebook of a paper: where the code below comes from, and code that is not run."""

from __future__ import annotations

import re

from gptoss_lab.drafts.paper_links import place_link
from gptoss_lab.drafts.report_markdown import escaped
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.papers import Place

MAX_QUOTE_CHARS = 400
MAX_TITLE_CHARS = 120
_TICKS = re.compile(r"`+")


def origin_text(
    place: Place, *, title: str = "", quote: str = "", file: str = "", notebook: str = "", note: str = ""
) -> str:
    """Return a heading where a section begins, the words before the code, and a link; all of it inert.

    Args:
        place: Where the code stands.
        title: Of the section, where it begins here.
        quote: What the paper says before the code.
        file: The paper, for the link.
        notebook: The path of the notebook.
        note: What a person must know of the cell.
    """
    link = place_link(file, place, notebook)
    parts = [f"## {_line(title, MAX_TITLE_CHARS)}"] if title.strip() else []
    if quote.strip():
        parts.append(f"> {_line(quote, MAX_QUOTE_CHARS)}" + (f" ({link})" if link else ""))
    elif link:
        parts.append(f"From {link}.")
    if note:
        parts.append(_line(note, MAX_QUOTE_CHARS))
    return "\n\n".join(parts)


def shown_code(source: str, language: Language, reason: str) -> str:
    """Return code that is shown and not run, in a fence that nothing in it can close."""
    longest = max((len(found) for found in _TICKS.findall(source)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{source}\n{fence}\n\n**Not run.** {_line(reason, MAX_QUOTE_CHARS)}"


def last_words(text: str) -> str:
    """Return the end of a text that leads to code: its last sentence or two."""
    flat = " ".join(text.split())
    if len(flat) <= MAX_QUOTE_CHARS:
        return flat
    tail = flat[-MAX_QUOTE_CHARS:]
    sentence = re.search(r"[.!?] (?=[A-Z])", tail)
    return tail[sentence.end() :] if sentence else f"\u2026{tail.partition(' ')[2]}"


def _line(text: str, most: int) -> str:
    flat = " ".join(text.split())
    return escaped(flat if len(flat) <= most else f"{flat[: most - 1]}\u2026")

"""Markdown of the reference."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

NOTE = "% Made by tools/docs from the code. Change the code, not this file.\n"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; what is in a cell may be of several lines."""
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    lines += [f"| {' | '.join(cell(text) for text in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def cell(text: str) -> str:
    """Return a text as it stands in a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")


def code(text: str) -> str:
    """Return a text as inline code; nothing where it is empty."""
    return f"`{text}`" if text else ""


def page(*parts: str) -> str:
    """Return a page of parts."""
    return "\n\n".join([NOTE.rstrip(), *(part.strip("\n") for part in parts if part)]) + "\n"

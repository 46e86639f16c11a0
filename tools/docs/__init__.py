"""The reference of the documentation, made from the code each time that the site is built."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from tools.docs import api, codes, command_line, configuration, magics, prompt, records, settings

FOLDER = "reference"

PAGES: Mapping[str, Callable[[], str]] = {
    "configuration.md": configuration.page,
    "settings.md": settings.page,
    "cli.md": command_line.page,
    "http-api.md": api.page,
    "openapi.json": api.document,
    "magics.md": magics.page,
    "exit-codes.md": codes.exit_codes,
    "errors.md": codes.errors,
    "events.md": records.events,
    "cell-metadata.md": records.metadata,
    "prompt.md": prompt.page,
}


def write(docs: Path) -> list[Path]:
    """Write the reference below a folder of documentation; return the files that changed."""
    folder = docs / FOLDER
    folder.mkdir(exist_ok=True)
    changed = []
    for name, made in PAGES.items():
        text = made().rstrip() + "\n"
        place = folder / name
        if not place.is_file() or place.read_text(encoding="utf-8") != text:
            place.write_text(text, encoding="utf-8")
            changed.append(place)
    return changed

"""What `searchindex.js` of a Sphinx site says: its pages, and how much each has to say."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

_PREFIX = "Search.setIndex("
_FURNITURE = ("index", "genindex", "search", "py-modindex", "changelog", "changes", "whatsnew", "release")


def narrative_pages(data: bytes) -> list[str]:
    """Return the names of the pages that say most, by the number of different words in each.

    Empty where the file is of another form: Sphinx before 1.8 wrote no JSON.

    Source: https://www.sphinx-doc.org/en/master/_modules/sphinx/search.html
    """
    text = data.decode("utf-8", errors="replace").strip()
    if not text.startswith(_PREFIX):
        return []
    try:
        values: Any = json.loads(text.removeprefix(_PREFIX).rstrip(";").removesuffix(")"))
    except (json.JSONDecodeError, RecursionError):
        return []
    names = values.get("docnames") if isinstance(values, dict) else None
    terms = values.get("terms") if isinstance(values, dict) else None
    if not isinstance(names, list) or not isinstance(terms, dict):
        return []
    words: Counter[int] = Counter()
    for places in terms.values():
        words.update(
            place for place in (places if isinstance(places, list) else [places]) if isinstance(place, int)
        )
    found = [(count, names[at]) for at, count in words.items() if 0 <= at < len(names)]
    found = [(count, name) for count, name in found if isinstance(name, str) and not _is_furniture(name)]
    return [name for _, name in sorted(found, key=lambda item: (-item[0], item[1]))]


def _is_furniture(name: str) -> bool:
    return any(part.startswith(_FURNITURE) for part in name.lower().split("/"))

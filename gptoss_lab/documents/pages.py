"""Parsed pages as JSON, so that an unchanged file is not parsed twice."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from gptoss_lab.documents.blocks import Block, Page, Symbol


def page_to_json(page: Page) -> bytes:
    """Return the page as JSON."""
    return json.dumps(asdict(page), ensure_ascii=False, separators=(",", ":")).encode()


def page_from_json(data: bytes) -> Page:
    """Return the page that `page_to_json` wrote."""
    values: dict[str, Any] = json.loads(data)
    return Page(
        title=values["title"],
        blocks=[Block(**item) for item in values["blocks"]],
        symbols=[Symbol(**{**item, "aliases": tuple(item["aliases"])}) for item in values["symbols"]],
        warnings=values["warnings"],
    )

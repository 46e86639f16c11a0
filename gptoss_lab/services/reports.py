"""The report of a notebook, from its JSON to a text in one of the formats."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, Literal

from gptoss_lab.drafts.report import read_report
from gptoss_lab.drafts.report_html import Theme, to_html
from gptoss_lab.drafts.report_markdown import to_markdown
from gptoss_lab.drafts.report_words import report_document

Form = Literal["md", "html"]
MAX_NOTEBOOK_BYTES = 64 << 20
MEDIA_TYPES: dict[Form, str] = {"md": "text/markdown; charset=utf-8", "html": "text/html; charset=utf-8"}


def render_report(notebook: Any, name: str, form: Form, theme: Theme = "auto") -> str:
    """Return the report of a notebook. Takes its time with a large one: call it in a thread.

    Args:
        notebook: The notebook, read from JSON; nothing in it is trusted.
        name: What it is called.
        form: Markdown or HTML.
        theme: The colours of HTML.

    Raises:
        RequestError: This is no notebook of format 4.
    """
    document = report_document(read_report(notebook, name), datetime.now(timezone.utc))
    return to_markdown(document) if form == "md" else to_html(document, theme)

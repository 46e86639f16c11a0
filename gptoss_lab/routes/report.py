"""`/api/v1/report`: what was generated in a notebook, as a page or as Markdown."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from gptoss_lab.errors import RequestError
from gptoss_lab.routes.base import GptossHandler
from gptoss_lab.routes.contents import ServerContents

if TYPE_CHECKING:
    from gptoss_lab.drafts.report_html import Theme
    from gptoss_lab.services.reports import Form

    Word = TypeVar("Word", bound=str)

# What a notebook says may be anything. It is escaped; and were it not, it could neither run nor load a thing.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-popups allow-popups-to-escape-sandbox"
FORMS: tuple[Form, ...] = ("md", "html")
THEMES: tuple[Theme, ...] = ("auto", "light", "dark")


class ReportHandler(GptossHandler):
    """The report of one notebook."""

    auth_resource = "gptoss_lab.report"

    @authenticated
    @authorized
    async def get(self) -> None:
        """Read the notebook as it was saved, and render its report."""
        from gptoss_lab.services import reports  # noqa: PLC0415 - see routes.wire

        path, form = self.parameter("path"), self._chosen("format", FORMS)
        theme = self._chosen("theme", THEMES)
        notebook = await ServerContents(self).notebook(path, reports.MAX_NOTEBOOK_BYTES)
        name = path.rpartition("/")[2]
        text = await asyncio.to_thread(reports.render_report, notebook, name, form, theme)
        self._send_page(text, f"{name.removesuffix('.ipynb')}.report.{form}", reports.MEDIA_TYPES[form])

    def _chosen(self, name: str, known: tuple[Word, ...]) -> Word:
        asked = self.parameter(name, known[0])
        for word in known:
            if word == asked:
                return word
        raise RequestError(f"?{name}= is not one of {', '.join(known)}")

    def _send_page(self, text: str, name: str, media_type: str) -> None:
        self.set_header("Content-Security-Policy", POLICY)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "no-store")
        self.set_header("Content-Disposition", f"inline; filename*=UTF-8''{quote(name, safe='')}")
        self.finish(text, set_content_type=media_type)

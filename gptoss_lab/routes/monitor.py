"""`/api/v1/monitor`: how well this server and what it generates do, over time and now."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from gptoss_lab.errors import RequestError
from gptoss_lab.routes.base import GptossHandler

DEFAULT_HOURS = "24"
MAX_DIGITS = 4


class MonitorHandler(GptossHandler):
    """The figures of all persons together, without a name: the same resource as the metrics."""

    auth_resource = "gptoss_lab.metrics"

    @authenticated
    @authorized
    async def get(self) -> None:
        """Answer with all of them."""
        self.reply(await self.services.monitor.look(self._hours()))

    def _hours(self) -> int:
        text = self.parameter("hours", DEFAULT_HOURS)
        if not (text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS):
            raise RequestError("?hours= is not a number of hours", hint="Send 1 to 2160.")
        return int(text)

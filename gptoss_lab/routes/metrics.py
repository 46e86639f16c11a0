"""`/api/v1/metrics`: what this server has done, as Prometheus reads it."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from gptoss_lab.routes.base import GptossHandler


class MetricsHandler(GptossHandler):
    """The figures of all persons together.

    They are a resource of their own, so that an authorizer can keep them to whoever runs the server.
    """

    auth_resource = "gptoss_lab.metrics"

    @authenticated
    @authorized
    async def get(self) -> None:
        """Answer with all of them."""
        from gptoss_lab.services.metrics.service import MEDIA_TYPE  # noqa: PLC0415 - see routes.wire

        self.finish(self.services.metrics.text(), set_content_type=MEDIA_TYPE)

"""`/api/v1/sandboxes/capabilities`: what sandboxes can do here."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from gptoss_lab.routes.base import GptossHandler


class CapabilitiesHandler(GptossHandler):
    """What sandboxes can do on this server, and what they may use at most."""

    auth_resource = "gptoss_lab.sandboxes"

    @authenticated
    @authorized
    async def get(self) -> None:
        """Answer with it; a server without sandboxes says why there are none."""
        self.reply(await self.services.execution.capabilities())

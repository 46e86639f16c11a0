"""`/api/v1/feedback`: how the reviews of cells ended."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from gptoss_lab.routes import wire
from gptoss_lab.routes.base import GptossHandler


class FeedbackHandler(GptossHandler):
    """One person's feedback."""

    auth_resource = "gptoss_lab.feedback"

    @authenticated
    @authorized
    async def get(self) -> None:
        """Count it."""
        self.reply(await self.services.feedback.summary(self.owner))

    @authenticated
    @authorized
    async def post(self) -> None:
        """Keep more of it."""
        request = self.read(wire.FeedbackRequest)
        await self.services.feedback.add(self.owner, request.items)
        self.services.monitor.review(request.items)
        self.reply_empty()

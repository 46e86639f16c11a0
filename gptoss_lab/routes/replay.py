"""`/api/v1/code/jobs/{job}/request` and `/replay`: what a job was asked, and to do it once more."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from gptoss_lab.routes.base import GptossHandler
from gptoss_lab.routes.code import SubmitHandler


class JobRequestHandler(GptossHandler):
    """The request of a generation."""

    auth_resource = "gptoss_lab.jobs"

    @authenticated
    @authorized
    async def get(self, job: str) -> None:
        """Answer with the request as it was sent."""
        self.reply(await self.services.archive.request(job, self.owner))


class ReplayHandler(SubmitHandler):
    """The same generation once more."""

    auth_resource = "gptoss_lab.generate"

    @authenticated
    @authorized
    async def post(self, job: str) -> None:
        """Start it as a new job and answer 202; what may be read and shown is decided anew."""
        sent = await self.services.archive.replay(job, self.owner)
        self.accept(await self.submit(await self.prepared(sent), sent))

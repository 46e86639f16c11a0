"""`/api/v1/code/jobs/{job}/packages`: add what a job's cells lack, and run them again."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from gptoss_lab.routes import wire
from gptoss_lab.routes.code import SubmitHandler


class NeedsHandler(SubmitHandler):
    """The packages that the cells of a generation lack."""

    auth_resource = "gptoss_lab.packages"

    @authenticated
    @authorized(action="execute")  # type: ignore[untyped-decorator]
    async def post(self, job: str) -> None:
        """Add them on the person's word as a new job, and answer 202; a body may name some of them."""
        from gptoss_lab.services.needs import addition_of  # noqa: PLC0415 - see routes.wire

        packages = self.read(wire.NeedsRequest).packages if self.has_body else ()
        archive = self.services.archive
        answered = await archive.generation(job, self.owner)
        asked = await self.prepared(await archive.request(job, self.owner))
        self.accept(await self.submit(addition_of(answered, asked, packages)))

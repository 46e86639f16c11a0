"""`/api/v1/code`: generation, its jobs and their events, and execution."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from jupyter_server.utils import url_path_join
from tornado.web import authenticated

from gptoss_lab.routes import wire
from gptoss_lab.routes.base import GptossHandler


class GenerateHandler(GptossHandler):
    """Start a generation."""

    @authenticated
    @authorized
    async def post(self) -> None:
        """Answer 202 with the job, or its events when the client accepts an event stream."""
        request = await self._request()
        job = self.services.jobs.submit(request, self.owner).job
        events = url_path_join(self.base_url, "api/v1/code/jobs", job, "events")
        self.set_header("Location", events.removesuffix("/events"))
        if "text/event-stream" in self.request.headers.get("Accept", ""):
            await self.stream(self.services.jobs.batches(job, self.owner))
        else:
            self.reply(wire.JobAccepted(job=job, events=events), status=202)

    async def _request(self) -> wire.CodeGenerationRequest:
        request = self.read(wire.CodeGenerationRequest)
        sources = [await self.located(source) for source in request.sources]
        return request.model_copy(update={"sources": tuple(sources)})


class JobsHandler(GptossHandler):
    """The jobs of the person who asks."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """List them, newest first."""
        self.reply(self.services.jobs.list(self.owner))


class JobHandler(GptossHandler):
    """One job."""

    @authenticated
    @authorized
    async def get(self, job: str) -> None:
        """Answer with the job as it stands now."""
        self.reply(self.services.jobs.get(job, self.owner))

    @authenticated
    @authorized
    async def delete(self, job: str) -> None:
        """Cancel it; what was finished is kept."""
        await self.services.jobs.cancel(job, self.owner)
        self.reply_empty()


class JobEventsHandler(GptossHandler):
    """The events of a job."""

    @authenticated
    @authorized
    async def get(self, job: str) -> None:
        """Stream them, after the last one that the client names."""
        await self.stream(self.services.jobs.batches(job, self.owner, after=self.last_event()))


class ExecuteHandler(GptossHandler):
    """Code to run in a fresh sandbox."""

    @authenticated
    @authorized(action="execute")  # type: ignore[untyped-decorator]
    async def post(self) -> None:
        """Run the cells and answer with how each did; a client that leaves stops the run."""
        request = self.read(wire.ExecutionRequest)
        self.reply(await self.unless_gone(self.services.execution.execute(request)))

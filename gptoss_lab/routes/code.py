"""`/api/v1/code`: generation, its jobs and their events, and execution."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from jupyter_server.auth.decorator import authorized
from jupyter_server.utils import url_path_join
from tornado.iostream import StreamClosedError
from tornado.web import authenticated

from gptoss_lab.routes import wire
from gptoss_lab.routes.base import GptossHandler

if TYPE_CHECKING:
    from gptoss_lab.schemas.additions import AdditionRequest
    from gptoss_lab.services.quotas import Kind

MAX_FILES_BYTES = 16 << 20


class SubmitHandler(GptossHandler):
    """The base of those that start a job."""

    counts_as: Kind = "generate"

    async def submit(
        self,
        request: wire.CodeGenerationRequest | wire.ExecutionRequest | AdditionRequest,
        sent: wire.CodeGenerationRequest | None = None,
    ) -> str:
        """Start a job and name the place where it is; `sent` is the request with its paths as they came.

        A request that comes once more under its Idempotency-Key starts nothing: the job is the same.
        """
        key, archive = self.request_key, self.services.archive
        job = await archive.sent_before(sent or request, self.owner, key)
        job = job or self._begun(request, sent, key)
        self.set_header("Location", url_path_join(self.base_url, "api/v1/code/jobs", job))
        return job

    def _begun(
        self,
        request: wire.CodeGenerationRequest | wire.ExecutionRequest | AdditionRequest,
        sent: wire.CodeGenerationRequest | None,
        key: str,
    ) -> str:
        self.services.access.quotas.check(self.owner, self.counts_as)
        job: str = self.services.jobs.submit(request, self.owner, sent, key).job
        self.services.access.quotas.spend(self.owner, self.counts_as)
        return job

    def accept(self, job: str) -> None:
        """Answer 202 with the job."""
        events = url_path_join(self.base_url, "api/v1/code/jobs", job, "events")
        self.reply(wire.JobAccepted(job=job, events=events), status=202)

    async def prepared(self, request: wire.CodeGenerationRequest) -> wire.CodeGenerationRequest:
        """Return a request with its paths resolved, and what it shows of a person's files allowed.

        Its limits come from a person's settings, which may be older than the server's: what is wider
        becomes the maximum. Of an execution, which names its limits, it is refused.

        Raises:
            GptossError: As `located` and `shown` do.
        """
        sources = [await self.located(source) for source in request.sources]
        data = await self.shown(request.data)
        limits = request.limits.within((await self.services.execution.capabilities()).limits)
        return request.model_copy(update={"sources": tuple(sources), "data": data, "limits": limits})


class GenerateHandler(SubmitHandler):
    """Start a generation."""

    auth_resource = "gptoss_lab.generate"
    may_stream = None

    @authenticated
    @authorized
    async def post(self) -> None:
        """Answer 202 with the job, or its events when the client accepts an event stream."""
        sent = self.read(wire.CodeGenerationRequest)
        job = await self.submit(await self.prepared(sent), sent)
        if self.wanted_form:
            await self.stream(await self.services.archive.batches(job, self.owner))
        else:
            self.accept(job)


class PromptHandler(SubmitHandler):
    """What a generation would send to the model."""

    auth_resource = "gptoss_lab.generate"

    @authenticated
    @authorized
    async def post(self) -> None:
        """Answer with its messages; nothing is asked of the model, and no job begins."""
        request = await self.prepared(self.read(wire.CodeGenerationRequest))
        self.reply(await self.unless_gone(self.services.preview.preview(request, self.owner)))


class JobsHandler(GptossHandler):
    """The jobs of the person who asks."""

    auth_resource = "gptoss_lab.jobs"

    @authenticated
    @authorized
    async def get(self) -> None:
        """List them, newest first, a page at a time."""
        before, limit = self.parameter("before"), self.parameter("limit", "200")
        self.reply(await self.services.archive.list(self.owner, limit=limit, before=before))


class JobHandler(GptossHandler):
    """One job."""

    auth_resource = "gptoss_lab.jobs"

    @authenticated
    @authorized
    async def get(self, job: str) -> None:
        """Answer with the job as it stands now."""
        self.reply(await self.services.archive.get(job, self.owner))

    @authenticated
    @authorized
    async def delete(self, job: str) -> None:
        """Cancel it; what was finished is kept."""
        await self.services.archive.cancel(job, self.owner)
        self.reply_empty()


class JobEventsHandler(GptossHandler):
    """The events of a job."""

    auth_resource = "gptoss_lab.jobs"
    may_stream = True

    @authenticated
    @authorized
    async def get(self, job: str) -> None:
        """Stream them, after the last one that the client names."""
        await self.stream(await self.services.archive.batches(job, self.owner, after=self.last_event()))


class ExecuteHandler(SubmitHandler):
    """Code to run in a sandbox. Its body may hold files."""

    auth_resource = "gptoss_lab.execute"
    counts_as = "execute"
    may_stream = None
    max_body_bytes = MAX_FILES_BYTES

    @authenticated
    @authorized(action="execute")  # type: ignore[untyped-decorator]
    async def post(self) -> None:
        """Answer 202 with the job; or its events, or its outcome, to a client that stays for them.

        A client that leaves before the end of what it waits for stops the execution.
        """
        job = await self.submit(await self._admitted())
        if self.wanted_form:
            batches = await self.services.archive.batches(job, self.owner)
            await self.stream(batches, leave=partial(self._stop, job))
        elif self.flag("wait"):
            self.reply(await self._outcome(job))
        else:
            self.accept(job)

    async def _admitted(self) -> wire.ExecutionRequest:
        request = self.read(wire.ExecutionRequest)
        request = request.model_copy(update={"data": await self.shown(request.data)})
        await self.services.runs.admit(request, self.owner)
        return request

    async def _outcome(self, job: str) -> wire.ExecutionResponse:
        self.waits_for_job()
        try:
            outcome: wire.ExecutionResponse = await self.unless_gone(
                self.services.archive.finished(job, self.owner)
            )
        except StreamClosedError:
            await self._stop(job)
            raise
        return outcome

    async def _stop(self, job: str) -> None:
        await self.services.archive.cancel(job, self.owner)

"""The jobs of fake services, asked as those of earlier servers are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from gptoss_lab.errors import ConflictError
from gptoss_lab.schemas.events import Event
from gptoss_lab.schemas.generation import CodeGenerationRequest, CodeGenerationResponse, JobList

if TYPE_CHECKING:
    from tests.fakes.services import FakeServices


class FakeArchive:
    """The jobs of the services, asked as those of earlier servers are. `pages` are the queries of lists."""

    def __init__(self, services: FakeServices) -> None:
        self._services = services
        self.fault = ""
        self.pages: list[tuple[str, str]] = []

    async def get(self, job: str, owner: str) -> CodeGenerationResponse:
        """Return the job as it stands."""
        return self._services.jobs.get(job, owner)

    async def generation(self, job: str, owner: str) -> CodeGenerationResponse:
        """Return the generation as it stands."""
        return self._services.jobs.get_as(CodeGenerationResponse, job, owner)

    async def request(self, job: str, owner: str) -> CodeGenerationRequest:
        """Return what was sent."""
        return self._services.jobs.request(job, owner)

    async def replay(self, job: str, owner: str) -> CodeGenerationRequest:
        """Return a request that does the same again."""
        return self._services.jobs.replay(job, owner)

    async def list(self, owner: str, *, limit: str = "", before: str = "") -> JobList:
        """Return an owner's jobs, newest first."""
        self.pages.append((limit, before))
        return self._services.jobs.list(owner)

    async def batches(self, job: str, owner: str, after: int = 0) -> AsyncIterator[Sequence[Event]]:
        """Return the events after one, as they come."""
        return self._services.jobs.batches(job, owner, after)

    async def cancel(self, job: str, owner: str) -> CodeGenerationResponse:
        """Stop a job."""
        return await self._services.jobs.cancel(job, owner)

    async def sent_before(self, request: CodeGenerationRequest, owner: str, key: str) -> str:
        """Return the job that was started under a key."""
        job = self._services.jobs.keys.get((owner, key), "") if key else ""
        if job and self._services.jobs.sent[job] != request:
            raise ConflictError("Another request was sent under this Idempotency-Key")
        return job

"""Services that behave like the real ones, without documents, models or sandboxes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import TypeVar

from gptoss_lab.errors import NotFoundError, PolicyError
from gptoss_lab.folders import data_dir
from gptoss_lab.sandbox.registry import Registry
from gptoss_lab.sandbox.runtime import Report
from gptoss_lab.schemas.config import FeedbackConfig, ModelConfig, SandboxConfig
from gptoss_lab.schemas.events import CellClose, CellDelta, CellOpen, Done, Event, Failed, Queued, Stage
from gptoss_lab.schemas.execution import (
    SandboxImage,
    SandboxStatus,
)
from gptoss_lab.schemas.generation import (
    CodeGenerationRequest,
    CodeGenerationResponse,
    JobList,
    JobState,
    JobSummary,
)
from gptoss_lab.schemas.sandboxes import PackagesRequest, SandboxCapabilities, SandboxState
from gptoss_lab.services.access import Access
from gptoss_lab.services.capabilities import capabilities_of
from gptoss_lab.services.feedback import FeedbackService
from gptoss_lab.services.images import Pruned
from gptoss_lab.services.kept import KeptSandboxes
from gptoss_lab.services.metrics.service import MetricsService
from gptoss_lab.services.model import ModelService
from gptoss_lab.services.monitor import MonitorService
from gptoss_lab.services.quality.keeper import QualityKeeper
from gptoss_lab.services.sandboxes import NotebookKernels, SandboxService
from tests.fakes.archive import FakeArchive
from tests.fakes.corpora import FakeCorpora, FakePreview
from tests.fakes.models import FakeParts
from tests.fakes.sessions import FakeStarter

Response = TypeVar("Response")

CREATED_AT = "2026-01-02T03:04:05+00:00"


IMAGE = SandboxImage(
    id="abc123",
    runtime="bubblewrap",
    language="python",
    tag="python-1",
    size_bytes=1 << 20,
    packages={"numpy": "2.0"},
    lock_sha256="10c4",
    base="cpython-311",
    added=("emoji",),
)


class FakeJob:
    """One job: its events so far, and a bell that rings for each new one."""

    def __init__(self, number: int, request: CodeGenerationRequest, owner: str) -> None:
        self.id = f"job-{number}"
        self.request = request
        self.owner = owner
        self.events: list[Event] = []
        self.state: JobState = "queued"
        self.bell = asyncio.Condition()

    async def tell(self, event: Event) -> None:
        """Number an event and hand it to every reader."""
        async with self.bell:
            self.events.append(event.model_copy(update={"seq": len(self.events) + 1, "job": self.id}))
            if isinstance(event, Done):
                self.state = event.state
            elif isinstance(event, Failed):
                self.state = "error"
            self.bell.notify_all()

    def response(self) -> CodeGenerationResponse:
        """Return the job as it stands."""
        return CodeGenerationResponse(
            job=self.id,
            state=self.state,
            task=self.request.task,
            language=self.request.language,
            created_at=CREATED_AT,
            last_seq=len(self.events),
        )

    def summary(self) -> JobSummary:
        """Return the job in short."""
        return JobSummary(
            job=self.id,
            state=self.state,
            task=self.request.task,
            language=self.request.language,
            created_at=CREATED_AT,
        )


class FakeJobs:
    """Jobs that wait for `script`, or run it at once when `auto` is set."""

    def __init__(self) -> None:
        self.jobs: dict[str, FakeJob] = {}
        self.sent: dict[str, CodeGenerationRequest] = {}
        self.keys: dict[tuple[str, str], str] = {}
        self.readers = 0
        self.auto = True
        self.failure: Exception | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def submit(
        self,
        request: CodeGenerationRequest,
        owner: str,
        sent: CodeGenerationRequest | None = None,
        key: str = "",
    ) -> CodeGenerationResponse:
        """Start a job."""
        if self.failure:
            raise self.failure
        job = FakeJob(len(self.jobs) + 1, request, owner)
        self.sent[job.id] = sent or request
        self.keys[owner, key] = job.id
        self.jobs[job.id] = job
        if self.auto:
            task = asyncio.ensure_future(play(job))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return job.response()

    def find(self, job: str, owner: str) -> FakeJob:
        """Return an owner's job."""
        found = self.jobs.get(job)
        if found is None or found.owner != owner:
            raise NotFoundError(f"There is no job {job}")
        return found

    def get(self, job: str, owner: str) -> CodeGenerationResponse:
        """Return the job as it stands."""
        return self.find(job, owner).response()

    def get_as(self, kind: type[Response], job: str, owner: str) -> Response:
        """Return a job of one kind."""
        found = self.get(job, owner)
        if not isinstance(found, kind):
            raise NotFoundError(f"There is no job {job}")
        return found

    def request(self, job: str, owner: str) -> CodeGenerationRequest:
        """Return what was sent."""
        return self.sent[self.find(job, owner).id]

    def replay(self, job: str, owner: str) -> CodeGenerationRequest:
        """Return a request that does the same again."""
        return self.request(job, owner).model_copy(update={"seed": 7})

    def list(self, owner: str) -> JobList:
        """Return an owner's jobs, newest first."""
        mine = [job.summary() for job in self.jobs.values() if job.owner == owner]
        return JobList(jobs=tuple(reversed(mine)))

    async def events(self, job: str, owner: str, after: int = 0) -> AsyncIterator[Event]:
        """Yield the events after one, as they come."""
        found = self.find(job, owner)
        self.readers += 1
        try:
            while True:
                async with found.bell:
                    while len(found.events) <= after:
                        if found.state in {"done", "cancelled", "error"}:
                            return
                        await found.bell.wait()
                    event = found.events[after]
                yield event
                after += 1
        finally:
            self.readers -= 1

    def batches(self, job: str, owner: str, after: int = 0) -> AsyncIterator[Sequence[Event]]:
        """Yield them as they are ready: here one at a time."""
        self.find(job, owner)
        return self._batches(job, owner, after)

    async def _batches(self, job: str, owner: str, after: int) -> AsyncIterator[Sequence[Event]]:
        async with aclosing(self.events(job, owner, after)) as events:  # type: ignore[type-var]
            async for event in events:
                yield (event,)

    async def cancel(self, job: str, owner: str) -> CodeGenerationResponse:
        """Stop a job."""
        found = self.find(job, owner)
        await found.tell(Done(state="cancelled", cells=0))
        return found.response()

    async def close(self) -> None:
        """End what runs."""
        for task in self._tasks:
            task.cancel()


async def play(job: FakeJob) -> None:
    """Make one cell, as a generation would."""
    cell = f"{job.id}-cell-1"
    script: list[Event] = [
        Queued(),
        Stage(stage="stream"),
        CellOpen(cell=cell, index=0, kind="code", language="python"),
        CellDelta(cell=cell, text="1 + 1"),
        CellClose(cell=cell, source="1 + 1"),
        Done(state="done", cells=1),
    ]
    for event in script:
        await job.tell(event)


class FakeExecution:
    """A sandbox that answers `ok` to every cell."""

    def __init__(self) -> None:
        self.reaped = 0
        self.available = True
        self.shown: list[str] = []

    async def check_data(self, paths: Sequence[str]) -> None:
        """Refuse what has `forbidden` in its path, and remember the rest."""
        if any("forbidden" in path for path in paths):
            raise PolicyError("It is not shown")
        self.shown += paths

    async def status(self, language: str) -> SandboxStatus:
        """Say that it is there."""
        if not self.available:
            return SandboxStatus(available=False, reason="nothing is installed", hint="Install bubblewrap.")
        return SandboxStatus(
            available=True,
            runtime="bubblewrap",
            isolation="namespaces",
            image=f"{language}-image",
            image_ready=True,
        )

    async def capabilities(self) -> SandboxCapabilities:
        """Say what there is."""
        return capabilities_of(SandboxConfig(), {"python": await self.status("python")})

    async def images(self) -> list[SandboxImage]:
        """List one image."""
        return [IMAGE]

    async def reap(self) -> int:
        """Find nothing left."""
        self.reaped += 1
        return 0


class FakeImages:
    """One image."""

    def __init__(self) -> None:
        self.built: list[str] = []
        self.removed: list[str] = []
        self.carried: list[str] = []

    async def build(self, language: str, report: Report, runtime: str = "") -> SandboxImage:
        """Build it in two steps."""
        await report("fetching the base", 1, 2)
        await report("installing packages", 2, 2)
        self.built.append(f"{language}:{runtime}")
        return IMAGE

    async def mirror(self, kernel: str, report: Report, runtime: str = "") -> SandboxImage:
        """Mirror all but one package."""
        await report("mirroring", 1, 2)
        self.built.append(f"kernel {kernel}:{runtime}")
        return IMAGE.model_copy(update={"kernel": kernel, "left_out": ("mylib",)})

    async def images(self) -> list[SandboxImage]:
        """List it."""
        return [IMAGE]

    async def find(self, named: str) -> SandboxImage:
        """Find it by the beginning of its id."""
        if not IMAGE.id.startswith(named):
            raise NotFoundError(f"There is no image {named}")
        return IMAGE

    async def remove(self, named: str) -> SandboxImage:
        """Remove it."""
        found = await self.find(named)
        self.removed.append(found.id)
        return found

    async def save(self, named: str, target: Path, *, force: bool = False) -> SandboxImage:
        """Say where to."""
        found = await self.find(named)
        self.carried.append(f"{target.name} {force}")
        return found

    async def load(self, source: Path, report: Report) -> SandboxImage:
        """Say from where."""
        await report("reading", 1, 2)
        self.carried.append(source.name)
        return IMAGE

    async def prune(self, *, dry_run: bool = False) -> Pruned:
        """Find another one that is in use."""
        if not dry_run:
            self.removed.append(IMAGE.id)
        return Pruned((IMAGE,), (IMAGE.model_copy(update={"id": "def456"}),))


class FakePackages:
    """Adds whatever is asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []

    async def add(
        self, language: str, packages: Sequence[str], report: Report, *, image: str = "", runtime: str = ""
    ) -> SandboxImage:
        """Add in one step."""
        await report("looking", 1, 2)
        self.asked.append((language, image, runtime, *packages))
        return IMAGE

    async def add_to(
        self, sandbox: str, request: PackagesRequest, owner: str, kernels: NotebookKernels
    ) -> SandboxState:
        """Add to the sandbox `mine`; who may not steer kernels may not do it."""
        if sandbox != "mine" or not await kernels.allows("write"):
            raise NotFoundError(f"There is no sandbox {sandbox}")
        self.asked.append((sandbox, owner, *request.packages))
        return SandboxState(
            id=sandbox,
            language="python",
            kernel="gptoss-python",
            purpose="execute",
            phase="idle",
            runtime="bubblewrap",
        )


class FakeServices:
    """All of them."""

    def __init__(self) -> None:
        self.jobs = FakeJobs()
        self.archive = FakeArchive(self)
        self.execution = FakeExecution()
        self.images = FakeImages()
        self.packages = FakePackages()
        self.corpora = FakeCorpora()
        self.sandboxes = SandboxService(KeptSandboxes(2, FakeStarter()), Registry())
        self.parts = FakeParts()
        self.models = ModelService(ModelConfig(), self.parts)
        self.feedback = FeedbackService(folder=data_dir() / "feedback", config=FeedbackConfig())
        self.preview = FakePreview()
        self.quality = QualityKeeper(None, 1.0)
        self.metrics = MetricsService(self.quality)
        self.monitor = MonitorService(
            quality=self.quality,
            metrics=self.metrics,
            model=self.models,
            sandboxes=self.execution,
            archive=self.archive,
            folder=data_dir(),
        )
        self.access = Access()
        self.opened = False
        self.closed = False

    async def close(self) -> None:
        """Close them."""
        await self.monitor.close()
        await self.models.close()
        await self.jobs.close()
        self.closed = True

"""Add what the cells of a generation lack, then check and run them again; nothing is generated."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Protocol

from gptoss_lab.errors import GptossError
from gptoss_lab.sandbox.runtime import Report
from gptoss_lab.schemas.additions import AdditionRequest
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.events import Event, Generator, Progress, Stage
from gptoss_lab.schemas.execution import SandboxImage
from gptoss_lab.schemas.generation import JobSummary
from gptoss_lab.services.generation import last_events
from gptoss_lab.services.generators.kept import KeptCells
from gptoss_lab.services.job import Job
from gptoss_lab.services.lanes import Lane
from gptoss_lab.services.needs import AdditionPolicy
from gptoss_lab.services.pipeline.check import check
from gptoss_lab.services.pipeline.choices import Choices
from gptoss_lab.services.pipeline.ports import Corpora, Executor
from gptoss_lab.services.pipeline.run import Run
from gptoss_lab.services.pipeline.verify import verify
from gptoss_lab.services.problems import typed
from gptoss_lab.services.streams import closing
from gptoss_lab.services.transcript import Transcript

SLOTS = 1
"""Builds use the network and the disk: one at a time is as fast as two."""


class Packages(Protocol):
    """Whoever adds packages to the sandbox's environment."""

    async def ensure(self, language: Language, packages: Sequence[str], report: Report) -> SandboxImage:
        """Return the image that sandboxes start in, with these packages in it.

        Raises:
            GptossError: They cannot be added; the image stays as it was.
        """


class AdditionService:
    """Runs one addition.

    Args:
        packages: Adds them.
        executor: The sandbox.
        corpora: The indexed documentation.
        policy: What may be offered.
    """

    def __init__(
        self, *, packages: Packages, executor: Executor, corpora: Corpora, policy: AdditionPolicy
    ) -> None:
        self._packages = packages
        self._executor = executor
        self._corpora = corpora
        self._policy = policy

    async def run(self, request: AdditionRequest) -> AsyncIterator[Event]:
        """Yield the events of an addition, exactly one Done or Failed last; to cancel, close the iterator."""
        kept = KeptCells(request.cells, request.generator, request.model)
        asked = request.request.model_copy(update={"verify": True, "max_repairs": 0})
        run = Run(asked, self._corpora, self._executor, kept, choices=Choices(policy=self._policy))
        failure: GptossError | None = None
        try:
            for stage in (self._add(run, request), _put_back(run), check(run), verify(run)):
                async with closing(stage) as events:
                    async for event in events:
                        yield event
        except GptossError as error:
            failure = error
        except OSError as error:
            failure = typed(error)
        for event in last_events(run, failure):
            yield event

    async def _add(self, run: Run, request: AdditionRequest) -> AsyncIterator[Event]:
        yield Stage(stage="packages", detail=", ".join(request.packages))
        language = run.request.language
        told: asyncio.Queue[Event | None] = asyncio.Queue()

        async def report(text: str, done: int, total: int) -> None:
            told.put_nowait(Progress(stage="packages", message=text, done=done, total=total))

        work = asyncio.ensure_future(self._packages.ensure(language, request.packages, report))
        work.add_done_callback(lambda _: told.put_nowait(None))
        try:
            while (event := await told.get()) is not None:
                yield event
            image = await work
        finally:
            work.cancel()
            await asyncio.wait({work})
        run.packages = dict(image.packages)
        run.sandbox = await self._executor.status(language)


async def _put_back(run: Run) -> AsyncIterator[Event]:
    """Say who wrote the cells, and the cells."""
    generator = run.generator
    yield Generator(generator=generator.name, model=generator.model, sandbox=run.sandbox)
    async with closing(generator.draft(run.brief)) as events:
        async for event in events:
            yield run.apply(event)


class AdditionTranscript(Transcript):
    """An addition as it stands: the cells are those of another job, so that the list says what it is."""

    def __init__(self, job: str, request: AdditionRequest) -> None:
        super().__init__(job, request.request)
        self._packages = request.packages

    def summary(self) -> JobSummary:
        """Return the job in short: what is added is its task."""
        update = {"kind": "add", "task": ", ".join(self._packages), "edit": None}
        return super().summary().model_copy(update=update)


def addition_lane(run: Callable[[AdditionRequest], AsyncIterator[Event]]) -> Lane:
    """Return the lane of additions."""
    return Lane(
        request=AdditionRequest,
        run=lambda job: run(_request(job)),
        transcript=AdditionTranscript,
        slots=lambda: SLOTS,
    )


def _request(job: Job) -> AdditionRequest:
    request: AdditionRequest = job.request
    return request

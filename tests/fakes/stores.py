"""A folder of jobs, and servers that come and go on it."""

from __future__ import annotations

from pathlib import Path

from gptoss_lab.schemas.config import ExecutionConfig
from gptoss_lab.schemas.runs import JobEvent
from gptoss_lab.services.job import Job
from gptoss_lab.services.job_archive import JobArchive
from gptoss_lab.services.job_store.keeper import JobKeeper
from gptoss_lab.services.jobs import JobService
from tests.fakes.jobs import Runner, jobs


class Server:
    """One server on a folder: its jobs, its keeper, and what it answers.

    Args:
        folder: Where jobs are kept.
        run: What a generation does.
        limits: Of the configuration.
    """

    def __init__(self, folder: Path, run: Runner, **limits: int) -> None:
        config = ExecutionConfig.model_validate(limits)
        self.keeper = JobKeeper(folder, config)
        self.jobs: JobService = jobs(run, (self.keeper,), **limits)
        self.archive = JobArchive(self.jobs, self.keeper, config)

    async def close(self) -> None:
        """End as a server ends that is asked to."""
        await self.jobs.close()
        await self.archive.close()

    async def die(self) -> None:
        """End as one that is killed: what was written stays, its running jobs get no end."""
        await self.keeper.flush()
        for job in self.jobs._jobs.values():
            job.watch = _nobody
        await self.close()


def _nobody(_job: Job, _event: JobEvent) -> None:
    """Write nothing: the dead do not."""

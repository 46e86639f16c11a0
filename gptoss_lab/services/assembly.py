"""The services of one process, wired. Nothing heavy is imported before `assemble` is called."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gptoss_lab.sandbox.runtime import Runtime
    from gptoss_lab.schemas.access_config import AccessConfig
    from gptoss_lab.schemas.config import (
        DocumentConfig,
        ExecutionConfig,
        FeedbackConfig,
        ModelConfig,
        MonitorConfig,
        PaperConfig,
        PromptConfig,
        SandboxConfig,
    )
    from gptoss_lab.schemas.events import Event
    from gptoss_lab.schemas.generation import CodeGenerationRequest
    from gptoss_lab.services.access import Access
    from gptoss_lab.services.corpora import CorpusService
    from gptoss_lab.services.execution import ExecutionService
    from gptoss_lab.services.feedback import FeedbackService
    from gptoss_lab.services.figure_parts import FigureParts
    from gptoss_lab.services.generation import GenerationService
    from gptoss_lab.services.images import ImageService
    from gptoss_lab.services.job_archive import JobArchive
    from gptoss_lab.services.jobs import JobService, Watcher
    from gptoss_lab.services.lanes import Lane
    from gptoss_lab.services.metrics.service import MetricsService
    from gptoss_lab.services.model import ModelService
    from gptoss_lab.services.model_generators import ModelGenerators
    from gptoss_lab.services.monitor import MonitorService
    from gptoss_lab.services.needs import AdditionPolicy
    from gptoss_lab.services.packages import PackageService
    from gptoss_lab.services.paper_library import PaperLibrary
    from gptoss_lab.services.pipeline.choices import Choices
    from gptoss_lab.services.preview import PreviewService
    from gptoss_lab.services.runs import RunService
    from gptoss_lab.services.sandboxes import SandboxService

    Run = Callable[[CodeGenerationRequest], AsyncIterator[Event]]


@dataclass(frozen=True)
class Services:
    """What routes and the command line call. `close` ends all of them."""

    models: ModelService
    corpora: CorpusService
    execution: ExecutionService
    images: ImageService
    packages: PackageService
    generation: GenerationService
    preview: PreviewService
    runs: RunService
    jobs: JobService
    archive: JobArchive
    sandboxes: SandboxService
    feedback: FeedbackService
    metrics: MetricsService
    access: Access
    monitor: MonitorService
    closers: tuple[Callable[[], Awaitable[None]], ...] = ()

    async def close(self) -> None:
        """Stop jobs first, then what they use; one that fails to close does not keep the others.

        Raises:
            BaseException: The first error, when all was tried.
        """
        failure: BaseException | None = None
        for close in self.closers:
            results = await asyncio.gather(close(), return_exceptions=True)
            failure = failure or results[0]
        if failure is not None:
            raise failure


def assemble(  # noqa: PLR0913 - one parameter per section of the configuration
    *,
    model: ModelConfig,
    sandbox: SandboxConfig,
    execution: ExecutionConfig,
    documents: DocumentConfig,
    feedback: FeedbackConfig,
    prompts: PromptConfig,
    papers: PaperConfig,
    folder: Path,
    access: AccessConfig | None = None,
    audit: Watcher | None = None,
    root: Path | None = None,
    store_jobs: bool = False,
    monitor: MonitorConfig | None = None,
) -> Services:
    """Build the services; nothing is started, asked or read yet, and no event loop is needed.

    Args:
        model: The model; until it is there the examples generator answers.
        sandbox: What sandboxes may do.
        execution: Limits on jobs.
        documents: Limits on what is read.
        feedback: What is kept of reviews.
        prompts: What stands in every prompt.
        papers: Limits on papers.
        folder: Where we keep what we make.
        access: How much one person may ask for; the defaults where it is None.
        audit: Who else is told of jobs.
        root: The folder whose papers may be read; None where all may that this process can read.
        store_jobs: Whether jobs outlive this process, where the configuration lets them.
        monitor: What is kept of how well all of it does; nothing when None.

    Raises:
        StorageError: Our data folder cannot be made.
    """
    from gptoss_lab.sandbox.catalog import make_runtimes  # noqa: PLC0415 - loads the Docker client
    from gptoss_lab.services.access import Access  # noqa: PLC0415 - loads the wire models
    from gptoss_lab.services.corpora import CorpusService  # noqa: PLC0415 - loads parsers
    from gptoss_lab.services.execution import ExecutionService  # noqa: PLC0415 - loads kernel clients
    from gptoss_lab.services.feedback import FeedbackService  # noqa: PLC0415 - loads the wire models
    from gptoss_lab.services.needs import AdditionPolicy  # noqa: PLC0415 - as above
    from gptoss_lab.services.preview import PreviewService  # noqa: PLC0415 - as above

    limits = Access(access)
    runtimes = make_runtimes(sandbox)
    runner = ExecutionService(config=sandbox, runtimes=runtimes)
    images = _images(sandbox, runtimes)
    corpora = CorpusService(
        folder=folder / "corpora",
        config=documents,
        library_roots=runner.library_roots,
        r_library=runner,
        max_owner_bytes=limits.config.corpora_bytes,
    )
    figures = _figures(monitor, folder)
    metrics = figures.metrics
    models, generators = _models(model, folder, prompts, metrics)
    choices = _choices(prompts, AdditionPolicy.of(sandbox))
    library = _papers(folder / "papers", root, documents, papers)
    generation = _generation(corpora, runner, generators, choices, library)
    runs, sandboxes = _sandbox_services(sandbox, runner, limits.config.sandboxes)
    packages, adding = _packages(sandbox, images, sandboxes, runner, corpora)
    lanes = (
        *_lanes(execution, _warming(generation.run, sandboxes), models, runs, sandbox.max_sandboxes),
        adding,
    )
    jobs, archive = _jobs(lanes, execution, folder / "jobs" if store_jobs else None, metrics, limits, audit)
    watching = figures.monitor(models, runner, jobs, archive, jobs_kept=store_jobs and execution.store_jobs)
    return Services(
        models=models,
        corpora=corpora,
        execution=runner,
        images=images,
        packages=packages,
        generation=generation,
        preview=PreviewService(corpora=corpora, executor=runner, models=generators, choices=choices),
        runs=runs,
        jobs=jobs,
        archive=archive,
        sandboxes=sandboxes,
        metrics=metrics,
        access=limits,
        monitor=watching,
        feedback=FeedbackService(folder=folder / "feedback", config=feedback),
        closers=tuple(
            each.close for each in (jobs, archive, watching, sandboxes, corpora, runner, generators, models)
        ),
    )


def _generation(
    corpora: CorpusService,
    runner: ExecutionService,
    models: ModelGenerators,
    choices: Choices,
    papers: PaperLibrary,
) -> GenerationService:
    from gptoss_lab.services.generation import GenerationService  # noqa: PLC0415 - loads all stages
    from gptoss_lab.services.generators.examples import ExamplesGenerator  # noqa: PLC0415 - as above

    return GenerationService(
        corpora=corpora,
        executor=runner,
        generators={"examples": ExamplesGenerator()},
        models=models,
        papers=papers,
        choices=choices,
    )


def _choices(prompts: PromptConfig, policy: AdditionPolicy) -> Choices:
    from gptoss_lab.services.formatting import find_ruff  # noqa: PLC0415 - loads all stages
    from gptoss_lab.services.pipeline.choices import Choices  # noqa: PLC0415 - as above

    return Choices(
        ruff=find_ruff() if prompts.format_code else "",
        style_r=prompts.format_code,
        policy=policy,
        variables=prompts.variables,
    )


def _packages(
    config: SandboxConfig,
    images: ImageService,
    sandboxes: SandboxService,
    runner: ExecutionService,
    corpora: CorpusService,
) -> tuple[PackageService, Lane]:
    """Make what adds packages, and the queue of those that cells need."""
    from gptoss_lab.services.additions import AdditionService, addition_lane  # noqa: PLC0415 - loads all stages
    from gptoss_lab.services.needs import AdditionPolicy  # noqa: PLC0415 - as above
    from gptoss_lab.services.packages import PackageService  # noqa: PLC0415 - as above

    packages = PackageService(config=config, images=images, sandboxes=sandboxes, changed=runner.forget_images)
    policy = AdditionPolicy.of(config)
    additions = AdditionService(packages=packages, executor=runner, corpora=corpora, policy=policy)
    return packages, addition_lane(additions.run)


def _papers(folder: Path, root: Path | None, documents: DocumentConfig, papers: PaperConfig) -> PaperLibrary:
    from gptoss_lab.services.paper_library import PaperLibrary  # noqa: PLC0415 - loads the HTTP client

    return PaperLibrary(folder=folder, root=root, documents=documents, papers=papers)


def _lanes(
    config: ExecutionConfig, generate: Run, models: ModelService, runs: RunService, sandboxes: int
) -> tuple[Lane, Lane]:
    """Make the queues; that of generations has the slots that the model has, and is shown with it."""
    from gptoss_lab.services.lanes import generation_lane  # noqa: PLC0415 - loads all stages
    from gptoss_lab.services.runs import execution_lane  # noqa: PLC0415 - as above

    generations = generation_lane(generate, slots=partial(models.slots, config.max_jobs))
    models.watch_queue(generations.state)
    return generations, execution_lane(runs, slots=sandboxes)


def _jobs(
    lanes: tuple[Lane, ...],
    config: ExecutionConfig,
    folder: Path | None,
    metrics: MetricsService,
    limits: Access,
    audit: Watcher | None,
) -> tuple[JobService, JobArchive]:
    """Make the jobs, and what keeps them in a folder; none where nothing is to be kept."""
    from gptoss_lab.services.job_archive import JobArchive  # noqa: PLC0415 - loads all stages
    from gptoss_lab.services.job_store.keeper import JobKeeper  # noqa: PLC0415 - as above
    from gptoss_lab.services.jobs import JobService  # noqa: PLC0415 - as above

    own = Path(config.jobs_folder).expanduser() if config.jobs_folder else folder
    keeper = JobKeeper(own, config) if own and folder and config.store_jobs else None
    watchers = [watcher for watcher in (metrics.jobs, keeper, audit) if watcher is not None]
    jobs = JobService(lanes=lanes, config=config, watchers=watchers, most_waiting=limits.config.waiting_jobs)
    return jobs, JobArchive(jobs, keeper, config)


def _figures(config: MonitorConfig | None, folder: Path) -> FigureParts:
    from gptoss_lab.services.figure_parts import figure_parts  # noqa: PLC0415 - loads the wire models

    return figure_parts(config, folder)


def _sandbox_services(
    config: SandboxConfig, execution: ExecutionService, most: int
) -> tuple[RunService, SandboxService]:
    from gptoss_lab.services.kept import KeptSandboxes  # noqa: PLC0415 - loads kernel clients
    from gptoss_lab.services.kernel_start import start_session  # noqa: PLC0415 - as above
    from gptoss_lab.services.run_place import Places  # noqa: PLC0415 - as above
    from gptoss_lab.services.runs import RunService  # noqa: PLC0415 - as above
    from gptoss_lab.services.sandboxes import SandboxService  # noqa: PLC0415 - loads the relay
    from gptoss_lab.services.warm import make_pool  # noqa: PLC0415 - as above

    start = partial(start_session, config=config)
    kept = KeptSandboxes(max(1, config.max_sandboxes - 1), start, most=most)
    places = Places(config=config, execution=execution, kept=kept, start=start)
    return RunService(execution=execution, places=places), SandboxService(kept, pool=make_pool(config))


def _images(sandbox: SandboxConfig, runtimes: Sequence[Runtime]) -> ImageService:
    from gptoss_lab.sandbox.catalog import find_additions  # noqa: PLC0415 - loads the Docker client
    from gptoss_lab.services.images import ImageService  # noqa: PLC0415 - as above

    return ImageService(config=sandbox, runtimes=runtimes, additions=find_additions())


def _warming(run: Run, sandboxes: SandboxService) -> Run:
    """Have a sandbox ready by the time when the cells of a generation are written."""

    def generate(request: CodeGenerationRequest) -> AsyncIterator[Event]:
        if request.verify:
            sandboxes.wake()
        return run(request)

    return generate


def _models(
    config: ModelConfig, folder: Path, prompts: PromptConfig, metrics: MetricsService
) -> tuple[ModelService, ModelGenerators]:
    from gptoss_lab.prompts.overrides import read_wording  # noqa: PLC0415 - loads templates
    from gptoss_lab.services.model import ModelService  # noqa: PLC0415 - loads the HTTP client
    from gptoss_lab.services.model_generators import ModelGenerators  # noqa: PLC0415 - loads templates
    from gptoss_lab.services.model_parts import RealParts  # noqa: PLC0415 - as above

    models = ModelService(config, RealParts(config, folder, metrics.phase))
    return models, ModelGenerators(models, read_wording(prompts, folder))

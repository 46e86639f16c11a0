"""Generation: documentation and a task become checked, verified cells."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from functools import partial
from typing import Protocol

from gptoss_lab.errors import GptossError, RequestError
from gptoss_lab.schemas.events import Done, Event, Failed, Stage, Warn
from gptoss_lab.schemas.generation import CodeGenerationRequest, GeneratedCell
from gptoss_lab.schemas.review import GeneratorName
from gptoss_lab.services.edits import check_edit, needs_model, only_a_model, without_model
from gptoss_lab.services.generators.base import CellGenerator
from gptoss_lab.services.generators.examples import ExamplesGenerator
from gptoss_lab.services.paper_pipeline.pipeline import paper_events, paper_summary
from gptoss_lab.services.paper_pipeline.ports import PaperReader
from gptoss_lab.services.paper_pipeline.run import PaperRun
from gptoss_lab.services.pipeline.check import check
from gptoss_lab.services.pipeline.choices import PLAIN, Choices
from gptoss_lab.services.pipeline.cite import cite
from gptoss_lab.services.pipeline.collect import collect
from gptoss_lab.services.pipeline.draft import draft
from gptoss_lab.services.pipeline.fallback import fall_back
from gptoss_lab.services.pipeline.lay_out import lay_out
from gptoss_lab.services.pipeline.ports import Corpora, Executor
from gptoss_lab.services.pipeline.repair import repair
from gptoss_lab.services.pipeline.retrieve import retrieve
from gptoss_lab.services.pipeline.run import Run, code_cells, ran
from gptoss_lab.services.pipeline.verify import verify
from gptoss_lab.services.problems import problem_of, typed
from gptoss_lab.services.streams import closing

StageFunction = Callable[[Run], AsyncIterator[Event]]


class Models(Protocol):
    """Whoever knows whether a model answers now."""

    def generator(self, *, asked: bool) -> CellGenerator | None:
        """Return a generator over it; None where none answers. `asked`: it was asked for by name."""

    def absence(self) -> GptossError:
        """Return why none answers."""

    def failed(self) -> bool:
        """Say whether one was wanted and could not be brought up."""

    def notes(self) -> Sequence[str]:
        """Return what of the configuration of prompts is not used, in words."""


class GenerationService:
    """Runs the stages of one generation after the other.

    Args:
        corpora: The indexed documentation.
        executor: The sandbox.
        generators: Who can always answer.
        models: Asked for each request whether a model answers; none where that never changes.
        papers: Reads papers; none where no paper can be asked for.
        choices: How cells are finished.
    """

    def __init__(
        self,
        *,
        corpora: Corpora,
        executor: Executor,
        generators: Mapping[GeneratorName, CellGenerator],
        models: Models | None = None,
        papers: PaperReader | None = None,
        choices: Choices = PLAIN,
    ) -> None:
        self._corpora = corpora
        self._executor = executor
        self._generators = generators
        self._models = models
        self._papers = papers
        self._choices = choices

    async def run(self, request: CodeGenerationRequest) -> AsyncIterator[Event]:
        """Yield the events of a generation, exactly one Done or Failed last.

        To cancel, cancel the task that reads or close the iterator: every stage then releases
        what it holds, and no last event is given.
        """
        failure: GptossError | None = None
        run: Run | None = None
        paper: PaperRun | None = None
        try:
            generator = self._generator(request)
            run = Run(request, self._corpora, self._executor, generator, choices=self._choices)
            paper = self._paper(request, run)
            for caveat in (*self._caveats(request), *self._notes(run)):
                yield caveat
            async with closing(paper_events(paper) if paper else _staged(run)) as events:
                async for event in events:
                    yield event
        except GptossError as error:
            failure = error
        except OSError as error:
            failure = typed(error)
        for event in last_events(run, failure, paper):
            yield event

    def _paper(self, request: CodeGenerationRequest, run: Run) -> PaperRun | None:
        """Return the state of a job that has a paper.

        Raises:
            RequestError: Papers are not read here, or cells are to be edited at the same time.
        """
        if request.paper is None:
            return None
        if request.edit is not None:
            raise RequestError(
                "A paper makes new cells; it cannot be combined with an edit.",
                hint="Ask for the one or the other.",
            )
        if self._papers is None:
            raise RequestError("Papers are not read here.", hint="Ask whoever runs this server.")
        return PaperRun(run=run, ask=request.paper, reader=self._papers)

    def _generator(self, request: CodeGenerationRequest) -> CellGenerator:
        check_edit(request)
        if request.generator != "examples":
            asked = request.generator == "model"
            model = self._generators.get("model")
            if model is None and self._models is not None:
                model = self._models.generator(asked=asked)
            if model is not None:
                return model
            if asked or needs_model(request):
                raise without_model(self._absence(), request)
        if needs_model(request):
            raise only_a_model(request)
        return self._generators["examples"]

    def _absence(self) -> GptossError:
        if self._models is not None:
            return self._models.absence()
        return RequestError(
            "The model generator was asked for, but none is configured.",
            hint="Set the model server's address in the configuration, or choose the examples generator.",
        )

    def _notes(self, run: Run) -> list[Event]:
        """Return a warning for each template of the server's that a model does not get."""
        if self._models is None or run.generator.name != "model":
            return []
        hint = "`jupyter gptoss templates check` says more; the built-in one is used."
        return [Warn(message=note, hint=hint) for note in self._models.notes()]

    def _caveats(self, request: CodeGenerationRequest) -> list[Event]:
        """Return a warning where examples answer because the model failed."""
        if request.generator != "auto" or self._models is None or not self._models.failed():
            return []
        why = self._models.absence()
        return [Warn(message=f"The documentation's examples answer. {why.message}", hint=why.hint)]


async def _staged(run: Run) -> AsyncIterator[Event]:
    for stage in _stages(run):
        async with closing(stage(run)) as events:
            async for event in events:
                yield event


def _stages(run: Run) -> list[StageFunction]:
    stages: list[StageFunction] = [collect, retrieve, draft, cite, lay_out, check, verify]
    if run.generator.can_repair:
        return [*stages, repair]
    if isinstance(run.generator, ExamplesGenerator):
        return [*stages, partial(fall_back, generator=run.generator)]
    return stages


def last_events(run: Run | None, failure: GptossError | None, paper: PaperRun | None = None) -> list[Event]:
    """Return what ends a generation: cells that were closed are kept, half a cell is taken back."""
    if failure is not None:
        abandoned: list[Event] = list(run.sheet.abandon()) if run else []
        return [*abandoned, Failed(problem=problem_of(failure))]
    cells = run.sheet.cells() if run else []
    verified = sum(ran(cell.verification) for cell in cells)
    message = _summary(run, verified)
    if paper is not None:
        message = paper_summary(paper, message)
    done = Done(state="done", cells=len(cells), verified=verified, message=message)
    return [Stage(stage="done"), done]


def _summary(run: Run | None, verified: int) -> str:
    code = len(run.sheet.code()) if run else 0
    others = _others(run.sheet.cells()) if run else []
    if not code:
        return f"{', '.join(others)}." if others else "No cells were made."
    if run is not None and run.verifies:
        told = f"{verified} of {code_cells(code)} ran well in the sandbox."
    else:
        told = f"{code_cells(code)}, not run."
    gone = [text for text in others if "deleted" in text]
    return f"{told} {gone[0]}." if gone else told


def _others(cells: Sequence[GeneratedCell]) -> list[str]:
    """Return what there is beside code to run, in words."""
    gone = sum(cell.change == "deleted" for cell in cells)
    texts = sum(cell.kind == "markdown" and cell.change != "deleted" for cell in cells)
    told = [f"{texts} text {'cell' if texts == 1 else 'cells'}"] if texts else []
    return [*told, f"{gone} {'cell is' if gone == 1 else 'cells are'} to be deleted"] if gone else told

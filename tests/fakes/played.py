"""Generations played through with fakes, for the tests of the pipeline."""

from __future__ import annotations

from typing import Any

from gptoss_lab.schemas.documents import DocSource
from gptoss_lab.schemas.events import TERMINAL, Event, Warn
from gptoss_lab.schemas.generation import (
    CodeGenerationRequest,
    CodeGenerationResponse,
)
from gptoss_lab.schemas.review import GeneratorName
from gptoss_lab.services.generation import GenerationService
from gptoss_lab.services.generators.base import CellGenerator
from gptoss_lab.services.generators.examples import ExamplesGenerator
from gptoss_lab.services.needs import NOTHING_OFFERED, AdditionPolicy
from gptoss_lab.services.pipeline.choices import Choices
from gptoss_lab.services.transcript import Transcript
from tests.fakes.generation import FakeCorpora, FakeExecutor, example

MEAN = example(
    "import pandas as pd\ndf = pd.read()\ng = df.groupby('a')\ng.mean()", "pandas.groupby", summary="Mean."
)
OTHER = example("import pandas as pd\ndf.mean()", "pandas.mean", summary="Mean by group.", score=0.6)
PANDAS = (DocSource(uri="pandas"),)
NAME_ERROR = "NameError: name 'df' is not defined"


def service(
    corpora: FakeCorpora | None = None,
    executor: FakeExecutor | None = None,
    model: CellGenerator | None = None,
    policy: AdditionPolicy = NOTHING_OFFERED,
) -> GenerationService:
    """Return a service of fakes, with the real examples generator."""
    generators: dict[GeneratorName, CellGenerator] = {"examples": ExamplesGenerator()}
    if model is not None:
        generators["model"] = model
    return GenerationService(
        corpora=corpora or FakeCorpora([MEAN]),
        executor=executor or FakeExecutor(),
        generators=generators,
        choices=Choices(policy=policy),
    )


def asked(**changes: Any) -> CodeGenerationRequest:
    """Return a request for the mean of groups, from pandas."""
    return CodeGenerationRequest.model_validate({"task": "mean by group", "sources": PANDAS, **changes})


async def played(generation: GenerationService, **changes: Any) -> tuple[list[Event], CodeGenerationResponse]:
    """Run a request to its end; return its events, and the job that they fold into."""
    request = asked(**changes)
    events = [event async for event in generation.run(request)]
    assert [event.type for event in events if event.type in TERMINAL] == [events[-1].type]
    transcript = Transcript("job", request)
    for event in events:
        transcript.apply(event)
    return events, transcript.response()


def stages(events: list[Event]) -> list[str]:
    """Return the stages in order."""
    return [event.stage for event in events if event.type == "stage"]


def warnings(events: list[Event]) -> list[Warn]:
    """Return the warnings."""
    return [event for event in events if isinstance(event, Warn)]

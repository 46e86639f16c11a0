"""The model is asked for the calls it would use before the documentation is looked up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from gptoss_lab.errors import EngineUnreachableError, GptossError
from gptoss_lab.schemas.documents import DocSource
from gptoss_lab.schemas.events import Event, Usage
from gptoss_lab.schemas.generation import CodeGenerationRequest, TokenUsage
from gptoss_lab.services.generation import GenerationService
from gptoss_lab.services.generators.sketch import Sketch
from tests.fakes.generation import FakeCorpora, FakeExecutor, ScriptedGenerator

ANSWER = "```python\npd.DataFrame.groupby(by)\nnp.median(a)\n```"


@dataclass
class Sketcher(ScriptedGenerator):
    """Writes cells, and says before which calls it would use."""

    sketches: bool = True
    sketch_fault: GptossError | None = None
    asked: list[Sequence[str]] = field(default_factory=list)

    async def sketch(self, request: CodeGenerationRequest, names: Sequence[str]) -> Sketch:
        assert request.task
        self.asked.append(names)
        if self.sketch_fault:
            raise self.sketch_fault
        return Sketch(ANSWER, TokenUsage(prompt_tokens=30, completion_tokens=9))


async def events_of(model: Sketcher, corpora: FakeCorpora, task: str, *uris: str) -> list[Event]:
    """Return the events of a generation."""
    service = GenerationService(corpora=corpora, executor=FakeExecutor(), generators={"model": model})
    sources = tuple(DocSource(kind="package", uri=uri) for uri in uris)
    request = CodeGenerationRequest(task=task, sources=sources, generator="model", verify=False)
    return [event async for event in service.run(request)]


async def test_its_calls_are_looked_up() -> None:
    """In the documentation of the request; what it consumed is counted, and that it is asked is said."""
    model, corpora = Sketcher(["x = 1"]), FakeCorpora()
    events = await events_of(model, corpora, "median per group", "pandas")
    assert corpora.queries[0].symbols == ("pandas.DataFrame.groupby", "numpy.median")
    assert corpora.queries[0].packages == ("numpy", "pandas")
    assert model.asked == [("pandas",)]
    assert next(event.usage.prompt_tokens for event in events if isinstance(event, Usage)) == 30
    assert "asking the model" in " ".join(event.message for event in events if event.type == "progress")


@pytest.mark.parametrize(
    ("task", "uris", "sketches"),
    [("use `groupby`", ("pandas",), True), ("median", (), True), ("median", ("pandas",), False)],
    ids=["the task names the call", "no documentation", "switched off"],
)
async def test_it_is_not_asked_in_vain(task: str, uris: Sequence[str], sketches: bool) -> None:
    """Where there is nothing to look up, or the task says it all."""
    model = Sketcher(["x = 1"], sketches=sketches)
    events = await events_of(model, FakeCorpora(), task, *uris)
    assert not model.asked
    assert events[-1].type == "done"


async def test_a_fault_is_a_warning() -> None:
    """The documentation is searched by the words of the task, and the job goes on."""
    model = Sketcher(["x = 1"], sketch_fault=EngineUnreachableError("The model server is away"))
    corpora = FakeCorpora()
    events = await events_of(model, corpora, "median per group", "pandas")
    assert corpora.queries[0].symbols == ()
    warnings = [event.message for event in events if event.type == "warning"]
    assert any("by the task's words alone: The model server is away" in message for message in warnings)
    assert events[-1].type == "done"

"""What is shown is what is sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from gptoss_lab.engines.chat import HttpChatEngine
from gptoss_lab.errors import RequestError, SourceNotFoundError
from gptoss_lab.prompts.template import Wording
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.generation import NotebookContext, NotebookVariable
from gptoss_lab.services.generation import GenerationService
from gptoss_lab.services.generators.examples import ExamplesGenerator
from gptoss_lab.services.generators.model import ModelGenerator
from gptoss_lab.services.generators.prompting import Prompting
from gptoss_lab.services.model import ModelService
from gptoss_lab.services.model_generators import ModelGenerators
from gptoss_lab.services.preview import Previewed, PreviewService
from tests.fakes.chat_server import MODEL, ChatServer
from tests.fakes.generation import OFF, FakeCorpora, FakeExecutor, Held
from tests.fakes.models import FakeParts
from tests.fakes.played import MEAN, asked, played

CONTEXT = NotebookContext(
    cells=("import pandas as pd",), variables=(NotebookVariable(name="frame", type="pandas.DataFrame"),)
)


class Attached:
    """One generator, whoever asks."""

    def __init__(self, generator: ModelGenerator) -> None:
        self.generator = generator

    def previewed(self) -> Previewed:
        """Return it."""
        return self.generator


@pytest.fixture
async def idle() -> AsyncIterator[ModelService]:
    """A model that is not started."""
    models = ModelService(ModelConfig(context_tokens=8192), FakeParts())
    yield models
    await models.close()


def preview_of(models: ModelService, **changes: object) -> PreviewService:
    """Return previews where no model answers."""
    parts = {"corpora": FakeCorpora([MEAN]), "executor": FakeExecutor(), **changes}
    return PreviewService(models=ModelGenerators(models, Wording(rules="Be kind.")), **parts)  # type: ignore[arg-type] # fakes by name


async def test_it_is_word_for_word_what_is_sent() -> None:
    """The messages that the server then gets are those that were shown, and it was not asked before."""
    request = asked(context=CONTEXT, house_rules="Comment in German.", seed=3)
    async with ChatServer("groupby") as server:
        config = ModelConfig(url=server.url, name=MODEL)
        engine, prompting = HttpChatEngine(config), Prompting(wording=Wording(rules="Be kind."))
        generator = ModelGenerator(engine, config, prompting)
        corpora, executor = FakeCorpora([MEAN]), FakeExecutor()
        previews = PreviewService(corpora=corpora, executor=executor, models=Attached(generator))
        shown = await previews.preview(request, "")
        assert all(request.method == "GET" for request in server.requests)
        generation = GenerationService(
            corpora=corpora,
            executor=executor,
            generators={"model": generator, "examples": ExamplesGenerator()},
        )
        _, job = await played(generation, **request.model_dump(exclude={"task", "sources"}))
        sent = next(request.body["messages"] for request in server.requests if request.body)
        await prompting.prefixes.close()
        await engine.close()
    assert [message.model_dump() for message in shown.messages] == sent
    assert (shown.generator, shown.model, shown.notes) == ("model", MODEL, ())
    assert 0 < shown.prompt_tokens < shown.context_tokens
    assert job.templates == shown.templates != ""
    text = "\n".join(message.content for message in shown.messages)
    for part in ("Be kind.", "Comment in German.", "`frame`: pandas.DataFrame", "import pandas as pd"):
        assert part in text


async def test_without_a_model_it_says_so(idle: ModelService) -> None:
    """The prompt of a model as it is configured is shown, with the note that nothing is sent."""
    shown = await preview_of(idle).preview(asked(), "me")
    assert shown.generator == "examples"
    assert shown.context_tokens == 8192
    assert "nothing leaves this server" in shown.notes[0]
    assert len(shown.messages) == 3
    by_examples = await preview_of(idle).preview(asked(generator="examples"), "me")
    assert "examples were asked for" in by_examples.notes[0]


async def test_what_is_left_out_is_told(idle: ModelService) -> None:
    """A source that cannot be read, and cells that do not fit, are notes; a bad edit is refused."""
    fault = SourceNotFoundError("It is not there.")
    previews = preview_of(
        idle, corpora=FakeCorpora([MEAN], faults={"gone": fault}), executor=FakeExecutor(OFF)
    )
    context = NotebookContext(cells=("x = 1\n" * 9000, "y = 1"))
    sources = ({"uri": "pandas"}, {"uri": "gone"})
    shown = await previews.preview(asked(sources=sources, context=context), "me")
    assert any("It is not there." in note for note in shown.notes)
    assert any("1 of 2 cells" in note for note in shown.notes)
    edit = {"kind": "port", "cells": ({"id": "a", "source": "x = 1"},)}
    with pytest.raises(RequestError):
        await previews.preview(asked(edit=edit), "me")


async def test_leaving_ends_it(idle: ModelService) -> None:
    """Who leaves while documentation is read stops that."""
    corpora, hold = FakeCorpora([MEAN]), Held()
    corpora.hold = hold
    task = asyncio.ensure_future(preview_of(idle, corpora=corpora).preview(asked(), "me"))
    await hold.reached.wait()
    task.cancel()
    await asyncio.wait({task})
    assert hold.released

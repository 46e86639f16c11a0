"""Documentation that is small is sent whole."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from gptoss_lab.schemas.base import Effort
from gptoss_lab.schemas.documents import DocSource
from gptoss_lab.schemas.generation import CodeGenerationRequest
from gptoss_lab.services.generation import GenerationService
from gptoss_lab.services.generators.prompting import Setting
from tests.fakes.generation import FakeCorpora, FakeExecutor, ScriptedGenerator


@dataclass
class Windowed(ScriptedGenerator):
    """Knows how much it reads at a time."""

    window: int = 32_000

    def setting(self, effort: Effort) -> Setting:
        """Return that."""
        return Setting(self.model, self.window, effort)


@pytest.mark.parametrize(
    ("model", "most"),
    [
        (Windowed(["x = 1"], window=16_000), 4000),
        (Windowed(["x = 1"], window=131_072), 8000),
        (ScriptedGenerator(["x = 1"]), 0),
    ],
    ids=["a small window", "a large window", "a window that is not known"],
)
async def test_as_much_as_leaves_room_for_the_rest(model: ScriptedGenerator, most: int) -> None:
    """A quarter of what the model reads at a time, and never more than a prompt should hold."""
    corpora = FakeCorpora()
    service = GenerationService(corpora=corpora, executor=FakeExecutor(), generators={"model": model})
    sources = (DocSource(kind="package", uri="pandas"),)
    request = CodeGenerationRequest(task="median", sources=sources, generator="model", verify=False)
    assert [event async for event in service.run(request)][-1].type == "done"
    assert [query.whole_tokens for query in corpora.queries] == [most]

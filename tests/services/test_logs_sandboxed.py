"""The log of a whole generation, at the level where everything is told, holds nobody's words."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gptoss_lab.folders import data_dir
from gptoss_lab.schemas.config import (
    DocumentConfig,
    ExecutionConfig,
    FeedbackConfig,
    ModelConfig,
    PaperConfig,
    PromptConfig,
    SandboxConfig,
)
from gptoss_lab.schemas.documents import DocSource
from gptoss_lab.schemas.generation import CodeGenerationRequest, CodeGenerationResponse, NotebookContext
from gptoss_lab.services.assembly import assemble
from gptoss_lab.services.logs import InContext, JsonLines
from tests.fakes import chat_server
from tests.fakes.chat_server import ChatServer
from tests.sandbox.conformance import require_image

pytestmark = [pytest.mark.timeout(900), pytest.mark.bubblewrap]

SECRETS = {
    "task": "TULIP8117",
    "notebook": "CROCUS8117",
    "document": "DAHLIA8117",
    "answer": "ORCHID8117",
    "reasoning": "VIOLET8117",
    "output": "PEONY8117",
    "error": "LOTUS8117",
    "data": "IRIS8117",
}
CODE = f"""```python
# {SECRETS["answer"]}
print("{SECRETS["output"][:5]}" + "8117")
raise ValueError("{SECRETS["error"][:5]}" + "8117")
```
"""


class Everything(logging.Handler):
    """Keeps each line as it would be written."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.addFilter(InContext())
        self.setFormatter(JsonLines())

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self.lines.append(self.format(record))


@pytest.fixture
def everything() -> Iterator[Everything]:
    """What all loggers say, of every library, at every level."""
    kept, root = Everything(), logging.getLogger()
    before = root.level
    root.setLevel(logging.DEBUG)
    root.addHandler(kept)
    yield kept
    root.removeHandler(kept)
    root.setLevel(before)


def recorded(_name: str, _body: dict[str, Any]) -> bytes:
    """Return a stream of the answer above."""

    def chunk(**delta: str) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": None}
        return b"data: " + json.dumps({"id": "c", "model": "m", "choices": [choice]}).encode() + b"\n\n"

    last = {"id": "c", "model": "m", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    words = [chunk(reasoning=f"About {SECRETS['reasoning']}."), *(chunk(content=part) for part in CODE)]
    return b"".join(words) + b"data: " + json.dumps(last).encode() + b"\n\ndata: [DONE]\n\n"


async def test_no_words_of_anybody_are_logged(
    everything: Everything, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither of the task, the notebook, documents, data, the model, nor of what the code shows or raises."""
    monkeypatch.setattr(chat_server, "recorded", recorded)
    page, data = tmp_path / "guide.md", tmp_path / "figures.csv"
    page.write_text(f"# Guide\n\nHow to plant a {SECRETS['document']} with `plant()`.\n")
    data.write_text(f"a,b\n{SECRETS['data']},1\n")
    request = CodeGenerationRequest(
        task=f"Plant a {SECRETS['task']}",
        sources=(DocSource(kind="file", uri=str(page)),),
        context=NotebookContext(cells=(f"x = '{SECRETS['notebook']}'",)),
        data=(str(data),),
        generator="model",
        max_repairs=1,
    )
    await require_image("bubblewrap")
    async with ChatServer() as model:
        services = assemble(
            model=ModelConfig(url=model.url, name=chat_server.MODEL),
            sandbox=SandboxConfig(runtime="bubblewrap"),
            execution=ExecutionConfig(),
            documents=DocumentConfig(),
            feedback=FeedbackConfig(),
            prompts=PromptConfig(),
            papers=PaperConfig(),
            folder=data_dir(),
            root=tmp_path,
        )
        job = services.jobs.submit(request, "ada").job
        await services.jobs.finished(job, "ada")
        response = services.jobs.get_as(CodeGenerationResponse, job, "ada")
        await services.close()
    told = "\n".join(everything.lines)
    secrets_met = f"{response.model_dump_json()} {[request.body for request in model.requests]}"
    hidden = {"data", "reasoning"}  # nothing reads the one, and the other is in no answer
    assert {name for name, secret in SECRETS.items() if secret not in secrets_met} == hidden
    assert f'"job": "{job}"' in told
    assert {name: secret for name, secret in SECRETS.items() if secret in told} == {}
    assert "ada" not in {json.loads(line).get("owner") for line in everything.lines}

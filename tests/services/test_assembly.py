from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from gptoss_lab.schemas.config import (
    DocumentConfig,
    ExecutionConfig,
    FeedbackConfig,
    ModelConfig,
    PaperConfig,
    PromptConfig,
    SandboxConfig,
)
from gptoss_lab.schemas.generation import CodeGenerationRequest
from gptoss_lab.services.assembly import Services, assemble

HEAVY = ("docker", "httpx", "griffe", "pypdf", "jinja2", "jupyter_client", "pydantic", "huggingface_hub")


def services(folder: Path, url: str = "") -> Services:
    """Assemble without a sandbox."""
    return assemble(
        model=ModelConfig(url=url),
        sandbox=SandboxConfig(runtime="none"),
        execution=ExecutionConfig(),
        documents=DocumentConfig(),
        feedback=FeedbackConfig(),
        prompts=PromptConfig(),
        papers=PaperConfig(),
        folder=folder,
    )


def test_import_is_light() -> None:
    """Importing the module loads nothing heavy."""
    script = f"import sys, gptoss_lab.services.assembly; print([m for m in {HEAVY} if m in sys.modules])"
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stdout.strip() == "[]"


async def test_services_answer_and_close(tmp_path: Path) -> None:
    """Assembled services know that there is no sandbox, take a job, and close."""
    assembled = services(tmp_path)
    status = await assembled.execution.status()
    assert not status.available
    job = assembled.jobs.submit(CodeGenerationRequest(task="x", generator="model"), "me").job
    assert [event.type async for event in assembled.jobs.events(job, "me")][-1] == "error"
    assert "configuration" in assembled.jobs.get(job, "me").model_dump()["error"]["hint"]
    await assembled.close()


async def test_model_is_there_when_it_has_an_address(tmp_path: Path) -> None:
    """With an address the model answers, and a dead one is told with its status."""
    assembled = services(tmp_path, "http://127.0.0.1:9/v1")
    job = assembled.jobs.submit(CodeGenerationRequest(task="x"), "me").job
    events = [event async for event in assembled.jobs.events(job, "me")]
    assert events[-1].type == "error"
    error = assembled.jobs.get(job, "me").error
    assert error
    assert error.code == "engine_unreachable"
    await assembled.close()


async def test_one_that_fails_to_close_does_not_keep_the_others(tmp_path: Path) -> None:
    """All are closed, then the first error is raised."""
    closed: list[str] = []

    async def bad() -> None:
        raise OSError("bad")

    async def good() -> None:
        closed.append("good")

    whole = services(tmp_path)
    await whole.close()
    broken = replace(whole, closers=(bad, good))
    with pytest.raises(OSError, match="bad"):
        await broken.close()
    assert closed == ["good"]

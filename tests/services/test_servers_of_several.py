"""Several servers that keep what they make in one folder, each for whoever asks it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gptoss_lab.errors import NotFoundError
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
from gptoss_lab.schemas.feedback import FeedbackItem
from gptoss_lab.schemas.generation import CodeGenerationRequest
from gptoss_lab.services.assembly import Services, assemble

ITEM = FeedbackItem(at="2026-01-01T00:00:00Z", job="j", cell="c", generator="examples", verdict="accepted")


def server(folder: Path) -> Services:
    """Return the services of a server on a folder, with its jobs on the disk."""
    return assemble(
        model=ModelConfig(engine="none"),
        sandbox=SandboxConfig(runtime="none"),
        execution=ExecutionConfig(),
        documents=DocumentConfig(),
        feedback=FeedbackConfig(),
        prompts=PromptConfig(),
        papers=PaperConfig(),
        folder=folder,
        store_jobs=True,
    )


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[tuple[Services, Services]]:
    """Two servers that run at the same time."""
    servers = server(tmp_path / "data"), server(tmp_path / "data")
    yield servers
    for one in servers:
        await one.close()


async def generated(services: Services, source: DocSource, owner: str) -> str:
    """Have a server generate something, and return the job when it has ended and is kept."""
    request = CodeGenerationRequest(task="count", sources=(source,), generator="examples", verify=False)
    job = services.jobs.submit(request, owner).job
    await services.jobs.finished(job, owner)
    await services.archive.list(owner)
    return job


async def test_each_person_has_their_own_on_every_server(
    two: tuple[Services, Services], tmp_path: Path
) -> None:
    """What Ada made on one of them she finds on the other, and Bob on neither."""
    first, second = two
    page = tmp_path / "guide.md"
    page.write_text("# Counting\n\n```python\ncount = sum([1, 2])\n```\n")
    source = DocSource(kind="file", uri=str(page))
    jobs = await asyncio.gather(generated(first, source, "ada"), generated(second, source, "bob"))
    await first.feedback.add("ada", [ITEM])
    for services in two:
        for owner, own, other in (("ada", *jobs), ("bob", *reversed(jobs))):
            assert [one.job for one in (await services.archive.list(owner)).jobs] == [own]
            assert (await services.archive.get(own, owner)).state == "done"
            with pytest.raises(NotFoundError):
                await services.archive.get(other, owner)
            assert len(await services.corpora.list(owner)) == 1
        assert not await services.corpora.list("carl")
        counts = [len((await services.feedback.summary(owner)).counts) for owner in ("ada", "bob")]
        assert counts == [1, 0]
    (corpus,) = await first.corpora.list("ada")
    await first.corpora.remove(corpus.id, "ada")
    assert not await second.corpora.list("ada")
    assert [one.id for one in await second.corpora.list("bob")] == [corpus.id]

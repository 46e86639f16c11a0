"""Documentation of several persons in one folder, with the real child process on small sources."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gptoss_lab.errors import NotFoundError, QuotaError
from gptoss_lab.schemas.config import DocumentConfig
from gptoss_lab.schemas.documents import DocSource
from gptoss_lab.services.corpora import CorpusService
from gptoss_lab.services.owners import OWNER


def write(folder: Path, name: str) -> DocSource:
    """Write a document and return it as a source."""
    place = folder / f"{name}.md"
    place.write_text(f"# {name}\n\nAbout {name}.\n")
    return DocSource(kind="file", uri=str(place))


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[CorpusService]:
    """Corpora of which one person may have about one."""
    made = CorpusService(folder=tmp_path / "corpora", config=DocumentConfig(), max_owner_bytes=200_000)
    yield made
    await made.close()


async def test_one_run_serves_two_persons_and_each_has_it(service: CorpusService, tmp_path: Path) -> None:
    """Who asks while it is built for someone else has it as well, and nobody else has."""
    source = write(tmp_path, "shared")
    first, second = await asyncio.gather(
        service.ensure(source, owner="ada"), service.ensure(source, owner="bob")
    )
    assert first == second
    for owner, count in (("ada", 1), ("bob", 1), ("carl", 0), ("", 1)):
        assert len(await service.list(owner)) == count
    for call in (service.refresh(first.id, owner="carl"), service.remove(first.id, "carl")):
        with pytest.raises(NotFoundError):
            await call


async def test_a_job_indexes_for_its_owner(service: CorpusService, tmp_path: Path) -> None:
    """What a generation reads belongs to whom it works for."""

    async def work() -> None:
        OWNER.set("ada")
        await service.ensure(write(tmp_path, "task"))

    await asyncio.create_task(work())
    assert len(await service.list("ada")) == 1
    assert not await service.list("bob")


async def test_more_than_a_person_may_have_is_refused(tmp_path: Path) -> None:
    """It leaves nothing, what was there stays, may be read again, and another person is not held back."""
    free = CorpusService(folder=tmp_path / "corpora", config=DocumentConfig())
    kept = await free.ensure(write(tmp_path, "first"), owner="ada")
    bounded = CorpusService(
        folder=tmp_path / "corpora", config=DocumentConfig(), max_owner_bytes=kept.size_bytes * 3 // 2
    )
    with pytest.raises(QuotaError, match="a person may have"):
        await bounded.ensure(write(tmp_path, "second"), owner="ada")
    assert [info.id for info in await bounded.list("")] == [kept.id]
    assert (await bounded.refresh(kept.id, owner="ada")).id == kept.id
    other = await bounded.ensure(write(tmp_path, "second"), owner="bob")
    with pytest.raises(QuotaError):
        await bounded.ensure(write(tmp_path, "second"), owner="ada")
    assert [info.id for info in await bounded.list("bob")] == [other.id], "Bob's was taken with Ada's refusal"
    for service in (free, bounded):
        await service.close()

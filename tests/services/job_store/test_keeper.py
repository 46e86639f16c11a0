"""What the keeper writes, and what it leaves out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gptoss_lab.errors import StorageError
from gptoss_lab.services.job_store import keeper as module
from tests.fakes.generation import Held
from tests.fakes.jobs import REQUEST, cell, runs, seen
from tests.fakes.stores import Server


async def test_jobs_that_wait_to_be_written_are_known(tmp_path: Path) -> None:
    """Until they are."""
    server = Server(tmp_path, runs())
    job = server.jobs.submit(REQUEST, "me").job
    assert list(server.keeper.unwritten) == [job]
    await server.keeper.flush()
    assert not server.keeper.unwritten
    await server.close()


async def test_large_events_beyond_the_limit_are_left_out(tmp_path: Path) -> None:
    """The small ones and the end are kept: how the job went is known, and readers get the state."""
    hold = Held()
    big = [event for number in range(8) for event in cell(f"c{number}", number, "x" * 20_000)]
    server = Server(tmp_path, runs(*big, hold=hold), max_job_bytes=1 << 16)
    job = server.jobs.submit(REQUEST, "me").job
    await hold.reached.wait()
    await server.jobs.cancel(job, "me")
    await server.close()
    again = Server(tmp_path, runs(), max_job_bytes=1 << 16)
    stored = [json.loads(text) for text in await again.keeper.events(job)]
    assert sum(len(event.get("source", event.get("text", ""))) for event in stored) <= 1 << 16
    assert [event["type"] for event in stored].count("cell_open") == 8
    assert stored[-1]["type"] == "done"
    answer = await again.archive.get(job, "me")
    assert answer.state == "cancelled"
    events = [event async for batch in await again.archive.batches(job, "me", after=1) for event in batch]
    assert events[-1].type == "done"
    await again.close()


async def test_what_waits_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that takes nothing does not fill the memory."""
    (tmp_path / "jobs").write_text("in the way")
    monkeypatch.setattr(module, "MAX_PENDING_BYTES", 50_000)
    server = Server(tmp_path / "jobs", runs(*cell("a", 0, "x" * 40_000), *cell("b", 1, "y" * 40_000)))
    for _ in range(3):
        job = server.jobs.submit(REQUEST, "me").job
        await seen(server.jobs, job)
    assert server.keeper._batch.bytes < 150_000
    with pytest.raises(StorageError, match="cannot be kept"):
        await server.keeper.flush()
    await server.close()


async def test_small_events_that_wait_are_bounded_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model's words are small and many: on a disk that takes nothing only ends are remembered."""
    (tmp_path / "jobs").write_text("in the way")
    monkeypatch.setattr(module, "MAX_PENDING_BYTES", 10_000)
    words = [event for number in range(200) for event in cell(f"c{number}", number, "x")]
    server = Server(tmp_path / "jobs", runs(*words))
    await seen(server.jobs, server.jobs.submit(REQUEST, "me").job)
    assert server.keeper._batch.bytes < 20_000
    assert len(server.keeper._batch.ended) == 1
    await server.close()


async def test_a_job_that_memory_forgot_is_found(tmp_path: Path) -> None:
    """Also where it was not written yet, and what waits when the server stops is written."""
    server = Server(tmp_path, runs(*cell("a", 0, "x")), max_jobs_kept=1)
    first, second = (server.jobs.submit(REQUEST, "me").job for _ in range(2))
    for job in (first, second):
        await server.jobs.finished(job, "me")
    assert (await server.archive.get(first, "me")).state == "done"
    await server.close()
    again = Server(tmp_path, runs())
    assert (await again.archive.get(second, "me")).state == "done"
    await again.close()


async def test_a_closed_keeper_says_so(tmp_path: Path) -> None:
    """A request that comes while the server stops gets a sentence; closing twice is nothing."""
    server = Server(tmp_path, runs())
    await server.close()
    await server.close()
    with pytest.raises(StorageError, match="stopping"):
        await server.keeper.find("x")

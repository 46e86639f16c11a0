"""Jobs in memory and jobs of earlier servers, asked alike."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gptoss_lab.errors import ConflictError, NotFoundError, RequestError, StorageError
from gptoss_lab.schemas.events import Generator, Reasoning
from gptoss_lab.schemas.execution import SandboxStatus
from gptoss_lab.schemas.generation import CodeGenerationRequest, CodeGenerationResponse
from gptoss_lab.schemas.runs import JobEvent
from gptoss_lab.services.job_archive import JobArchive
from gptoss_lab.services.job_store.store import FILE, JobStore
from tests.fakes.generation import Held
from tests.fakes.jobs import REQUEST, Runner, cell, runs, seen
from tests.fakes.stores import Server


@pytest.fixture
async def servers(tmp_path: Path) -> AsyncIterator[_Servers]:
    """Return what makes servers on one folder; they are closed at the end."""
    made = _Servers(tmp_path / "jobs")
    yield made
    for server in made.open:
        await server.close()


class _Servers:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.open: list[Server] = []

    def start(self, run: Runner | None = None, **limits: int) -> Server:
        server = Server(self.folder, run or runs(), **limits)
        self.open.append(server)
        return server

    async def end(self, server: Server, *, killed: bool = False) -> None:
        self.open.remove(server)
        await (server.die() if killed else server.close())


async def read(archive: JobArchive, job: str, after: int = 0) -> list[JobEvent]:
    """Read a job to its end."""
    return [event async for batch in await archive.batches(job, "me", after) for event in batch]


async def test_a_job_outlives_its_server(servers: _Servers) -> None:
    """With its cells, its events and its times; reasoning is never stored."""
    first = servers.start(runs(Reasoning(text="a secret thought"), *cell("a", 0, "x = 1")))
    job = first.jobs.submit(REQUEST, "me").job
    told = await seen(first.jobs, job)
    before = await first.archive.get(job, "me")
    await servers.end(first)
    second = servers.start()
    assert await second.archive.get(job, "me") == before
    events = await read(second.archive, job)
    assert [event.seq for event in events] == [event.seq for event in told]
    assert [event.type for event in events] == [event.type for event in told]
    assert "secret" not in (servers.folder / FILE).read_bytes().decode("latin-1")
    assert [event.seq for event in await read(second.archive, job, after=3)] == [4, 5, 6]


async def test_a_job_that_was_cut_off_gets_an_end(servers: _Servers) -> None:
    """A server that is killed leaves its job with its events, and the next one says how it ended."""
    hold = Held()
    first = servers.start(runs(*cell("a", 0, "x = 1"), hold=hold))
    job = first.jobs.submit(REQUEST, "me").job
    await hold.reached.wait()
    await servers.end(first, killed=True)
    second = servers.start()
    answer = await second.archive.get(job, "me")
    assert isinstance(answer, CodeGenerationResponse)
    assert (answer.state, answer.cells[0].source) == ("error", "x = 1")
    assert answer.error is not None
    assert answer.error.code == "job_lost"
    assert answer.finished_at
    events = await read(second.archive, job)
    assert [event.type for event in events][-2:] == ["cell_close", "error"]
    (listed,) = (await second.archive.list("me")).jobs
    assert (listed.state, listed.job) == ("error", job)


async def test_jobs_of_another_living_server_are_left_alone(servers: _Servers) -> None:
    """They are listed and shown as they stand; to follow or stop them one goes there."""
    hold = Held()
    first = servers.start(runs(*cell("a", 0, "x"), hold=hold))
    job = first.jobs.submit(REQUEST, "me").job
    await hold.reached.wait()
    await first.keeper.flush()
    second = servers.start()
    assert (await second.archive.get(job, "me")).state == "running"
    for ask in (second.archive.batches, second.archive.cancel, second.archive.finished):
        with pytest.raises(ConflictError, match="another Jupyter server"):
            await ask(job, "me")
    await first.jobs.cancel(job, "me")
    await first.keeper.flush()
    assert (await second.archive.get(job, "me")).state == "cancelled"
    assert (await second.archive.cancel(job, "me")).state == "cancelled"
    assert (await second.archive.finished(job, "me")).state == "cancelled"


async def test_nobody_else_sees_a_job(servers: _Servers) -> None:
    """Not in memory, not from the disk, and there is no telling whether it exists."""
    first = servers.start()
    job = first.jobs.submit(REQUEST, "me").job
    await seen(first.jobs, job)
    second = servers.start()
    await first.keeper.flush()
    for archive in (first.archive, second.archive):
        for ask in (archive.get, archive.request, archive.replay, archive.batches, archive.cancel):
            with pytest.raises(NotFoundError):
                await ask(job, "you")
        with pytest.raises(NotFoundError):
            await archive.get("nothing", "you")
    assert (await second.archive.list("you")).jobs == ()


async def test_pages_follow_one_another(servers: _Servers) -> None:
    """Newest first, each job once, whichever server ran it."""
    names = []
    for _ in range(3):
        server = servers.start()
        for _ in range(2):
            names.append(server.jobs.submit(REQUEST, "me").job)
            await seen(server.jobs, names[-1])
        await servers.end(server)
    archive = servers.start().archive
    found, before = [], ""
    while True:
        page = await archive.list("me", limit="4", before=before)
        found += [job.job for job in page.jobs]
        before = page.next
        if not before:
            break
    assert found == names[::-1]


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "201"}, {"limit": "x"}, {"before": "-1"}])
async def test_a_page_that_cannot_be_is_refused(servers: _Servers, query: dict[str, str]) -> None:
    """With a sentence, before anything is read."""
    with pytest.raises(RequestError):
        await servers.start().archive.list("me", **query)


async def test_a_request_is_kept_for_its_owner(servers: _Servers) -> None:
    """As it was sent, not as it was resolved."""
    first = servers.start()
    sent = CodeGenerationRequest(task="x", data=("study",))
    job = first.jobs.submit(REQUEST, "me", sent).job
    await seen(first.jobs, job)
    assert await first.archive.request(job, "me") == sent
    await servers.end(first)
    assert await servers.start().archive.request(job, "me") == sent


async def test_a_replay_has_the_seed_and_the_generator(servers: _Servers) -> None:
    """What was drawn and who answered, not what was left open."""
    answered = Generator(generator="model", seed=5, sandbox=SandboxStatus(available=False))
    first = servers.start(runs(answered))
    job = first.jobs.submit(REQUEST, "me").job
    await seen(first.jobs, job)
    again = REQUEST.model_copy(update={"seed": 5, "generator": "model"})
    assert await first.archive.replay(job, "me") == again
    await servers.end(first)
    assert await servers.start().archive.replay(job, "me") == again


async def test_a_replay_of_a_job_that_did_not_begin(servers: _Servers) -> None:
    """What was sent is what is known."""
    server = servers.start()
    job = server.jobs.submit(REQUEST, "me", CodeGenerationRequest(task="x", seed=3)).job
    assert (await server.archive.replay(job, "me")).seed == 3


async def test_a_request_under_a_key_is_done_once(servers: _Servers) -> None:
    """Also after a restart; another person's key is theirs, and another request under it is refused."""
    first = servers.start()
    job = first.jobs.submit(REQUEST, "me", key="k").job
    assert await first.archive.sent_before(REQUEST, "me", "k") == job
    assert await first.archive.sent_before(REQUEST, "me", "") == ""
    assert await first.archive.sent_before(REQUEST, "you", "k") == ""
    await seen(first.jobs, job)
    await servers.end(first)
    second = servers.start()
    assert await second.archive.sent_before(REQUEST, "me", "k") == job
    with pytest.raises(ConflictError, match="Idempotency-Key"):
        await second.archive.sent_before(CodeGenerationRequest(task="y"), "me", "k")


async def test_an_unreadable_job_is_still_listed(servers: _Servers) -> None:
    """A version that wrote other events leaves jobs that are named, and that say why they do not open."""
    first = servers.start()
    job = first.jobs.submit(REQUEST, "me").job
    await seen(first.jobs, job)
    await servers.end(first)
    with sqlite3.connect(servers.folder / FILE) as database:
        database.execute('UPDATE events SET data = \'{"type": "of_tomorrow"}\'')
    database.close()
    second = servers.start()
    with pytest.raises(ConflictError, match="another version"):
        await second.archive.get(job, "me")
    with pytest.raises(NotFoundError):
        await second.archive.get(job, "somebody else")
    assert [one.job for one in (await second.archive.list("me")).jobs] == [job]


async def test_a_full_disk_stops_no_job(servers: _Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs go on and are listed; the fault is said, and what waited is written when there is room."""
    server = servers.start(runs(*cell("a", 0, "x")))
    await server.archive.list("me")
    real = JobStore.write

    def full(*_: object) -> None:
        raise StorageError("The store of jobs cannot be written: database or disk is full")

    monkeypatch.setattr(JobStore, "write", full)
    job = server.jobs.submit(REQUEST, "me").job
    await seen(server.jobs, job)
    assert [one.job for one in (await server.archive.list("me")).jobs] == [job]
    with pytest.raises(StorageError):
        await server.keeper.flush()
    assert "full" in server.archive.fault
    monkeypatch.setattr(JobStore, "write", real)
    await server.keeper.flush()
    assert server.archive.fault == ""
    await servers.end(server)
    assert (await servers.start().archive.get(job, "me")).state == "done"


async def test_a_folder_that_cannot_be_made_costs_only_the_past(tmp_path: Path) -> None:
    """Jobs run and are listed; nothing is kept, which is said."""
    (tmp_path / "jobs").write_text("in the way")
    server = Server(tmp_path / "jobs", runs())
    job = server.jobs.submit(REQUEST, "me").job
    await seen(server.jobs, job)
    assert [one.job for one in (await server.archive.list("me")).jobs] == [job]
    assert (await server.archive.get(job, "me")).state == "done"
    with pytest.raises(StorageError):
        await server.archive.get("another", "me")
    await server.close()


async def test_without_a_store_memory_is_all(tmp_path: Path) -> None:
    """The command line keeps nothing."""
    server = Server(tmp_path / "jobs", runs())
    archive = JobArchive(server.jobs, None, server.jobs._config)
    job = server.jobs.submit(REQUEST, "me", key="k").job
    assert await archive.sent_before(REQUEST, "me", "k") == job
    await seen(server.jobs, job)
    assert [one.job for one in (await archive.list("me", limit="1")).jobs] == [job]
    assert archive.fault == ""
    with pytest.raises(NotFoundError):
        await archive.get("another", "me")
    await archive.close()
    await server.close()


async def test_events_are_json_of_the_wire(servers: _Servers) -> None:
    """What is stored is what was sent, so that other tools can read it."""
    server = servers.start(runs(*cell("a", 0, "x")))
    job = server.jobs.submit(REQUEST, "me").job
    told = await seen(server.jobs, job)
    await server.keeper.flush()
    stored = await server.keeper.events(job)
    assert [json.loads(data) for data in stored] == [event.model_dump(mode="json") for event in told]

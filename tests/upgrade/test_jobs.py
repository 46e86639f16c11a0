"""Jobs that an earlier version kept, and those of a later one."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gptoss_lab.errors import StorageError
from gptoss_lab.schemas.config import ExecutionConfig
from gptoss_lab.schemas.generation import CodeGenerationRequest, CodeGenerationResponse
from gptoss_lab.services.job_archive import JobArchive
from gptoss_lab.services.job_store.keeper import JobKeeper
from gptoss_lab.services.job_store.store import FILE, VERSION, JobStore
from gptoss_lab.services.jobs import JobService
from gptoss_lab.services.lanes import Lane
from gptoss_lab.services.transcript import Transcript

KEPT = Path(__file__).parent / "kept"
JOB = "2e6b55bbec6243f38c650cd550d3fe4a"


def archive_on(folder: Path) -> tuple[JobService, JobArchive]:
    """Return what a server of this version reads in a folder."""
    config = ExecutionConfig()
    keeper = JobKeeper(folder, config)

    async def run(_: object) -> None:
        raise AssertionError("nothing is started here")

    lane = Lane(request=CodeGenerationRequest, run=run, transcript=Transcript, slots=lambda: 1)  # type: ignore[arg-type]
    jobs = JobService(lanes=(lane,), config=config, watchers=(keeper,))
    return jobs, JobArchive(jobs, keeper, config)


def stored(form: Path, folder: Path) -> str:
    """Write a store as it was; return whose its job is."""
    with closing(sqlite3.connect(folder / FILE)) as database:
        database.executescript(form.read_text(encoding="utf-8"))
        owner: str = database.execute("SELECT owner FROM jobs").fetchone()[0]
    return owner


@pytest.mark.parametrize("form", sorted(KEPT.glob("jobs-form-*.sql")), ids=lambda path: path.stem)
async def test_jobs_of_an_earlier_version_are_listed_read_and_replayed(form: Path, tmp_path: Path) -> None:
    """What a server of that version wrote, event for event."""
    owner = stored(form, tmp_path)
    jobs, archive = archive_on(tmp_path)
    listed = await archive.list(owner)
    assert [job.job for job in listed.jobs] == [JOB]
    read = await archive.get(JOB, owner)
    assert isinstance(read, CodeGenerationResponse)
    assert read.state == "done"
    assert "statistics.mean" in "".join(cell.source for cell in read.cells)
    assert (await archive.replay(JOB, owner)).task == "mean of numbers"
    await jobs.close()
    await archive.close()


def test_every_form_that_was_ever_kept_is_tested() -> None:
    """Whoever raises the number keeps a store of the form before it here, and says how it is read."""
    forms = {int(path.stem.rpartition("-")[2]) for path in KEPT.glob("jobs-form-*.sql")}
    assert forms == set(range(1, VERSION + 1)), "write tests/upgrade/kept/jobs-form-N.sql with `iterdump`"


def newer(folder: Path) -> bytes:
    """Write a store as a later version would; return what it holds."""
    with closing(sqlite3.connect(folder / FILE)) as database:
        database.execute("CREATE TABLE of_tomorrow (a)")
        database.execute(f"PRAGMA user_version = {VERSION + 1}")
        database.commit()
    return (folder / FILE).read_bytes()


def test_the_store_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    """It says what to do; the newer version, once it is back, finds its jobs."""
    before = newer(tmp_path)
    with pytest.raises(StorageError, match="newer gptoss_lab") as refused:
        JobStore(tmp_path)
    assert "move that file away" in refused.value.hint
    assert (tmp_path / FILE).read_bytes() == before
    assert not list(tmp_path.glob(f"{FILE}?*"))


async def test_a_server_on_newer_data_works_and_says_that_it_keeps_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Its list is what it has in memory; the log names the way out."""
    newer(tmp_path)
    jobs, archive = archive_on(tmp_path)
    assert (await archive.list("me")).jobs == ()
    assert "newer gptoss_lab" in archive.fault
    assert "Install the newer version again" in caplog.text
    await jobs.close()
    await archive.close()

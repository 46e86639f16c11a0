"""The reading child: its answers, its limits and its end."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from gptoss_lab.errors import DocumentError, SourceLimitError, SourceRefusedError
from gptoss_lab.papers.child import read_in_child
from gptoss_lab.papers.jobs import ReadJob
from tests.papers.pdf_pages import pdf, shown

Play = Callable[[str], None]


@pytest.fixture
def job(tmp_path: Path) -> ReadJob:
    """Return a job of two pages."""
    page = shown("Words of a paper that is printed here.", 72, 700)
    (tmp_path / "a.pdf").write_bytes(pdf([page, page]))
    folder = tmp_path / "work"
    folder.mkdir()
    return ReadJob(id="p1", uri="a.pdf", location=str(tmp_path / "a.pdf"), name="a.pdf", folder=str(folder))


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Play:
    """Return a way to put a script into the place of the child."""
    real = asyncio.create_subprocess_exec

    def use(script: str) -> None:
        async def other(*_: str, **options: object) -> asyncio.subprocess.Process:
            return await real(sys.executable, "-S", "-c", script, **options)  # type: ignore[arg-type]

        monkeypatch.setattr(asyncio, "create_subprocess_exec", other)

    return use


def children() -> list[psutil.Process]:
    """Return the child processes that run."""
    found = psutil.Process().children(recursive=True)
    return [item for item in found if item.status() != psutil.STATUS_ZOMBIE]


async def test_the_real_child_reads_and_tells_each_page(job: ReadJob) -> None:
    """Then the paper; no process stays."""
    told: list[tuple[str, int, int]] = []
    paper = await read_in_child(job, lambda *step: told.append(step))
    assert (paper.pages, paper.form) == (2, "pdf")
    assert told == [("Reading a.pdf", 0, 0), ("Reading a.pdf", 1, 2), ("Reading a.pdf", 2, 2)]
    assert children() == []


async def test_an_error_keeps_its_kind(job: ReadJob, tmp_path: Path) -> None:
    """And what to do about it."""
    (tmp_path / "a.txt").write_text("words")
    with pytest.raises(SourceRefusedError, match="not a paper") as caught:
        await read_in_child(
            job.model_copy(update={"location": str(tmp_path / "a.txt"), "name": "a.txt"}), lambda *_: None
        )
    assert "PDF" in caught.value.hint


async def test_cancel_kills_the_child(job: ReadJob, tmp_path: Path) -> None:
    """Even where it waits for the disk."""
    os.mkfifo(tmp_path / "b.pdf")
    running = asyncio.Event()
    waiting = job.model_copy(update={"location": str(tmp_path / "b.pdf")})
    call = asyncio.create_task(read_in_child(waiting, lambda *_: running.set()))
    await asyncio.wait_for(running.wait(), 60)
    assert children()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert children() == []


async def test_too_much_time_names_the_limit(job: ReadJob, play: Play) -> None:
    """A child that is slow is killed."""
    play("import time; time.sleep(60)")
    with pytest.raises(SourceLimitError, match="more than 0 s") as caught:
        await read_in_child(job.model_copy(update={"timeout_s": 0.1}), lambda *_: None)
    assert "read_timeout_s" in caught.value.hint
    assert children() == []


async def test_too_little_memory_is_said(job: ReadJob) -> None:
    """Instead of a crash of the server."""
    with pytest.raises((SourceLimitError, DocumentError)):
        await read_in_child(job.model_copy(update={"memory_bytes": 40 << 20}), lambda *_: None)
    assert children() == []


@pytest.mark.parametrize(
    ("script", "kind", "message"),
    [
        ("import sys; sys.exit('no such module')", DocumentError, "status 1: no such module"),
        ("import os; os.kill(os.getpid(), 9)", SourceLimitError, "signal 9"),
        ("print('not JSON', flush=True); input()", DocumentError, "failed"),
        ('print(\'{"failure": {"code": "other", "message": "odd"}}\')', DocumentError, "odd"),
    ],
)
async def test_what_a_child_may_do(
    job: ReadJob, play: Play, script: str, kind: type[Exception], message: str
) -> None:
    """Ending early, killed, talking nonsense: each is typed."""
    play(script)
    with pytest.raises(kind, match=message):
        await asyncio.wait_for(read_in_child(job, lambda *_: None), 60)
    assert children() == []

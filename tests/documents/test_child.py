"""A parse job in a child process: its answers, its limits and its end."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from gptoss_lab.documents.child import parse_in_child
from gptoss_lab.documents.jobs import ParseJob
from gptoss_lab.errors import DocumentError, SourceLimitError, StorageError
from gptoss_lab.schemas.documents import IndexProgress

Play = Callable[[str], None]


@pytest.fixture
def job(tmp_path: Path) -> ParseJob:
    """Return a job of one page that nothing was written to yet."""
    page = {"path": "a.md", "location": str(tmp_path / "a.md"), "sha256": "0", "media": "markdown"}
    return ParseJob.model_validate({
        "source": "x",
        "title": "x",
        "output": str(tmp_path / "out"),
        "files": [page],
    })


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Play:
    """Return a way to put a script into the place of the worker."""
    real = asyncio.create_subprocess_exec

    def use(script: str) -> None:
        async def other(*_: str, **options: object) -> asyncio.subprocess.Process:
            return await real(sys.executable, "-S", "-c", script, **options)  # type: ignore[arg-type]

        monkeypatch.setattr(asyncio, "create_subprocess_exec", other)

    return use


def ignore(_: IndexProgress) -> None:
    """Take a step and do nothing."""


def children() -> list[psutil.Process]:
    """Return the child processes that run."""
    found = psutil.Process().children(recursive=True)
    return [item for item in found if item.status() != psutil.STATUS_ZOMBIE]


async def test_the_real_child_builds_the_index(job: ParseJob, tmp_path: Path) -> None:
    """Steps come while it works; then the result."""
    (tmp_path / "a.md").write_text("# Words\n\nmany words\n")
    steps: list[IndexProgress] = []
    result = await parse_in_child(job, steps.append)
    assert (result.chunks, [step.step for step in steps]) == (1, ["parse", "index"])
    assert children() == []


async def test_cancel_kills_the_child(job: ParseJob, tmp_path: Path) -> None:
    """A cancelled call leaves no process, even where the child waits for the disk."""
    os.mkfifo(tmp_path / "a.md")
    running = asyncio.Event()
    call = asyncio.create_task(parse_in_child(job, lambda _: running.set()))
    await asyncio.wait_for(running.wait(), 20)
    assert children()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert children() == []


async def test_too_much_time_names_the_limit(job: ParseJob, play: Play) -> None:
    """A child that is slow is killed."""
    play("import time; time.sleep(30)")
    with pytest.raises(SourceLimitError, match="more than 0 s") as caught:
        await parse_in_child(job.model_copy(update={"timeout_s": 0.1}), ignore)
    assert "parse_timeout_s" in caught.value.hint
    assert children() == []


@pytest.mark.parametrize(
    ("script", "kind", "message"),
    [
        ("import sys; sys.exit('no such module')", DocumentError, "status 1: no such module"),
        ("import os; os.kill(os.getpid(), 9)", SourceLimitError, "signal 9"),
        ("print('not JSON', flush=True); input()", DocumentError, "failed"),
        ("print('x' * 2_000_000, flush=True); input()", DocumentError, "failed"),
        ("print('{}'); import sys; sys.stderr.write('y' * 3_000_000)", DocumentError, "status 0: y"),
        ('print(\'{"failure": {"code": "storage", "message": "full"}}\')', StorageError, "full"),
        ('print(\'{"failure": {"code": "other", "message": "odd"}}\')', DocumentError, "odd"),
    ],
)
async def test_what_a_child_may_do(
    job: ParseJob, play: Play, script: str, kind: type[Exception], message: str
) -> None:
    """Ending early, killed, talking nonsense, without end or of an unknown error: each is typed."""
    play(script)
    with pytest.raises(kind, match=message):
        await asyncio.wait_for(parse_in_child(job, ignore), 20)
    assert children() == []


async def test_a_report_that_fails_ends_the_child(job: ParseJob, tmp_path: Path) -> None:
    """An error of the listener is its own, and no process stays."""
    os.mkfifo(tmp_path / "a.md")

    def fail(_: IndexProgress) -> None:
        raise RuntimeError("listener")

    with pytest.raises(RuntimeError, match="listener"):
        await parse_in_child(job, fail)
    assert children() == []

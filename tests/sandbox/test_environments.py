"""Environments built from a wheel made here: no index, no network."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
import zipfile
from pathlib import Path

import psutil
import pytest

from gptoss_lab.errors import SandboxError, StorageError
from gptoss_lab.sandbox.environment_install import PipProgress
from gptoss_lab.sandbox.environments import Environments
from gptoss_lab.sandbox.lock import Lock, python_lock
from tests.fakes.wheels import ignore, only_these_wheels, write_wheel

Steps = list[tuple[str, int, int]]


@pytest.fixture
def environments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environments:
    """Environments that hold one small package from a folder of wheels."""
    lock = write_wheel(tmp_path / "wheels")
    only_these_wheels(tmp_path / "wheels", monkeypatch)
    return Environments(tmp_path / "environments", lock)


async def test_builds_once_and_finds_it_again(environments: Environments) -> None:
    """The packages are listed, readable by all, and compiled; the second build does nothing."""
    steps: Steps = []

    async def report(*step: object) -> None:
        steps.append((str(step[0]), int(str(step[1])), int(str(step[2]))))

    assert environments.find("python") is None
    image = await environments.build("python", report)
    assert image.packages == {"tinylib": "1.2"}
    assert (image.id, image.runtime, image.tag) == (
        environments.id,
        "bubblewrap",
        f"gptoss-sandbox-python:{image.id}",
    )
    assert steps[0][0] == "Preparing the environment"
    assert steps[-1] == ("Installed 1 packages", 1, 1)
    folder = environments.packages_folder(image.id)
    assert folder is not None
    assert all(path.stat().st_mode & 0o004 for path in folder.rglob("*"))
    assert list(folder.glob("__pycache__/tinylib.*.pyc"))
    started = time.monotonic()
    assert await environments.build("python", ignore) == image
    assert time.monotonic() - started < 0.5
    assert environments.find("python") == image
    assert environments.find("r") is None


async def test_is_readable_whatever_the_umask(environments: Environments) -> None:
    """A private umask of the server does not keep the sandbox's user out."""
    previous = os.umask(0o077)
    try:
        image = await environments.build("python", ignore)
    finally:
        os.umask(previous)
    folder = environments.packages_folder(image.id)
    assert folder is not None
    assert folder.stat().st_mode & 0o005 == 0o005
    assert (folder / "tinylib.py").stat().st_mode & 0o004


async def test_two_builders_make_one_environment(environments: Environments, tmp_path: Path) -> None:
    """Whoever is second waits for the first and takes what it made."""
    other = Environments(tmp_path / "environments", write_wheel(tmp_path / "wheels"))
    said: list[str] = []

    async def report(text: str, _done: int, _total: int) -> None:
        said.append(text)

    first, second = await asyncio.gather(environments.build("python", report), other.build("python", report))
    assert first == second
    assert said.count("Waiting for another build to end") == 1
    assert said.count("Preparing the environment") == 1


async def test_tells_why_a_build_failed_and_leaves_nothing(
    tmp_path: Path, environments: Environments
) -> None:
    """The message ends with pip's own words; no folder stays."""
    broken = Environments(
        tmp_path / "environments", Lock(f"no-such-package-here==1 --hash=sha256:{'0' * 64}")
    )
    with pytest.raises(SandboxError, match="No matching distribution found for no-such-package-here"):
        await broken.build("python", ignore)
    assert [path.name for path in (tmp_path / "environments").iterdir()] == [".lock"]
    assert environments.images() == []


async def test_refuses_a_file_that_is_not_the_locked_one(environments: Environments, tmp_path: Path) -> None:
    """An index that serves another file under the same name and version builds nothing."""
    with zipfile.ZipFile(tmp_path / "wheels" / "tinylib-1.2-py3-none-any.whl", "a") as wheel:
        wheel.writestr("extra.py", "")
    with pytest.raises(SandboxError, match="DO NOT MATCH THE HASHES"):
        await environments.build("python", ignore)
    assert environments.images() == []


async def test_cancel_kills_pip_and_leaves_nothing(environments: Environments, tmp_path: Path) -> None:
    """A build that is cancelled while pip runs ends its processes and removes its folder."""
    before = set(psutil.Process().children(recursive=True))
    collecting = asyncio.Event()

    async def report(text: str, _done: int, _total: int) -> None:
        if not text.startswith("Preparing"):
            collecting.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(environments.build("python", report))
    await asyncio.wait_for(collecting.wait(), 60)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    left = set(psutil.Process().children(recursive=True)) - before
    assert not [process for process in left if process.status() != psutil.STATUS_ZOMBIE]
    assert [path.name for path in (tmp_path / "environments").iterdir()] == [".lock"]


async def test_says_when_the_disk_is_full_or_read_only(
    environments: Environments, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pip's words for a full disk and our own failure to write become a storage error."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be written"):
        await Environments(tmp_path / "file" / "below", python_lock()).build("python", ignore)
    fake = tmp_path / "pip-that-fails"
    fake.write_text("#!/bin/sh\necho 'ERROR: [Errno 28] No space left on device'\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setattr("gptoss_lab.sandbox.environment_install.sys.executable", str(fake))
    with pytest.raises(StorageError, match="disk is full"):
        await environments.build("python", ignore)


async def test_removes_what_is_asked_and_what_the_dead_left(
    environments: Environments, tmp_path: Path
) -> None:
    """Unknown and malformed names remove nothing; leftovers of living servers stay."""
    image = await environments.build("python", ignore)
    folder = tmp_path / "environments"
    for name in ("0" * 16, "../wheels", "", ".lock"):
        assert not environments.remove(name)
    assert environments.remove(image.id)
    assert environments.images() == []
    for name in (".building-999999999-a", f".building-{os.getpid()}-b", ".removing-999999999-c"):
        (folder / name).mkdir()
    assert environments.reap() == 2
    assert sorted(path.name for path in folder.iterdir()) == sorted([f".building-{os.getpid()}-b", ".lock"])


async def test_ignores_a_broken_manifest(environments: Environments, tmp_path: Path) -> None:
    """An environment that was damaged is not there."""
    image = await environments.build("python", ignore)
    (tmp_path / "environments" / image.id / "manifest.json").write_text("{")
    assert environments.find("python") is None
    assert environments.images() == []
    shutil.rmtree(tmp_path / "environments" / image.id)


def test_the_name_follows_the_list(tmp_path: Path) -> None:
    """Another lock is another environment."""
    names = {
        Environments(tmp_path, lock).id for lock in (Lock("a==1"), Lock("a==2"), python_lock(), Lock("a==1"))
    }
    assert len(names) == 3


def test_reads_pips_lines() -> None:
    """Collecting, downloading and installing are steps; the rest is not."""
    progress = PipProgress()
    assert progress.read("Collecting numpy>=2 (from pandas)") == ("Collecting numpy>=2", 1, 0)
    assert progress.read("  Downloading https://x/numpy-2.0-cp311.whl (16 MB)") == (
        "Downloading numpy-2.0-cp311.whl (16 MB)",
        1,
        0,
    )
    assert progress.read("Installing collected packages: a, b, c") == ("Installing 3 packages", 1, 3)
    assert progress.read("Requirement already satisfied: x") is None

"""Two builders of one machine."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from gptoss_lab.errors import StorageError
from gptoss_lab.sandbox.build_lock import FILE, only_builder

HOLD = """
import fcntl, sys
file = open(sys.argv[1], "a")
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


async def ignore(_text: str, _done: int, _total: int) -> None:
    """Report to nobody."""


async def test_another_process_is_waited_for(tmp_path: Path) -> None:
    """That is said; when the other ends, however it ends, the build goes on."""
    other = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HOLD, str(tmp_path / FILE)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert other.stdout is not None
    await other.stdout.readline()
    said: list[str] = []

    async def report(text: str, _done: int, _total: int) -> None:
        said.append(text)
        other.kill()

    async with only_builder(tmp_path, report):
        assert said == ["Waiting for another build to end"]
    await other.communicate()


async def test_one_after_the_other(tmp_path: Path) -> None:
    """Two in one process do not build at once."""
    busy: list[str] = []

    async def build(name: str) -> None:
        async with only_builder(tmp_path, ignore):
            busy.append(name)
            assert len(busy) == 1
            await asyncio.sleep(0)
            busy.remove(name)

    await asyncio.gather(build("a"), build("b"))
    assert not busy


async def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """With its name."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="file/below cannot be written"):
        async with only_builder(tmp_path / "file" / "below", ignore):
            pass

"""Environments in one file: what comes back is what was saved, and nothing else comes in."""

from __future__ import annotations

import asyncio
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gptoss_lab.errors import ImageMissingError, RequestError
from gptoss_lab.sandbox.archives import HEADER, NotOursError
from gptoss_lab.sandbox.environment_archive import load_environment, save_environment
from gptoss_lab.sandbox.environment_layers import extend_environment
from gptoss_lab.sandbox.environments import Environments
from gptoss_lab.sandbox.lock import Lock
from gptoss_lab.sandbox.runtime import Wish
from gptoss_lab.schemas.execution import SandboxImage
from tests.fakes.wheels import ignore, only_these_wheels, write_wheel


class Built(NamedTuple):
    """Environments of which one is built, and that one in a file."""

    here: Environments
    stock: SandboxImage
    file: Path


async def build(folder: Path, lock: Lock) -> Built:
    """Build and save."""
    here = Environments(folder / "here", lock)
    stock = await here.build("python", ignore)
    await save_environment(here, stock, folder / "image.tar", force=False)
    return Built(here, stock, folder / "image.tar")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    """One for all tests, for it takes seconds; another package is to be had."""
    folder = tmp_path_factory.mktemp("built")
    lock = write_wheel(folder / "wheels")
    write_wheel(folder / "wheels", "extra", "2.0")
    with pytest.MonkeyPatch.context() as monkeypatch:
        only_these_wheels(folder / "wheels", monkeypatch)
        yield asyncio.run(build(folder, lock))


@pytest.fixture
def here(built: Built) -> Environments:
    """The environments of this machine."""
    return built.here


@pytest.fixture
def there(tmp_path: Path) -> Environments:
    """The environments of another machine: none yet."""
    return Environments(tmp_path / "there")


@pytest.fixture
def stock(built: Built) -> SandboxImage:
    """A built environment."""
    return built.stock


@pytest.fixture
def file(built: Built, tmp_path: Path) -> Path:
    """It, in a file."""
    return Path(shutil.copy(built.file, tmp_path))


async def test_what_comes_back_is_what_was_saved(
    file: Path, stock: SandboxImage, here: Environments, there: Environments
) -> None:
    """The same description, files and times; everyone may read them; a second load changes nothing."""
    loaded = await load_environment(there, file, ignore)
    assert loaded == stock.model_copy(update={"size_bytes": loaded.size_bytes})
    assert there.images() == [loaded]
    ours, theirs = here.packages_folder(stock.id), there.packages_folder(stock.id)
    assert ours is not None
    assert theirs is not None
    names = {path.relative_to(ours) for path in ours.rglob("*")}
    assert names == {path.relative_to(theirs) for path in theirs.rglob("*")}
    for name in names:
        assert (theirs / name).stat().st_mode & 0o004
        if (ours / name).is_file():
            assert (ours / name).read_bytes() == (theirs / name).read_bytes()
            assert int((ours / name).stat().st_mtime) == int((theirs / name).stat().st_mtime)
    assert await load_environment(there, file, ignore) == loaded


async def test_an_addition_is_carried_whole(
    here: Environments, there: Environments, stock: SandboxImage, tmp_path: Path
) -> None:
    """What lies below it need not be there."""
    made = await extend_environment(here, stock, Wish(("extra",)), ignore)
    await save_environment(here, made, tmp_path / "added.tar", force=False)
    loaded = await load_environment(there, tmp_path / "added.tar", ignore)
    assert (loaded.id, loaded.parent, loaded.added) == (made.id, stock.tag, ("extra",))
    folder = there.packages_folder(made.id)
    program = "import extra, tinylib; print(extra.VERSION, tinylib.VERSION)"
    words = [sys.executable, "-S", "-c", program]
    run = await asyncio.to_thread(
        subprocess.run, words, env={"PYTHONPATH": str(folder)}, capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == ["2.0", "1.2"]


Change = Callable[[list[tuple[tarfile.TarInfo, bytes]]], None]


def rewrite(file: Path, change: Change) -> None:
    """Write the archive anew with its members changed."""
    with tarfile.open(file) as archive:
        members = []
        for member in archive.getmembers():
            source = archive.extractfile(member)
            members.append((member, source.read() if source is not None else b""))
    change(members)
    with tarfile.open(file, "w") as archive:
        for member, content in members:
            archive.addfile(member, io.BytesIO(content))


def member(name: str, content: bytes = b"x", kind: bytes = tarfile.REGTYPE, target: str = "") -> Change:
    """Return a change that puts one more member at the end."""

    def change(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
        entry = tarfile.TarInfo(name)
        entry.size = len(content) if kind == tarfile.REGTYPE else 0
        entry.type, entry.linkname = kind, target
        members.append((entry, content if kind == tarfile.REGTYPE else b""))

    return change


def described(**fields: Any) -> Change:
    """Return a change of the description, and of its image where a field is one of the image's."""

    def change(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
        entry, text = members[0]
        header = json.loads(text)
        for name, value in fields.items():
            (header if name in header else header["image"])[name] = value
        content = json.dumps(header).encode()
        entry.size = len(content)
        members[0] = (entry, content)

    return change


def contents(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
    """Change one byte of a file."""
    index = next(number for number, (entry, _) in enumerate(members) if entry.name.endswith("tinylib.py"))
    entry, content = members[index]
    members[index] = (entry, content[:-1] + b"#")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (member("../escape"), "no file of an environment"),
        (member("/etc/escape"), "no file of an environment"),
        (member("site-packages/../../escape"), "no file of an environment"),
        (member("site-packages/./escape"), "no file of an environment"),
        (member("other/escape"), "no file of an environment"),
        (member("site-packages"), "no file of an environment"),
        (
            member("site-packages/link", kind=tarfile.SYMTYPE, target="/etc/passwd"),
            "no file of an environment",
        ),
        (member("site-packages/link", kind=tarfile.LNKTYPE, target="../x"), "no file of an environment"),
        (member("site-packages/fifo", kind=tarfile.FIFOTYPE), "no file of an environment"),
        (member("site-packages/device", kind=tarfile.CHRTYPE), "no file of an environment"),
        (member("site-packages/" + "a/" * 60 + "x"), "no file of an environment"),
        (member("site-packages/more.py"), "larger than it says"),
        (member("site-packages/more.py", b""), "not those that it describes"),
        (member("site-packages/tinylib.py", b""), "damaged"),
        (contents, "not those that it describes"),
        (described(id="0" * 16), "does not follow"),
        (described(lock_sha256="0" * 64), "does not follow"),
        (described(tag="python:3.12"), "does not follow"),
        (described(kernel="mine"), "does not follow"),
        (described(packages={"tinylib": "9.9"}), "packages are not"),
        (described(format=2), "does not say what it holds"),
        (described(files=10**9), "does not say what it holds"),
        (described(extra=1), "does not say what it holds"),
        (lambda members: members.pop(0), "does not say what it holds"),
    ],
)
async def test_nothing_else_comes_in(
    file: Path, there: Environments, tmp_path: Path, change: Change, words: str
) -> None:
    """A file that is not as it was saved leaves nothing here, and writes nowhere else."""
    rewrite(file, change)
    with pytest.raises(NotOursError, match=words):
        await load_environment(there, file, ignore)
    assert there.images() == []
    assert left_over(tmp_path) == []


def left_over(folder: Path) -> list[str]:
    """Return what an attempt has left behind, here or outside."""
    built = [path.name for path in (folder / "there").glob("*") if path.name != ".lock"]
    return built + [str(path) for path in folder.rglob("escape")]


@pytest.mark.parametrize("member", [0, 1, -1])
async def test_a_file_that_was_cut_short_is_told(
    file: Path, there: Environments, tmp_path: Path, member: int
) -> None:
    """Wherever it was cut."""
    with tarfile.open(file) as archive:
        cut = archive.getmembers()[member].offset_data + 1
    os.truncate(file, cut)
    with pytest.raises(NotOursError):
        await load_environment(there, file, ignore)
    assert left_over(tmp_path) == []


async def test_another_python_cannot_use_it(file: Path, there: Environments) -> None:
    """Compiled modules are for one version and machine: both are named."""
    rewrite(file, described(base="cpython-27, vax, glibc"))
    with pytest.raises(RequestError, match="is for cpython-27, vax, glibc, and this server runs cpython-3"):
        await load_environment(there, file, ignore)


async def test_what_is_not_here_is_not_saved(
    there: Environments, stock: SandboxImage, tmp_path: Path
) -> None:
    """Nor is the environment of a person's own kernel."""
    mirror = stock.model_copy(update={"kernel": "mine"})
    with pytest.raises(RequestError, match="the kernel mine itself"):
        await save_environment(there, mirror, tmp_path / "out.tar", force=False)
    with pytest.raises(ImageMissingError):
        await save_environment(there, stock, tmp_path / "out.tar", force=False)
    assert not (tmp_path / "out.tar").exists()


def test_the_description_comes_first(file: Path) -> None:
    """So that a reader need not search."""
    with tarfile.open(file) as archive:
        assert archive.getnames()[0] == HEADER

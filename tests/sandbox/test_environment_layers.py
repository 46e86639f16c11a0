"""Packages on top of an environment, from wheels made here: no index, no network."""

from __future__ import annotations

import asyncio
import zipfile
from pathlib import Path

import pytest

from gptoss_lab.errors import ConflictError, ImageMissingError, PackageRefusedError
from gptoss_lab.sandbox.environment_layers import extend_environment
from gptoss_lab.sandbox.environments import Environments
from gptoss_lab.sandbox.runtime import Wish
from gptoss_lab.schemas.execution import SandboxImage
from tests.fakes.wheels import ignore, only_these_wheels, write_wheel


@pytest.fixture
def environments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environments:
    """Environments with one small package, and more on an index that is a folder."""
    wheels = tmp_path / "wheels"
    lock = write_wheel(wheels)
    write_wheel(wheels, "extra", "2.0", requires=["helper"])
    write_wheel(wheels, "helper", "0.1")
    write_wheel(wheels, "newer", "1.0", requires=["tinylib>=2"])
    write_wheel(wheels, "tinylib", "2.0")
    only_these_wheels(wheels, monkeypatch)
    return Environments(tmp_path / "environments", lock)


@pytest.fixture
async def stock(environments: Environments) -> SandboxImage:
    """The environment as it is without additions."""
    return await environments.build("python", ignore)


async def test_what_was_asked_for_and_what_it_needs_are_added(
    environments: Environments, stock: SandboxImage
) -> None:
    """The new environment holds all; the one below is as it was, and says so by its files."""
    made = await extend_environment(environments, stock, Wish(("extra",)), ignore)
    assert made.packages == {"extra": "2.0", "helper": "0.1", "tinylib": "1.2"}
    assert (made.parent, made.added) == (stock.tag, ("extra",))
    assert made.id != stock.id
    assert made.lock_sha256
    assert environments.get(stock.id) == stock
    below, above = environments.packages_folder(stock.id), environments.packages_folder(made.id)
    assert below is not None
    assert above is not None
    assert (below / "tinylib.py").samefile(above / "tinylib.py")
    assert not (below / "extra.py").exists()
    assert all(path.stat().st_mode & 0o004 for path in above.rglob("*"))


async def test_the_same_wish_is_the_same_environment(
    environments: Environments, stock: SandboxImage, tmp_path: Path
) -> None:
    """Its name is a hash of what it holds, so it is found again; nothing half-built is left."""
    first = await extend_environment(environments, stock, Wish(("extra",)), ignore)
    assert await extend_environment(environments, stock, Wish(("extra",)), ignore) == first
    names = {path.name for path in (tmp_path / "environments").iterdir()}
    assert names == {".lock", stock.id, first.id}


@pytest.mark.parametrize(
    ("wish", "words", "package"),
    [
        (Wish(("no-such-thing",)), "no package no-such-thing", "no-such-thing"),
        (Wish(("tinylib",)), "in the environment already", ""),
        (Wish(("newer",)), "cannot be added to what the environment holds", ""),
        (Wish(("extra",), frozenset({"helper"})), "does not allow the package helper", "helper"),
    ],
)
async def test_a_wish_that_cannot_be_met_leaves_nothing(
    environments: Environments, stock: SandboxImage, tmp_path: Path, wish: Wish, words: str, package: str
) -> None:
    """Unknown, there already, in conflict with what is installed, or denied although only needed."""
    with pytest.raises(PackageRefusedError, match=words) as caught:
        await extend_environment(environments, stock, wish, ignore)
    assert caught.value.package == package
    assert {path.name for path in (tmp_path / "environments").iterdir()} == {".lock", stock.id}


async def test_no_sdists_code_runs(environments: Environments, stock: SandboxImage, tmp_path: Path) -> None:
    """A package that is only there as source is not had at all."""
    with zipfile.ZipFile(tmp_path / "wheels" / "sourceonly-1.0.zip", "w") as archive:
        archive.writestr("sourceonly-1.0/setup.py", f"open({str(tmp_path / 'ran')!r}, 'w')")
        archive.writestr("sourceonly-1.0/PKG-INFO", "Metadata-Version: 1.0\nName: sourceonly\nVersion: 1.0\n")
    with pytest.raises(PackageRefusedError, match="no package sourceonly"):
        await extend_environment(environments, stock, Wish(("sourceonly",)), ignore)
    assert not (tmp_path / "ran").exists()


async def test_cancel_leaves_nothing(environments: Environments, stock: SandboxImage, tmp_path: Path) -> None:
    """An addition that is stopped while it is prepared is gone."""
    reached = asyncio.Event()

    async def report(text: str, _done: int, _total: int) -> None:
        if text.startswith("Looking"):
            reached.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(extend_environment(environments, stock, Wish(("extra",)), report))
    await asyncio.wait_for(reached.wait(), 60)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert {path.name for path in (tmp_path / "environments").iterdir()} == {".lock", stock.id}


async def test_an_environment_that_is_gone_is_told(environments: Environments, stock: SandboxImage) -> None:
    """Nothing is added to what is not there."""
    assert environments.remove(stock.id)
    with pytest.raises(ImageMissingError):
        await extend_environment(environments, stock, Wish(("extra",)), ignore)


async def test_what_is_in_use_is_not_removed(environments: Environments, stock: SandboxImage) -> None:
    """Until it is let go of; others may use it meanwhile."""
    held, second = environments.hold(stock.id), environments.hold(stock.id)
    assert held is not None
    assert second is not None
    second.close()
    with pytest.raises(ConflictError, match="in use"):
        environments.remove(stock.id)
    held.close()
    assert environments.remove(stock.id)
    assert environments.hold(stock.id) is None


async def test_it_is_not_copied(environments: Environments, stock: SandboxImage) -> None:
    """What both hold is on the disk once."""
    made = await extend_environment(environments, stock, Wish(("extra",)), ignore)
    folder = environments.packages_folder(made.id)
    assert folder is not None
    assert (folder / "tinylib.py").stat().st_nlink == 2

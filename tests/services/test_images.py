"""Building, finding, removing and pruning, over runtimes that build nothing."""

from __future__ import annotations

import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from gptoss_lab.errors import (
    ConflictError,
    NotFoundError,
    PackageRefusedError,
    RequestError,
    SandboxUnavailableError,
)
from gptoss_lab.sandbox.additions import Additions
from gptoss_lab.sandbox.archives import HEADER
from gptoss_lab.schemas.config import SandboxConfig
from gptoss_lab.services.images import ImageService
from tests.fakes.images import ImageRuntime
from tests.fakes.kernelspecs import use_kernelspecs, write_kernelspec
from tests.fakes.wheels import ignore


@pytest.fixture
def additions(tmp_path: Path) -> Additions:
    """Nothing was added yet."""
    return Additions(tmp_path / "additions.json")


def service(additions: Additions, *runtimes: ImageRuntime, **config: Any) -> ImageService:
    """Return the images of some runtimes."""
    return ImageService(config=SandboxConfig(**config), runtimes=runtimes, additions=additions)


async def test_builds_with_the_runtime_that_would_run_or_with_the_named_one(additions: Additions) -> None:
    """A named runtime that is off is not replaced."""
    off, on = ImageRuntime("docker", available=False), ImageRuntime("bubblewrap", image_ready=False)
    images = service(additions, off, on)
    assert (await images.build("python", ignore)).runtime == "bubblewrap"
    with pytest.raises(SandboxUnavailableError, match="fake docker is off"):
        await images.build("python", ignore, runtime="docker")
    with pytest.raises(SandboxUnavailableError, match="allows no such runtime"):
        await service(additions, on).build("python", ignore, runtime="docker")


async def test_what_was_added_to_another_version_is_added_again(additions: Additions) -> None:
    """The new version's image is built, the packages are put on it, and that is remembered."""
    runtime = ImageRuntime("docker", additions=additions)
    images = service(additions, runtime)
    (old,) = await images.images()
    await images.extend(old, ["emoji"], ignore)
    runtime.renew("fake:2")
    assert await runtime.find_image("python") is None
    built = await images.build("python", ignore)
    assert (built.parent, built.added) == ("fake:2", ("emoji",))
    assert await images.build("python", ignore) == built
    entry = additions.get("docker", "python")
    assert entry is not None
    assert (entry.stock, entry.image, entry.packages) == ("fake:2", built.id, ("emoji",))


async def test_only_what_would_be_started_is_remembered(additions: Additions) -> None:
    """What is put on an old image changes nothing for later starts."""
    runtime = ImageRuntime("docker", additions=additions)
    images = service(additions, runtime)
    (stock,) = await images.images()
    first = await images.extend(stock, ["emoji"], ignore)
    await images.extend(stock, ["other"], ignore)
    entry = additions.get("docker", "python")
    assert entry is not None
    assert entry.image == first.id


async def test_the_denied_stays_denied_when_it_is_added_again(additions: Additions) -> None:
    """The runtime is told what may not come, in the index's own form of the names."""
    runtime = ImageRuntime("docker")
    (stock,) = await runtime.images()
    await service(additions, runtime, packages_denied=("Bad_Thing",)).extend(stock, ["emoji"], ignore)
    assert runtime.wishes[-1].denied == {"bad-thing"}
    with pytest.raises(PackageRefusedError):
        await service(additions, runtime).extend(stock, ["missing"], ignore)


async def test_finds_by_a_part_of_the_id(additions: Additions) -> None:
    """An unknown name is a mistake of the person, with a hint."""
    images = service(additions, ImageRuntime("docker"))
    assert (await images.find("fake:1")).id == "sha256:fake"
    with pytest.raises(NotFoundError) as caught:
        await images.find("nothing")
    assert "sandbox list" in caught.value.hint


async def test_removing_what_was_added_takes_it_away(additions: Additions) -> None:
    """Later starts have the stock image again."""
    runtime = ImageRuntime("docker", additions=additions)
    images = service(additions, runtime)
    (stock,) = await images.images()
    made = await images.extend(stock, ["emoji"], ignore)
    assert (await images.remove(made.tag)).id == made.id
    assert additions.get("docker", "python") is None
    assert await images.images() == [stock]


async def test_prunes_what_is_of_another_version(additions: Additions) -> None:
    """What is in use stays and is told; a dry run removes nothing."""
    runtime = ImageRuntime("docker", additions=additions)
    images = service(additions, runtime)
    (old,) = await images.images()
    old_added = await images.extend(old, ["emoji"], ignore)
    runtime.renew("fake:2")
    runtime.busy = {old_added.id}
    (new, *_) = await images.images()
    dry = await images.prune(dry_run=True)
    assert [image.id for image in dry.removed] == [old_added.id, old.id]
    assert len(await images.images()) == 3
    pruned = await images.prune()
    assert (pruned.removed, pruned.in_use) == ((old,), (old_added,))
    assert [image.id for image in await images.images()] == [new.id, old_added.id]
    with pytest.raises(ConflictError):
        await images.remove(old_added.id)


async def test_a_runtime_that_does_not_answer_is_left_out(additions: Additions) -> None:
    """Its images are neither listed nor pruned."""
    off = ImageRuntime("docker", available=False)
    images = service(additions, off, ImageRuntime("bubblewrap"))
    assert [image.runtime for image in await images.images()] == ["bubblewrap"]
    assert (await images.prune()).removed == ()


async def test_an_image_travels_in_a_file(additions: Additions, tmp_path: Path) -> None:
    """It is written by its own runtime, and taken by the one that the file is for."""
    file = tmp_path / "image.tar"
    docker, bubblewrap = ImageRuntime("docker"), ImageRuntime("bubblewrap")
    saved = await service(additions, docker).save("fake:1", file)
    assert (saved.runtime, file.exists()) == ("docker", True)
    with tarfile.open(tmp_path / "ours.tar", "w") as archive:
        archive.addfile(tarfile.TarInfo(HEADER))
    with pytest.raises(SandboxUnavailableError, match="is for bubblewrap sandboxes"):
        await service(additions, docker).load(tmp_path / "ours.tar", ignore)
    with pytest.raises(RequestError, match="cannot be read as a tar"):
        await service(additions, docker, bubblewrap).load(file, ignore)
    with pytest.raises(NotFoundError):
        await service(additions, docker).save("nothing", file, force=True)


async def test_a_kernels_environment_is_mirrored(
    additions: Additions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the runtime that would run, or the named one; pruning leaves it."""
    use_kernelspecs(tmp_path / "jupyter", monkeypatch)
    write_kernelspec(tmp_path / "jupyter", "mine", [sys.executable])
    off, on = ImageRuntime("docker", available=False), ImageRuntime("bubblewrap")
    images = service(additions, off, on)
    made = await images.mirror("mine", ignore)
    assert (made.runtime, made.kernel, "pytest" in made.packages) == ("bubblewrap", "mine", True)
    assert (await images.prune()).removed == ()
    with pytest.raises(SandboxUnavailableError):
        await images.mirror("mine", ignore, runtime="docker")
    with pytest.raises(NotFoundError, match="no kernel nothing"):
        await images.mirror("nothing", ignore)

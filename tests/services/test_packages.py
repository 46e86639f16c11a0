"""Which packages may be added, and what is said of the others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gptoss_lab.errors import (
    ConflictError,
    ImageMissingError,
    NotFoundError,
    PackageRefusedError,
    PolicyError,
)
from gptoss_lab.sandbox.additions import Additions
from gptoss_lab.sandbox.registry import Registry
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.config import SandboxConfig
from gptoss_lab.schemas.sandboxes import PackagesRequest, SandboxRequest
from gptoss_lab.services.images import ImageService
from gptoss_lab.services.kept import KeptSandboxes
from gptoss_lab.services.packages import PackageService, vetted
from gptoss_lab.services.sandboxes import SandboxService
from tests.fakes.images import ImageRuntime
from tests.fakes.kernels import FakeKernels
from tests.fakes.records import make_record
from tests.fakes.sessions import FakeStarter
from tests.fakes.wheels import ignore


def service(
    tmp_path: Path,
    runtime: ImageRuntime,
    sandboxes: SandboxService | None = None,
    changed: Callable[[], object] = lambda: None,
    **config: Any,
) -> PackageService:
    """Return the service over one runtime."""
    made = SandboxConfig(**config)
    images = ImageService(config=made, runtimes=(runtime,), additions=Additions(tmp_path / "additions.json"))
    sandboxes = sandboxes or SandboxService(KeptSandboxes(1, FakeStarter()), Registry())
    return PackageService(config=made, images=images, sandboxes=sandboxes, changed=changed)


@pytest.mark.parametrize(
    ("name", "language", "words", "hint"),
    [
        ("sklearn", "python", "sklearn is what the package scikit-learn is imported as", "Add scikit-learn"),
        ("PIL", "python", "pillow", "Add pillow"),
        ("sqlite3", "python", "a part of Python", "Import it"),
        ("evil @ https://example.org/evil.whl", "python", "only packages of the index", ""),
        ("x; python_version > '3'", "python", "only packages of the index", ""),
        ("--index-url=http://x", "python", "not a package's name", "name==version"),
        ("../wheel.whl", "python", "not a package's name", ""),
        ("", "python", "not a package's name", ""),
        ("Bad_Thing==2", "python", "does not allow the package Bad_Thing", "Ask the administrator"),
        ("-o=x", "r", "not the name of an R package", ""),
        ("a b", "r", "not the name of an R package", ""),
        ("bad-thing", "r", "does not allow", ""),
    ],
)
def test_what_is_no_package_is_refused(name: str, language: Language, words: str, hint: str) -> None:
    """Before any tool or index hears of it."""
    with pytest.raises(PackageRefusedError, match=words) as caught:
        vetted([name], language, denied=["bad-thing"], known=[])
    assert hint in caught.value.hint


def test_plain_requirements_pass() -> None:
    """With extras and versions; a backport that is installed may be named."""
    names = ["polars", "pandas[excel]>=2", " tables==3.10 ", "dataclasses"]
    assert vetted(names, "python", denied=(), known=["dataclasses"]) == [name.strip() for name in names]
    assert vetted(["data.table", "MASS"], "r", denied=(), known=()) == ["data.table", "MASS"]


async def test_adds_to_the_image_that_would_be_started(tmp_path: Path) -> None:
    """Or to the named one."""
    runtime = ImageRuntime("docker")
    packages = service(tmp_path, runtime)
    made = await packages.add("python", ["emoji"], ignore)
    assert (made.parent, made.added) == ("fake:1", ("emoji",))
    beside = await packages.add("python", ["other"], ignore, image="fake:1")
    assert (beside.parent, beside.added) == ("fake:1", ("other",))


async def test_names_that_are_near_are_suggested(tmp_path: Path) -> None:
    """Those that we know and those that are installed."""
    runtime = ImageRuntime("docker")
    runtime.unknown = {"scikit-lern"}
    with pytest.raises(PackageRefusedError, match="no package scikit-lern") as caught:
        await service(tmp_path, runtime).add("python", ["scikit-lern"], ignore)
    assert caught.value.hint == "Did you mean scikit-learn?"


async def test_only_where_it_is_allowed(tmp_path: Path) -> None:
    """The administrator may switch it off."""
    runtime = ImageRuntime("docker")
    with pytest.raises(PolicyError, match="cannot be added"):
        await service(tmp_path, runtime, allow_packages=False).add("python", ["emoji"], ignore)
    assert not runtime.wishes


async def test_only_to_an_image_of_the_language(tmp_path: Path) -> None:
    """One that is there, and for that language."""
    runtime = ImageRuntime("docker")
    packages = service(tmp_path, runtime)
    with pytest.raises(ImageMissingError, match="no r image"):
        await packages.add("r", ["dplyr"], ignore)
    with pytest.raises(ImageMissingError, match="no r image"):
        await packages.add("r", ["dplyr"], ignore, image="fake:1")
    with pytest.raises(NotFoundError):
        await packages.add("python", ["emoji"], ignore, image="nothing")


@pytest.fixture
def registry() -> Registry:
    """The sandboxes that run."""
    return Registry()


async def test_a_notebooks_kernel_starts_anew_with_them(tmp_path: Path, registry: Registry) -> None:
    """In the image that was made, whatever it ran in; another sandbox's wish comes on top of that."""
    additions = Additions(tmp_path / "additions.json")
    runtime = ImageRuntime("docker", additions=additions)
    for name in ("book", "pad"):
        registry.enter(make_record(tmp_path, name, purpose="notebook", image="sha256:fake"))
    kernels = FakeKernels({"book": "book.ipynb", "pad": "pad.ipynb"})
    packages = service(tmp_path, runtime, SandboxService(KeptSandboxes(1, FakeStarter()), registry))
    state = await packages.add_to("book", PackagesRequest(packages=("emoji",)), "anna", kernels)
    assert state.id == "book"
    await packages.add_to("pad", PackagesRequest(packages=("polars",)), "anna", kernels)
    assert kernels.asked == [
        ("restart sha256:fake+emoji", "book"),
        ("restart sha256:fake+emoji+polars", "pad"),
    ]


async def test_a_kept_sandbox_starts_anew_with_them(tmp_path: Path, registry: Registry) -> None:
    """Under its name, for its owner only."""
    starter = FakeStarter(registry, tmp_path)
    sandboxes = SandboxService(KeptSandboxes(1, starter), registry)
    packages = service(tmp_path, ImageRuntime("docker"), sandboxes)
    kept = await sandboxes.start(SandboxRequest(), "anna")
    record = registry.get(kept.id)
    assert record is not None
    record.image = "sha256:fake"
    wish = PackagesRequest(packages=("emoji",))
    with pytest.raises(NotFoundError):
        await packages.add_to(kept.id, wish, "bernd", FakeKernels())
    assert (await packages.add_to(kept.id, wish, "anna", FakeKernels())).id == kept.id
    assert [wanted.image for wanted in starter.wanted] == ["", "sha256:fake+emoji"]
    await sandboxes.close()


async def test_what_cannot_start_anew_gets_nothing(tmp_path: Path, registry: Registry) -> None:
    """That is found before anything is built; a refused package restarts nothing either."""
    runtime = ImageRuntime("docker")
    registry.enter(make_record(tmp_path, "job", owner="anna", image="sha256:fake"))
    registry.enter(make_record(tmp_path, "book", purpose="notebook", image="sha256:fake"))
    kernels = FakeKernels({"book": "book.ipynb"})
    packages = service(tmp_path, runtime, SandboxService(KeptSandboxes(1, FakeStarter()), registry))
    with pytest.raises(ConflictError, match="one execution only"):
        await packages.add_to("job", PackagesRequest(packages=("emoji",)), "anna", kernels)
    assert not runtime.wishes
    with pytest.raises(PackageRefusedError):
        await packages.add_to("book", PackagesRequest(packages=("missing",)), "anna", kernels)
    assert kernels.asked == []


async def test_the_same_for_two_people_is_built_once(tmp_path: Path) -> None:
    """The second waits, hears that, and finds the packages there."""
    additions = Additions(tmp_path / "additions.json")
    runtime = ImageRuntime("docker", additions=additions)
    packages = service(tmp_path, runtime)
    heard: list[str] = []

    async def hear(text: str, _done: int, _total: int) -> None:
        heard.append(text)

    one, two = await asyncio.gather(
        packages.ensure("python", ["emoji"], ignore), packages.ensure("python", ["Emoji"], hear)
    )
    assert [wish.packages for wish in runtime.wishes] == [("emoji",)]
    assert one.id == two.id
    assert heard == ["waiting for another addition to end"]


async def test_what_comes_of_an_addition_is_told(tmp_path: Path) -> None:
    """So that nobody goes on with what is remembered of the image before; a refusal changes nothing."""
    runtime = ImageRuntime("docker")
    runtime.unknown = {"nothere"}
    told: list[str] = []
    packages = service(tmp_path, runtime, changed=lambda: told.append("changed"))
    with pytest.raises(PackageRefusedError):
        await packages.ensure("python", ["nothere"], ignore)
    assert told == []
    await packages.ensure("python", ["emoji"], ignore)
    assert told == ["changed"]

"""A person's own environment as a sandbox's."""

from __future__ import annotations

import venv
from pathlib import Path

import pytest

from gptoss_lab.errors import ImageMissingError, PackageRefusedError
from gptoss_lab.sandbox.bubblewrap_interpreter import ENVIRONMENT
from gptoss_lab.sandbox.environment_mirror import mirror_environment, read_mirror
from gptoss_lab.sandbox.environments import PACKAGES, Environments
from gptoss_lab.sandbox.kernel_environment import read_kernel
from gptoss_lab.schemas.execution import SandboxImage
from tests.fakes.kernelspecs import use_kernelspecs, write_kernelspec
from tests.fakes.wheels import ignore, only_these_wheels, write_wheel
from tests.sandbox.test_kernel_environment import PYTHON, install


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The packages of a virtual environment with the kernel `mine`; ipykernel is to be had."""
    venv.create(tmp_path / "env", symlinks=True)
    specs = use_kernelspecs(tmp_path / "jupyter", monkeypatch)
    write_kernelspec(specs, "mine", [str(tmp_path / "env" / "bin" / "python")])
    write_wheel(tmp_path / "wheels", "ipykernel", "7.0", requires=["helper", "numpy"])
    write_wheel(tmp_path / "wheels", "helper", "1.0")
    only_these_wheels(tmp_path / "wheels", monkeypatch)
    return tmp_path / "env" / "lib" / PYTHON / "site-packages"


@pytest.fixture
def environments(tmp_path: Path) -> Environments:
    """No environments yet."""
    return Environments(tmp_path / "environments")


def names(folder: Path) -> list[str]:
    """Return what lies in a folder."""
    return sorted(path.name for path in folder.iterdir())


async def mirror(environments: Environments) -> SandboxImage:
    """Mirror the kernel."""
    return await mirror_environment(environments, await read_kernel("mine"), ignore)


async def test_nothing_is_copied(environments: Environments, site: Path) -> None:
    """The packages stay where they are; the same environment is the same image."""
    install(site, "ipykernel", "6.0")
    install(site, "edited", "2.0", {"url": "file:///src", "dir_info": {"editable": True}})
    made = await mirror(environments)
    assert (made.kernel, made.packages) == ("mine", {"edited": "2.0", "ipykernel": "6.0"})
    assert made.left_out == ("edited",)
    assert names(environments.place(made.id) / PACKAGES) == []
    assert await mirror(environments) == made
    found = read_mirror(environments, made.id)
    assert found is not None
    assert [folder.name for folder in found.folders] == [site.name]
    assert (found.kernel, found.python) == ("mine", PYTHON)


async def test_a_missing_ipykernel_is_put_beside_it(environments: Environments, site: Path) -> None:
    """With what it needs and the environment lacks; the environment itself is not touched."""
    install(site, "numpy", "2.0")
    before = names(site)
    made = await mirror(environments)
    assert made.packages == {"helper": "1.0", "ipykernel": "7.0", "numpy": "2.0"}
    extras = environments.place(made.id) / PACKAGES
    assert {"helper.py", "ipykernel.py"} <= set(names(extras))
    assert names(site) == before
    found = read_mirror(environments, made.id)
    assert found is not None
    interpreter = found.interpreter(extras)
    assert interpreter.environment()["PYTHONPATH"] == str(ENVIRONMENT / "more" / "0")
    assert str(extras) in interpreter.mounts()


async def test_an_ipykernel_that_does_not_fit_is_refused(
    environments: Environments, site: Path, tmp_path: Path
) -> None:
    """Nothing of the person's is upgraded for it, and nothing is left."""
    assert names(site) == []
    with pytest.raises(PackageRefusedError, match="numpy"):
        await mirror(environments)
    assert names(tmp_path / "environments") == [".lock"]


async def test_an_environment_that_has_changed_is_not_run(environments: Environments, site: Path) -> None:
    """What is recorded must be what runs: it is mirrored again, as another image."""
    install(site, "ipykernel", "6.0")
    made = await mirror(environments)
    install(site, "more", "1.0")
    with pytest.raises(ImageMissingError, match="no longer the one") as caught:
        read_mirror(environments, made.id)
    assert "--from-kernel mine" in caught.value.hint
    assert (await mirror(environments)).id != made.id


async def test_other_environments_mirror_nothing(environments: Environments, tmp_path: Path) -> None:
    """They are read as they are."""
    environments = Environments(tmp_path / "environments", write_wheel(tmp_path / "wheels"))
    assert read_mirror(environments, environments.id) is None

"""Reading a person's kernel from outside, without running anything of it."""

from __future__ import annotations

import json
import platform
import sys
import venv
from pathlib import Path

import pytest

from gptoss_lab.errors import GptossError, NotFoundError, RequestError, SandboxError
from gptoss_lab.sandbox.kernel_environment import fingerprint, read_kernel
from tests.fakes.kernelspecs import use_kernelspecs, write_kernelspec

DESCRIPTION = """echo '{{"python": "python3.0", "prefix": "/", "folders": [], \
"version": "{version}", "implementation": "{implementation}"}}'"""
PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture
def specs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of kernelspecs."""
    return use_kernelspecs(tmp_path / "jupyter", monkeypatch)


@pytest.fixture
def environment(tmp_path: Path, specs: Path) -> Path:
    """The packages of a virtual environment with the kernel `mine`."""
    venv.create(tmp_path / "env", symlinks=True)
    write_kernelspec(specs, "mine", [str(tmp_path / "env" / "bin" / "python")])
    return tmp_path / "env" / "lib" / PYTHON / "site-packages"


def install(folder: Path, name: str, version: str, origin: object = None, installer: str = "pip") -> None:
    """Pretend to have installed a package."""
    info = folder / f"{name}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (info / "INSTALLER").write_text(f"{installer}\n")
    if origin is not None:
        (info / "direct_url.json").write_text(json.dumps(origin))


def write_program(file: Path, script: str) -> str:
    """Write a program that is no Python."""
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return str(file)


async def test_versions_are_read_and_what_no_index_has_is_told(environment: Path) -> None:
    """Editable installs and those of a folder are named; conda's addresses mean nothing."""
    install(environment, "Plain", "1.0")
    install(environment, "edited", "2.0", {"url": "file:///src", "dir_info": {"editable": True}})
    install(environment, "folder", "3.0", {"url": "file:///src", "dir_info": {}})
    install(environment, "forged", "4.0", {"url": "file:///home/conda/x", "dir_info": {}}, installer="conda")
    kernel = await read_kernel("mine")
    assert kernel.packages == {"edited": "2.0", "folder": "3.0", "forged": "4.0", "Plain": "1.0"}
    assert (kernel.local, kernel.editable) == (("edited", "folder"), ("edited",))
    assert (kernel.python, kernel.version) == (PYTHON, platform.python_version())
    (folder,) = kernel.folders
    assert folder.samefile(environment)
    assert (kernel.prefix / "bin" / PYTHON).exists()


async def test_nothing_of_the_environment_runs(environment: Path, tmp_path: Path) -> None:
    """Neither a `.pth` file, nor `sitecustomize`, nor a module that hides one of the library's."""
    note = f"open({str(tmp_path / 'ran')!r}, 'w')"
    (environment / "evil.pth").write_text(f"import sys; {note}\n")
    for name in ("sitecustomize", "json", "platform"):
        (environment / f"{name}.py").write_text(note)
    assert (await read_kernel("mine")).packages == {}
    assert not (tmp_path / "ran").exists()


async def test_an_installation_changes_the_fingerprint(environment: Path) -> None:
    """A removal does too."""
    kernel = await read_kernel("mine")
    before = fingerprint(kernel.folders)
    install(environment, "more", "1.0")
    assert fingerprint(kernel.folders) == [*before, "more-1.0.dist-info"]


async def test_other_kernels_are_refused(specs: Path, tmp_path: Path) -> None:
    """A sandbox's, another language's, one without a path, one that is not there."""
    sandboxed = {"kernel_provisioner": {"provisioner_name": "gptoss-sandbox"}}
    write_kernelspec(specs, "inside", [sys.executable], metadata=sandboxed)
    write_kernelspec(specs, "other", [sys.executable], language="julia")
    write_kernelspec(specs, "relative", ["some-python"])
    write_kernelspec(specs, "gone", [str(tmp_path / "gone")])
    for name, error in (
        ("inside", RequestError),
        ("other", RequestError),
        ("relative", RequestError),
        ("gone", RequestError),
        ("nothing", NotFoundError),
        ("../etc", NotFoundError),
    ):
        with pytest.raises(error):
            await read_kernel(name)


@pytest.mark.parametrize(
    ("script", "error"),
    [
        ("exit 3", SandboxError),
        ("echo nonsense", SandboxError),
        ("echo '[]'", SandboxError),
        ("yes aaaaaaaaaaaaaaaaaaaaaaaa | tr -d '\\n'", SandboxError),
        (DESCRIPTION.format(version="3.9.1", implementation="cpython"), RequestError),
        (DESCRIPTION.format(version="3.11.1", implementation="pypy"), RequestError),
    ],
)
async def test_what_is_no_fit_python_is_told(
    specs: Path, tmp_path: Path, script: str, error: type[GptossError]
) -> None:
    """It fails, talks nonsense, never ends its line, is too old or another implementation."""
    write_kernelspec(specs, "odd", [write_program(tmp_path / "python", script)])
    with pytest.raises(error):
        await read_kernel("odd")

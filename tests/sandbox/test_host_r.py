"""The R of a machine, made of a few files and a program that tells where they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from gptoss_lab.errors import SandboxError
from gptoss_lab.sandbox import host_r


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let a folder be the part of the machine that sandboxes see; nothing was asked before."""
    monkeypatch.setattr(host_r, "SHOWN", tmp_path)
    monkeypatch.setattr(host_r, "SYSTEM_PATH", f"{tmp_path / 'bin'}:/bin")
    monkeypatch.setattr(host_r, "_ASKED", {})
    monkeypatch.setenv("PATH", str(tmp_path / "tools"))
    (tmp_path / "bin").mkdir()
    return tmp_path


def install(machine: Path, *packages: str, libraries: tuple[str, ...] = ("site", "library")) -> None:
    """Put an R there, and packages into its first library; `base` is in the last."""
    folders = [machine / name for name in libraries]
    lines = [str(machine), *map(str, folders)]
    program = machine / "bin" / "R"
    said = "\n".join(lines)
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{said}\nEND\necho $SECRET_CANARY >> {machine}/asked\n")
    program.chmod(0o755)
    add(folders[-1], "base", "4.5.0")
    for package in packages:
        add(folders[0], package, "1.0")


def add(library: Path, package: str, version: str) -> None:
    """Install one version of a package."""
    folder = library / package
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "DESCRIPTION").write_text(f"Package: {package}\nTitle: x\nVersion: {version}\nDepends: R\n")


def test_a_machine_without_r_is_told_the_command(machine: Path) -> None:
    """No R: no environment, and the command of this system that brings one."""
    (machine / "tools").mkdir()
    (machine / "tools" / "apt-get").touch(0o755)
    assert "no R" in host_r.problem()
    assert host_r.image() is None
    assert "sudo apt install r-base-core r-cran-irkernel" in host_r.install_hint()
    with pytest.raises(SandboxError, match="no R"):
        host_r.require()


def test_an_r_without_its_kernel_is_no_environment(machine: Path) -> None:
    """R alone cannot be used by Jupyter; what it lacks is named, and once it is there all is well."""
    install(machine)
    assert "IRkernel" in host_r.problem()
    assert host_r.image() is None
    add(machine / "site", "IRkernel", "1.3.2")
    assert not host_r.problem()
    assert host_r.require().packages["IRkernel"] == "1.3.2"


def test_the_environment_is_named_by_what_is_installed(machine: Path) -> None:
    """It tells every package with its version; an update or another package gives another id."""
    install(machine, "IRkernel", "dplyr")
    first = host_r.require()
    assert first.packages == {"IRkernel": "1.0", "base": "4.5.0", "dplyr": "1.0"}
    assert (first.language, first.runtime, first.id == host_r.require().id) == ("r", "bubblewrap", True)
    add(machine / "site", "dplyr", "1.1")
    second = host_r.require()
    add(machine / "library", "tidyr", "1.0")
    assert len({first.id, second.id, host_r.require().id}) == 3


def test_the_first_library_that_has_a_package_counts(machine: Path) -> None:
    """As in R: a version in the site's library hides the one below it."""
    install(machine, "IRkernel", "MASS")
    add(machine / "library", "MASS", "0.9")
    assert host_r.require().packages["MASS"] == "1.0"


def test_what_a_sandbox_would_not_see_does_not_count(machine: Path, tmp_path: Path) -> None:
    """A library elsewhere, such as the person's own, is left out; an R elsewhere is none."""
    elsewhere = tmp_path.parent / f"{tmp_path.name}-home"
    add(elsewhere, "IRkernel", "1.0")
    install(machine, libraries=(f"../{elsewhere.name}", "library"))
    assert "IRkernel" in host_r.problem()


def test_r_is_asked_once_and_told_nothing(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where R lies does not change; the server's environment is not shown to it."""
    monkeypatch.setenv("SECRET_CANARY", "hush")
    install(machine, "IRkernel")
    for _ in range(3):
        host_r.require()
    assert (machine / "asked").read_text() == "\n"


def test_an_r_that_fails_is_none(machine: Path) -> None:
    """A program that ends badly says nothing of use."""
    (machine / "bin" / "R").write_text("#!/bin/sh\nexit 3\n")
    (machine / "bin" / "R").chmod(0o755)
    assert host_r.image() is None


def test_the_settings_of_the_site_stay_outside(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """R needs the files of its distribution; those that an administrator writes may hold a token."""
    settings = machine / "etc"
    settings.mkdir()
    for name in ("Renviron", "Renviron.site", "Rprofile.site", "ldpaths"):
        (settings / name).touch()
    monkeypatch.setattr(host_r, "ETC", settings)
    shown = [path.name for path in host_r.system_files() if path.parent == settings]
    assert shown == ["Renviron", "ldpaths"]

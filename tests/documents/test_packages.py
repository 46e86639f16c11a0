"""Finding installed packages."""

from __future__ import annotations

from pathlib import Path

import pytest

from gptoss_lab.documents.packages import find_package
from gptoss_lab.errors import SourceNotFoundError
from tests.fakes.documents import install_package


@pytest.mark.parametrize("name", ["mini-tables", "mini_tables", "Mini.Tables", "minitab"])
def test_distribution_and_import_names_work(tmp_path: Path, name: str) -> None:
    """A package is found under either of its names, however they are spelled."""
    install_package(tmp_path)
    found = find_package(name, [(tmp_path, "server")])
    assert (found.name, found.version, found.modules, found.root) == (
        "mini-tables",
        "1.2",
        ("minitab",),
        str(tmp_path),
    )


def test_the_sandbox_copy_wins(tmp_path: Path) -> None:
    """Of two installations the sandbox's is taken, whatever the order."""
    for name in ("server", "sandbox"):
        install_package(tmp_path / name)
    found = find_package("minitab", [(tmp_path / "server", "server"), (tmp_path / "sandbox", "sandbox")])
    assert (found.origin, found.root) == ("sandbox", str(tmp_path / "sandbox"))


def test_the_fingerprint_follows_the_installation(tmp_path: Path) -> None:
    """Another version has another fingerprint; the same one has the same."""
    install_package(tmp_path)
    first = find_package("minitab", [(tmp_path, "server")]).fingerprint
    assert find_package("mini-tables", [(tmp_path, "server")]).fingerprint == first
    install_package(tmp_path, version="1.3")
    assert find_package("minitab", [(tmp_path, "server")]).fingerprint != first


@pytest.mark.parametrize("name", ["minitabs", "mini-table"])
def test_an_unknown_package_names_near_ones(tmp_path: Path, name: str) -> None:
    """The error of a misspelled name says what may have been meant."""
    install_package(tmp_path)
    with pytest.raises(SourceNotFoundError, match=name) as caught:
        find_package(name, [(tmp_path, "server")])
    assert "mini-tables" in caught.value.hint


@pytest.mark.parametrize("name", ["", "..", "../minitab", "a b", "x\0y", "-r", "ü"])
def test_a_name_that_is_none_is_not_found(tmp_path: Path, name: str) -> None:
    """What cannot be a package name never reaches the file system."""
    install_package(tmp_path)
    with pytest.raises(SourceNotFoundError):
        find_package(name, [(tmp_path, "server")])


def test_the_real_scikit_learn_is_found() -> None:
    """The distribution in this environment is found under its import name."""
    import sysconfig  # noqa: PLC0415

    found = find_package("sklearn", [(Path(sysconfig.get_path("purelib")), "server")])
    assert found.name == "scikit-learn"
    assert found.modules == ("sklearn",)

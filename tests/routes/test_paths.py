"""File sources, seen from the folder that JupyterLab shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from gptoss_lab.errors import NotFoundError, PolicyError, SourceNotFoundError, SourceRefusedError
from gptoss_lab.routes.paths import resolve_data, resolve_source
from gptoss_lab.schemas.documents import DocSource


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_relative_path_starts_at_the_root(kind: str, tmp_path: Path) -> None:
    """A named path is resolved whether it exists or not: the reader says so better."""
    source = resolve_source(DocSource.model_validate({"kind": kind, "uri": "a/b"}), tmp_path)
    assert (source.kind, source.uri) == (kind, str(tmp_path / "a/b"))


def test_an_absolute_path_stays(tmp_path: Path) -> None:
    """A person may name any file that the server can read."""
    assert resolve_source(DocSource(kind="file", uri="/x/y"), tmp_path).uri == "/x/y"


def test_an_existing_path_is_found_without_a_kind(tmp_path: Path) -> None:
    """With `auto` an existing path is a path, and anything else stays a package or an address."""
    (tmp_path / "docs").mkdir()
    assert resolve_source(DocSource(uri="docs"), tmp_path).uri == str(tmp_path / "docs")
    assert resolve_source(DocSource(uri="pandas"), tmp_path).uri == "pandas"
    assert resolve_source(DocSource(uri="HTTPS://x.org"), tmp_path).uri == "HTTPS://x.org"


def test_the_home_folder_is_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tilde means what it means in a shell."""
    monkeypatch.setenv("HOME", str(tmp_path))
    assert resolve_source(DocSource(kind="file", uri="~/a.md"), tmp_path / "root").uri == str(
        tmp_path / "a.md"
    )


@pytest.mark.parametrize("uri", ["docs/guide", "/etc/passwd", "~/x", "../x", "a.b/c"])
def test_paths_are_refused_where_files_are_elsewhere(uri: str) -> None:
    """A path of the server's disk is not what the person sees."""
    with pytest.raises(SourceRefusedError, match="not on its own disk"):
        resolve_source(DocSource(uri=uri), None)


def test_packages_and_addresses_work_without_a_disk() -> None:
    """A bare name is then a package, whatever lies on the server's disk."""
    assert resolve_source(DocSource(uri="scikit-learn"), None).kind == "package"
    assert resolve_source(DocSource(uri="https://x.org/a"), None).kind == "auto"
    assert resolve_source(DocSource(kind="package", uri="x"), None).kind == "package"


def test_data_is_found_below_the_root(tmp_path: Path) -> None:
    """A path of the folder that JupyterLab shows becomes the place itself, links resolved."""
    (tmp_path / "study").mkdir()
    (tmp_path / "link").symlink_to("study")
    root = tmp_path.resolve()
    assert resolve_data("study", tmp_path) == str(root / "study")
    assert resolve_data("link", tmp_path) == str(root / "study")
    assert resolve_data(".", tmp_path) == str(root)
    assert resolve_data(str(root / "study"), tmp_path) == str(root / "study")


@pytest.mark.parametrize("path", ["..", "../other", "/etc", "study/../../other", "out"])
def test_data_stays_below_the_root(path: str, tmp_path: Path) -> None:
    """A path that climbs, is elsewhere, or leads out through a link is refused."""
    root = tmp_path / "root"
    for folder in (root / "study", tmp_path / "other"):
        folder.mkdir(parents=True)
    (root / "out").symlink_to(tmp_path / "other")
    with pytest.raises(PolicyError, match="leads out of the folder"):
        resolve_data(path, root)


def test_data_that_is_not_there(tmp_path: Path) -> None:
    """What is missing, or a link to itself, is said to be missing; without a disk nothing can be shown."""
    (tmp_path / "loop").symlink_to("loop")
    for path in ("nothing", "loop", "a\0b"):
        with pytest.raises(NotFoundError, match="no file or folder"):
            resolve_data(path, tmp_path)
    with pytest.raises(PolicyError, match="not on its own disk"):
        resolve_data("study", None)


@pytest.mark.parametrize("uri", ["~\u00fa\u009f/x", "x" * 4000], ids=["nobody", "long"])
def test_a_path_that_no_file_can_have_is_told(tmp_path: Path, uri: str) -> None:
    """A person who is not there, a name that is too long: nothing of it is a fault of ours."""
    with pytest.raises(SourceNotFoundError, match="Nothing can be called"):
        resolve_source(DocSource(kind="folder", uri=uri), tmp_path)

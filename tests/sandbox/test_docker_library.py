"""Sources from an image's archive: only what was asked for, only where it belongs."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from gptoss_lab.errors import StorageError
from gptoss_lab.sandbox import docker_library
from gptoss_lab.sandbox.docker_library import unpack_sources


def _archive(*entries: tarfile.TarInfo) -> list[bytes]:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for entry in entries:
            archive.addfile(entry, io.BytesIO(b"x" * entry.size))
    content = buffer.getvalue()
    return [content[start : start + 700] for start in range(0, len(content), 700)]


def _file(name: str, size: int = 1000) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size = size
    return entry


def _link(name: str, target: str, kind: bytes) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = kind, target
    return entry


def _found(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if not path.is_dir()}


def test_sources_and_metadata_are_taken(tmp_path: Path) -> None:
    """Python text, type stubs and package metadata come out; binaries and tests do not."""
    wanted = {"a/__init__.py", "a/b.pyi", "a/py.typed", "a-1.dist-info/METADATA", "top.py"}
    others = {"a/_fast.so", "a/data.csv", "a/tests/test_b.py", "a/__pycache__/b.pyc", "b/testing_data/x.py"}
    unpack_sources(_archive(*(_file(f"site-packages/{name}") for name in wanted | others)), tmp_path / "root")
    assert _found(tmp_path / "root") == wanted
    assert (tmp_path / "root" / "top.py").stat().st_size == 1000


def test_tricks_of_an_archive_do_nothing(tmp_path: Path) -> None:
    """Links, devices and names that climb are passed over."""
    unpack_sources(
        _archive(
            _file("site-packages/../../evil.py"),
            _file("/etc/evil.py"),
            _link("site-packages/a.py", "/etc/passwd", tarfile.SYMTYPE),
            _link("site-packages/b.py", "site-packages/c.py", tarfile.LNKTYPE),
            _link("site-packages/d.py", "", tarfile.FIFOTYPE),
            _file("site-packages/ok.py"),
        ),
        tmp_path / "root",
    )
    assert _found(tmp_path) == {"root/ok.py"}


def test_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sources over the bound are refused."""
    monkeypatch.setattr(docker_library, "MAX_TOTAL_BYTES", 1500)
    with pytest.raises(StorageError, match="over 1500 bytes"):
        unpack_sources(_archive(_file("s/a.py"), _file("s/b.py")), tmp_path / "root")

"""Files and folders on this machine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gptoss_lab.documents.folders import folder_hash, read_folder, read_one
from gptoss_lab.errors import DocumentError, SourceLimitError, SourceNotFoundError, SourceRefusedError
from gptoss_lab.schemas.config import DocumentConfig

CONFIG = DocumentConfig(max_file_bytes=1000, max_total_bytes=3000, max_files=5)


def test_only_documentation_is_listed(tmp_path: Path) -> None:
    """Other formats, hidden files and generated indexes are not read."""
    for name in ("a.md", "sub/b.html", "c.png", ".d.md", "_static/e.html", "genindex.html", ".git/f.md"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("words")
    files, warnings = read_folder(tmp_path, CONFIG, {})
    assert ([file.path for file in files], warnings) == (["a.md", "sub/b.html"], [])


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    """Neither a file nor a folder outside is read through a link; a link inside is."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.md").write_text("secret")
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "a.md").write_text("words")
    (docs / "b.md").symlink_to(docs / "a.md")
    (docs / "link.md").symlink_to(outside / "secret.md")
    (docs / "other.md").symlink_to(outside / "secret.md")
    (docs / "folder").symlink_to(outside)
    files, warnings = read_folder(docs, CONFIG, {})
    assert [file.path for file in files] == ["a.md", "b.md"]
    (warning,) = warnings
    assert warning.startswith(f"link.md and 1 more were left out: links to {outside}, outside the folder")


def test_known_files_are_not_hashed_again(tmp_path: Path) -> None:
    """While size and time stay the recorded hash is trusted, unless the file is very young."""
    path = tmp_path / "a.md"
    path.write_text("words")
    os.utime(path, (1_000_000, 1_000_000))
    state = path.stat()
    known = {"a.md": ("recorded", state.st_size, state.st_mtime_ns)}
    assert read_folder(tmp_path, CONFIG, known)[0][0].sha256 == "recorded"
    path.write_text("other")
    young = {"a.md": ("recorded", 5, path.stat().st_mtime_ns)}
    assert read_folder(tmp_path, CONFIG, young)[0][0].sha256 != "recorded"


def test_the_hash_of_a_folder_follows_names_and_content(tmp_path: Path) -> None:
    """A renamed file changes it, as a changed one does."""
    (tmp_path / "a.md").write_text("words")
    first = folder_hash(read_folder(tmp_path, CONFIG, {})[0])
    (tmp_path / "a.md").rename(tmp_path / "b.md")
    assert folder_hash(read_folder(tmp_path, CONFIG, {})[0]) != first


def test_limits(tmp_path: Path) -> None:
    """A file over the limit is left out with a warning; a folder over its limits is refused."""
    (tmp_path / "large.md").write_text("x" * 2000)
    (tmp_path / "a.md").write_text("words")
    files, (warning,) = read_folder(tmp_path, CONFIG, {})
    assert len(files) == 1
    assert warning.startswith("large.md was left out")
    for number in range(6):
        (tmp_path / f"{number}.md").write_text("x")
    with pytest.raises(SourceLimitError, match="more than 5 files"):
        read_folder(tmp_path, CONFIG, {})


def test_an_empty_folder_says_what_it_should_hold(tmp_path: Path) -> None:
    """No documentation in a folder is a clear error."""
    with pytest.raises(DocumentError, match="holds no documentation") as caught:
        read_folder(tmp_path, CONFIG, {})
    assert ".ipynb" in caught.value.hint


def test_single_files(tmp_path: Path) -> None:
    """Missing, special, binary and too large files are each refused in words."""
    with pytest.raises(SourceNotFoundError, match="no file"):
        read_one(tmp_path / "none.md", CONFIG)
    os.mkfifo(tmp_path / "pipe.md")
    with pytest.raises(SourceRefusedError, match="regular"):
        read_one(tmp_path / "pipe.md", CONFIG)
    (tmp_path / "a.bin").write_bytes(b"\0\1\2")
    with pytest.raises(SourceRefusedError, match="binary"):
        read_one(tmp_path / "a.bin", CONFIG)
    large = tmp_path / "large.pdf"
    with large.open("wb") as stream:
        stream.truncate(300 << 20)
    with pytest.raises(SourceLimitError, match="300 MB"):
        read_one(large, DocumentConfig())

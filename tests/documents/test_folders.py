"""Files and folders on this machine."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from gptoss_lab.documents import folders
from gptoss_lab.documents.folders import KnownFile, folder_hash, read_folder, read_one
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


def known_of(path: Path) -> KnownFile:
    """Return what is known of a file that was read a while ago, with a hash that shows whether it is used."""
    state = path.stat()
    return KnownFile("recorded", state.st_size, state.st_mtime_ns, state.st_ctime_ns, "markdown")


def test_known_files_are_not_read_again(tmp_path: Path) -> None:
    """While size and times stay, the recorded hash is trusted."""
    path = tmp_path / "a.md"
    path.write_text("words")
    assert read_folder(tmp_path, CONFIG, {"a.md": known_of(path)})[0][0].sha256 == "recorded"
    path.chmod(0)
    (file,), _ = read_folder(tmp_path, CONFIG, {"a.md": known_of(path)})
    assert (file.sha256, file.media) == ("recorded", "markdown")


def test_a_change_is_seen_that_keeps_size_and_time(tmp_path: Path) -> None:
    """A copy that brings the time of the original along is another file all the same."""
    path, other = tmp_path / "a.md", tmp_path / "other"
    for each, text in ((path, "words"), (other, "other")):
        each.write_text(text)
        os.utime(each, (1_000_000, 1_000_000))
    known = known_of(path)
    other.replace(path)
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (known.size, known.mtime_ns)
    assert read_folder(tmp_path, CONFIG, {"a.md": known})[0][0].sha256 != "recorded"


def test_a_file_that_may_change_unnoticed_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What changed within a tick of the clock before it was read is not trusted the next time."""
    path = tmp_path / "a.md"
    path.write_text("words")
    born = path.stat().st_ctime_ns
    for age, trusted in ((10_000_000, False), (3_000_000_000, True)):
        monkeypatch.setattr(time, "time_ns", lambda age=age: born + age)
        (file,), _ = read_folder(tmp_path, CONFIG, {})
        assert bool(file.ctime_ns) is trusted
        known = KnownFile("recorded", file.size, file.mtime_ns, file.ctime_ns, file.media)
        found = read_folder(tmp_path, CONFIG, {"a.md": known})[0][0].sha256
        assert (found == "recorded") is trusted


@pytest.mark.parametrize(("fraction", "trusted"), [(0, False), (123_456_789, True)])
def test_a_clock_of_whole_seconds_is_given_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fraction: int, trusted: bool
) -> None:
    """Where times have no fraction, a change a second later may leave them as they are."""
    path = tmp_path / "a.md"
    path.write_text("words")
    state = list(path.stat())
    times = {"st_mtime_ns": 7_000_000_000 + fraction, "st_ctime_ns": 7_000_000_000 + fraction}
    monkeypatch.setattr(time, "time_ns", lambda: 8_000_000_000)
    assert folders._is_young(os.stat_result(state, times)) is not trusted


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

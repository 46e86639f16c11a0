"""The key comes from a place that is the person's alone, and goes nowhere but to the server."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gptoss_lab.engines.keys import MAX_KEY_FILE_BYTES, Key
from gptoss_lab.errors import EngineAuthError

SECRET = "sk-very-secret"
ENV = "GPTOSS_TEST_KEY"


def key_file(folder: Path, content: bytes = SECRET.encode() + b"\n", mode: int = 0o600) -> Path:
    """Write a key file."""
    path = folder / "key"
    path.write_bytes(content)
    path.chmod(mode)
    return path


def test_the_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine's own key goes first, then the environment, then the file; none is an empty one."""
    path = str(key_file(tmp_path))
    assert Key(ENV).get() == ""
    assert Key(ENV, path).get() == SECRET
    monkeypatch.setenv(ENV, " of-env ")
    assert Key(ENV, path).get() == "of-env"
    assert Key(ENV, path, "given").get() == "given"


def test_a_changed_file_is_read_anew(tmp_path: Path) -> None:
    """A key that was exchanged is used at once, without a restart."""
    key = Key(ENV, str(key_file(tmp_path)))
    assert key.get() == SECRET
    other = key_file(tmp_path, b"sk-other-secret-key")
    assert key.get() == "sk-other-secret-key"
    other.unlink()
    with pytest.raises(EngineAuthError, match="cannot be read"):
        key.get()


def test_a_link_to_a_file_of_ours(tmp_path: Path) -> None:
    """A link is followed, and what it leads to is judged."""
    link = tmp_path / "link"
    link.symlink_to(key_file(tmp_path))
    assert Key(ENV, str(link)).get() == SECRET


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601])
def test_others_may_not_read_it(tmp_path: Path, mode: int) -> None:
    """A file that group or others can open is refused, and the hint repairs it."""
    with pytest.raises(EngineAuthError, match="Others may read") as caught:
        Key(ENV, str(key_file(tmp_path, mode=mode))).get()
    assert "chmod 600" in caught.value.hint


def test_a_file_of_another_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of somebody else, also behind a link, is refused."""
    path = key_file(tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
    with pytest.raises(EngineAuthError, match="another user"):
        Key(ENV, str(path)).get()


@pytest.mark.parametrize(
    "content",
    [b"", b"\n\n", b"one two", b"one\ntwo", b"x" * (MAX_KEY_FILE_BYTES + 1), "schlüssel".encode(), b"a\x00b"],
)
def test_what_is_no_key(tmp_path: Path, content: bytes) -> None:
    """A file that holds no key, or more than one, is refused without showing it."""
    with pytest.raises(EngineAuthError) as caught:
        Key(ENV, str(key_file(tmp_path, content))).get()
    assert "schlüssel" not in caught.value.message
    assert "one two" not in caught.value.message


def test_what_is_no_file(tmp_path: Path) -> None:
    """A folder, a pipe and a missing path are refused, and none holds the server up."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o600)
    for path in (tmp_path, pipe, tmp_path / "missing", Path("~nobody-here/key"), Path("a\0b")):
        with pytest.raises(EngineAuthError):
            Key(ENV, str(path)).get()


def test_the_key_stands_in_no_representation(tmp_path: Path) -> None:
    """What a traceback or a log would show holds no key."""
    key = Key(ENV, str(key_file(tmp_path)), "given-secret")
    key.get()
    assert "secret" not in repr(key).replace(str(tmp_path), "")

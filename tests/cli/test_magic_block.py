"""The block in somebody's own file: written once, removed whole, nothing else touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from gptoss_lab.cli.magic_block import (
    BEGIN,
    BLOCK,
    END,
    config_path,
    has_block,
    read_config,
    with_block,
    without_block,
    write_config,
)
from gptoss_lab.errors import RequestError, StorageError

HERE = Path("ipython_config.py")
OWN = "c = get_config()\nc.InteractiveShell.colors = 'Linux'\n"


@pytest.mark.parametrize("own", ["", OWN, OWN.rstrip("\n"), f"{OWN}\n", OWN.replace("\n", "\r\n")])
def test_the_block_comes_and_goes(own: str) -> None:
    """Twice is once, and what was there before is there after."""
    once = with_block(own, HERE)
    assert once.startswith(own)
    assert once.endswith(BLOCK)
    assert with_block(once, HERE) == once
    assert has_block(once)
    assert not has_block(own)
    assert without_block(once, HERE).rstrip("\r\n") == own.rstrip("\r\n")
    assert without_block(own, HERE) == own


def test_what_follows_the_block_stays() -> None:
    """A person may write below it."""
    text = f"{OWN}\n{BLOCK}x = 1\n"
    assert without_block(text, HERE) == f"{OWN}\nx = 1\n"


@pytest.mark.parametrize("damaged", [f"{BEGIN}\n", f"{END}\n", f"{END}\n{BEGIN}\n", BLOCK + BLOCK])
def test_a_damaged_block_is_left_alone(damaged: str) -> None:
    """Nothing of the person's is guessed away."""
    for change in (with_block, without_block):
        with pytest.raises(RequestError, match="is damaged, so the file was left"):
            change(damaged, HERE)


def test_a_profile_is_a_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In IPython's folder, and in no other."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    assert config_path("lab") == tmp_path / "profile_lab" / "ipython_config.py"
    for name in ("", "../x", "a/b", ".."):
        with pytest.raises(RequestError, match="is no name of an IPython profile"):
            config_path(name)
    monkeypatch.delenv("IPYTHONDIR")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert config_path("default").is_relative_to(tmp_path / "home" / ".ipython")


@pytest.mark.parametrize("content", [b"\xff\xfe", b"c = (\n", b"\x00"])
def test_what_ipython_cannot_read_is_refused(tmp_path: Path, content: bytes) -> None:
    """A block at its end would never be reached."""
    path = tmp_path / "ipython_config.py"
    path.write_bytes(content)
    with pytest.raises(RequestError, match="was left as it is"):
        read_config(path)
    assert path.read_bytes() == content


def test_a_folder_is_no_configuration(tmp_path: Path) -> None:
    """Nor is what cannot be opened."""
    with pytest.raises(RequestError, match="cannot be read"):
        read_config(tmp_path)
    assert read_config(tmp_path / "none.py") == ""


def test_a_file_keeps_its_mode_and_its_links(tmp_path: Path) -> None:
    """People keep their configuration in a repository elsewhere."""
    real = tmp_path / "dotfiles.py"
    real.write_text(OWN)
    real.chmod(0o600)
    link = tmp_path / "profile_default" / "ipython_config.py"
    link.parent.mkdir()
    link.symlink_to(real)
    write_config(link, OWN + BLOCK)
    assert link.is_symlink()
    assert real.read_text() == OWN + BLOCK
    assert real.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["dotfiles.py"]


def test_an_empty_file_is_removed(tmp_path: Path) -> None:
    """As it was before we came; a folder that cannot be made is told."""
    path = tmp_path / "profile_x" / "ipython_config.py"
    write_config(path, BLOCK)
    assert path.read_text() == BLOCK
    write_config(path, without_block(BLOCK, path))
    assert not path.exists()
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be written"):
        write_config(tmp_path / "file" / "ipython_config.py", BLOCK)

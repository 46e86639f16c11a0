"""The block in somebody's own file: written once, removed whole, nothing else touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from gptoss_lab.cli.own_block import Block, read_own, write_own
from gptoss_lab.errors import RequestError, StorageError

HERE = Path("ipython_config.py")
OWN = "c = get_config()\nc.InteractiveShell.colors = 'Linux'\n"
BLOCK = Block("# >>> ours >>>", "# <<< ours <<<", "x = 1\n")
DAMAGED = (
    f"{BLOCK.begin}\n",
    f"{BLOCK.end}\n",
    f"{BLOCK.end}\n{BLOCK.begin}\n",
    BLOCK.text + BLOCK.text,
)


@pytest.mark.parametrize("own", ["", OWN, OWN.rstrip("\n"), f"{OWN}\n", OWN.replace("\n", "\r\n")])
def test_the_block_comes_and_goes(own: str) -> None:
    """Twice is once, and what was there before is there after."""
    once = BLOCK.added_to(own, HERE)
    assert once.startswith(own)
    assert once.endswith(BLOCK.text)
    assert BLOCK.added_to(once, HERE) == once
    assert BLOCK.is_in(once)
    assert not BLOCK.is_in(own)
    assert BLOCK.removed_from(once, HERE).rstrip("\r\n") == own.rstrip("\r\n")
    assert BLOCK.removed_from(own, HERE) == own


def test_what_follows_the_block_stays() -> None:
    """A person may write below it."""
    text = f"{OWN}\n{BLOCK.text}x = 1\n"
    assert BLOCK.removed_from(text, HERE) == f"{OWN}\nx = 1\n"


@pytest.mark.parametrize("damaged", DAMAGED)
def test_a_damaged_block_is_left_alone(damaged: str) -> None:
    """Nothing of the person's is guessed away."""
    for change in (BLOCK.added_to, BLOCK.removed_from):
        with pytest.raises(RequestError, match="is damaged, so the file was left"):
            change(damaged, HERE)


def test_a_file_keeps_its_mode_and_its_links(tmp_path: Path) -> None:
    """People keep their configuration in a repository elsewhere."""
    real = tmp_path / "dotfiles.py"
    real.write_text(OWN)
    real.chmod(0o600)
    link = tmp_path / "profile_default" / "ipython_config.py"
    link.parent.mkdir()
    link.symlink_to(real)
    write_own(link, OWN + BLOCK.text)
    assert link.is_symlink()
    assert real.read_text() == OWN + BLOCK.text
    assert real.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["dotfiles.py"]


def test_an_empty_file_is_removed(tmp_path: Path) -> None:
    """As it was before we came; a folder that cannot be made is told."""
    path = tmp_path / "profile_x" / "ipython_config.py"
    write_own(path, BLOCK.text)
    assert path.read_text() == BLOCK.text
    write_own(path, BLOCK.removed_from(BLOCK.text, path))
    assert not path.exists()
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be written"):
        write_own(tmp_path / "file" / "ipython_config.py", BLOCK.text)


def test_what_is_no_text_is_left_alone(tmp_path: Path) -> None:
    """A file that is not there yet is empty."""
    path = tmp_path / "profile"
    assert read_own(path) == ""
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(RequestError, match="is not UTF-8 text, so it was left as it is"):
        read_own(path)
    with pytest.raises(RequestError, match="cannot be read"):
        read_own(tmp_path)

"""IPython's configuration, which may hold the block."""

from __future__ import annotations

from pathlib import Path

import pytest

from gptoss_lab.cli.magic_block import config_path, read_config
from gptoss_lab.errors import RequestError


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

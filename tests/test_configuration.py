"""Jupyter's configuration files, read without a server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from traitlets.config.loader import DeferredConfigList, DeferredConfigString, LazyConfigValue

from gptoss_lab.configuration import plain_section, read_sections
from gptoss_lab.errors import RequestError


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """The person's folder of configuration, and the machine's."""
    found = (tmp_path / "person", tmp_path / "machine")
    for folder in found:
        folder.mkdir()
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(found[0]))
    monkeypatch.setenv("JUPYTER_NO_CONFIG", "")
    monkeypatch.setattr("jupyter_core.application.jupyter_config_path", lambda: list(map(str, found)))
    return found


def test_the_files_of_the_server_are_read(folders: tuple[Path, Path]) -> None:
    """Both the server's own file and ours count, whatever the process is that reads them."""
    sandbox = {"GptossLabApp": {"sandbox": {"runtime": "bubblewrap"}}}
    (folders[1] / "jupyter_server_config.json").write_text(json.dumps(sandbox))
    (folders[0] / "jupyter_gptoss_lab_config.py").write_text(
        'c = get_config()\nc.GptossLabApp.model = {"name": "m"}\n'
        'c.GptossLabApp.documents.update({"max_files": 7})\n'
    )
    assert read_sections() == {
        "sandbox": {"runtime": "bubblewrap"},
        "model": {"name": "m"},
        "documents": {"max_files": 7},
    }


def test_nothing_is_configured_at_first(folders: tuple[Path, Path]) -> None:
    """No file, no section."""
    assert all(folder.is_dir() for folder in folders)
    assert read_sections() == {}


@pytest.mark.parametrize("text", ["1 / 0", "c.GptossLabApp.sandbox = 'docker'"])
def test_a_file_that_cannot_be_used_is_an_error(text: str, folders: tuple[Path, Path]) -> None:
    """It is never passed over: what it forbids would then be allowed."""
    (folders[0] / "jupyter_server_config.py").write_text(f"c = get_config()\n{text}\n")
    with pytest.raises(RequestError) as caught:
        read_sections()
    assert caught.value.hint


def test_changes_to_a_default_become_a_dictionary() -> None:
    """`c.GptossLabApp.model.update(…)` reaches a process that holds the configuration as it was written."""
    lazy = LazyConfigValue()
    lazy.update({"name": "m"})
    assert plain_section("model", lazy) == {"name": "m"}
    with pytest.raises(RequestError, match="not a dictionary"):
        plain_section("model", "m")


def test_an_option_of_the_command_line_is_read() -> None:
    """A server that is started with our section as an option hands it on to kernels unread."""
    option = DeferredConfigString("{'runtime': 'bubblewrap', 'limits': {'pids': 50}}")
    assert plain_section("sandbox", option) == {"runtime": "bubblewrap", "limits": {"pids": 50}}
    options = DeferredConfigList(["runtime=bubblewrap", "docker_host=unix:///x"])
    assert plain_section("sandbox", options) == {"runtime": "bubblewrap", "docker_host": "unix:///x"}
    with pytest.raises(RequestError, match="is not a dictionary"):
        plain_section("sandbox", DeferredConfigString("all"))

"""What was added is remembered, whole or not at all."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from gptoss_lab.errors import StorageError
from gptoss_lab.sandbox.additions import Addition, Additions
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.execution import SandboxImage

STOCK = SandboxImage(id="s", runtime="docker", language="python", tag="python:1")
POLARS = Addition(packages=("polars",), stock="python:1", image="p")


@pytest.fixture
def additions(tmp_path: Path) -> Additions:
    """No additions yet, in a folder that is not there yet."""
    return Additions(tmp_path / "new" / "additions.json")


def test_without_additions_the_stock_image_is_started(additions: Additions) -> None:
    """Nothing is written by asking."""
    assert additions.get("docker", "python") is None
    assert additions.chosen(STOCK) == "s"


def test_what_was_added_is_started(additions: Additions, tmp_path: Path) -> None:
    """An addition belongs to a runtime and a language, and outlives the process."""
    additions.put("docker", "python", POLARS)
    again = Additions(tmp_path / "new" / "additions.json")
    assert again.get("docker", "python") == POLARS
    assert again.get("docker", "r") is again.get("bubblewrap", "python") is None
    assert again.chosen(STOCK) == "p"
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["additions.json", "additions.lock"]


def test_another_version_has_it_not_yet(additions: Additions) -> None:
    """The image below has changed: what was added is not silently left out."""
    additions.put("docker", "python", POLARS)
    assert not additions.chosen(STOCK.model_copy(update={"tag": "python:2"}))


def test_an_image_that_is_removed_is_forgotten(additions: Additions) -> None:
    """Then the stock image is started again; another image's name changes nothing."""
    additions.put("docker", "python", POLARS)
    additions.forget("q")
    assert additions.chosen(STOCK) == "p"
    additions.forget("p")
    assert additions.chosen(STOCK) == "s"


def test_two_who_add_at_once_lose_nothing(additions: Additions) -> None:
    """Each change is made on what the other wrote."""
    languages: list[Language] = ["python", "r"]
    threads = [threading.Thread(target=additions.put, args=("docker", name, POLARS)) for name in languages]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(additions.get("docker", name) == POLARS for name in languages)


@pytest.mark.parametrize("text", ["{", "[]", '{"docker/python": {"packages": 1}}'])
def test_a_damaged_file_is_told(additions: Additions, tmp_path: Path, text: str) -> None:
    """It is neither taken for nothing nor written over."""
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "additions.json").write_text(text)
    with pytest.raises(StorageError, match="cannot be read"):
        additions.chosen(STOCK)
    with pytest.raises(StorageError, match="cannot be read"):
        additions.put("docker", "python", POLARS)
    assert (tmp_path / "new" / "additions.json").read_text() == text


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """With the name of the file."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"additions\.json cannot be written"):
        Additions(tmp_path / "file" / "additions.json").put("docker", "python", POLARS)

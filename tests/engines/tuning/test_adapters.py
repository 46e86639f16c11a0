"""Versions of a model on the disk."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gptoss_lab.engines.tuning.adapters import AdapterStore
from gptoss_lab.errors import ConflictError, NotFoundError, StorageError
from gptoss_lab.schemas.tuning import AdapterInfo, LossPoint, TuneAsk

INFO = AdapterInfo(
    created_at="2026-01-02T03:04:05+00:00",
    base="openai/gpt-oss-20b",
    base_fingerprint="f",
    dataset="set",
    dataset_sha256="d",
    ask=TuneAsk(),
    curve=(LossPoint(step=1, loss=2.0), LossPoint(step=2, loss=0.5), LossPoint(step=2, validation_loss=1.0)),
)


@pytest.fixture
def store(tmp_path: Path) -> AdapterStore:
    """A store with two versions, whose weights are made."""
    store = AdapterStore(tmp_path)
    for content in ("one", "two"):
        made = store.add(written(tmp_path / content, content), INFO)
        (store.place(made.version) / "merged").mkdir()
        (store.place(made.version) / "merged/config.json").write_text("{}")
    return store


def written(folder: Path, content: str) -> Path:
    """Return a folder as peft writes it."""
    folder.mkdir(exist_ok=True)
    (folder / "adapter_model.safetensors").write_text(content)
    (folder / "adapter_config.json").write_text("{}")
    return folder


def test_versions_count_up(store: AdapterStore, tmp_path: Path) -> None:
    """And the same content is the same version."""
    assert [info.version for info in store.all()] == ["v1", "v2"]
    assert store.add(written(tmp_path / "again", "one"), INFO).version == "v1"
    assert len({info.sha256 for info in store.all()}) == 2
    assert store.all()[0].losses == (2.0, 0.5)


def test_versions_are_used_and_rolled_back(store: AdapterStore) -> None:
    """Back to the one before, and to the model itself."""
    assert store.current == ""
    for version in ("v1", "v2", "v2"):
        store.use(version)
    assert AdapterStore(store.folder.parent).current == "v2"
    assert store.rollback() == "v1"
    assert store.rollback() == ""
    with pytest.raises(ConflictError, match="nothing to go back"):
        store.rollback()
    assert store.current == ""


def test_the_served_one_is_not_removed(store: AdapterStore) -> None:
    """Another is, and is not gone back to."""
    store.use("v1")
    store.use("v2")
    with pytest.raises(ConflictError, match="is served"):
        store.remove("v2")
    store.remove("v1")
    assert [info.version for info in store.all()] == ["v2"]
    assert store.rollback() == ""


def test_what_is_not_there_is_told(store: AdapterStore) -> None:
    """With what is, and never a path of somebody's making."""
    with pytest.raises(NotFoundError) as error:
        store.get("v9")
    assert "v1, v2" in error.value.hint
    for name in ("../v1", "", "v0", "v1/merged"):
        with pytest.raises(NotFoundError):
            store.get(name)
    shutil.rmtree(store.place("v1") / "merged")
    with pytest.raises(ConflictError, match="not made yet"):
        store.use("v1")


def test_damage_is_survived(store: AdapterStore) -> None:
    """A version without its file, a history that is none, and one that was removed by hand."""
    store.use("v1")
    store.use("v2")
    shutil.rmtree(store.place("v2"))
    assert store.current == "v1"
    (store.place("v1") / "adapter.json").write_text("{")
    assert store.all() == []
    (store.folder / "current.json").write_text('{"served": 3}')
    assert store.current == ""


def test_a_half_written_adapter_is_none(store: AdapterStore, tmp_path: Path) -> None:
    """It appears whole or not at all."""
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(StorageError):
        store.add(empty, INFO)
    assert [path.name for path in store.folder.iterdir() if path.name.startswith(".new")] == []

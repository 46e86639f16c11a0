"""The weights come once, go on where they ended, and every way to fail has its code."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from gptoss_lab.engines import download as downloading
from gptoss_lab.engines.store import ModelStore, hub_cache
from gptoss_lab.errors import EngineLoadError
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.model import EnginePhase, EngineProgress
from tests.fakes.hub import COMMIT, FakeHub, serving
from tests.fakes.weights import model_files, write_model

SHARD = "model-00000-of-00001.safetensors"
BESIDE = {
    "original/model.bin": b"x",
    "metal/model.bin": b"x",
    "modeling.py": b"evil()",
    "weights.bin": b"pickle",
}


class Told:
    """What a fetch reported."""

    def __init__(self) -> None:
        self.phases: list[EnginePhase] = []
        self.last = EngineProgress()
        self.done: list[int] = []
        self.moved = asyncio.Event()

    def __call__(self, phase: EnginePhase, progress: EngineProgress) -> None:
        self.phases.append(phase)
        self.last = progress
        self.done.append(progress.done_bytes)
        if progress.done_bytes > 1 << 20:
            self.moved.set()


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeHub]:
    """A Hub that has a model; nothing of this user's cache, tokens or proxies is seen."""
    for name in ("HF_TOKEN", "HF_HUB_OFFLINE", "HF_HUB_CACHE", "XDG_CACHE_HOME", "http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    with serving(FakeHub(files={**model_files(), **BESIDE})) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        yield hub


def store(tmp_path: Path, **change: object) -> ModelStore:
    """Return a store in a folder of the test."""
    return ModelStore(tmp_path / "data", ModelConfig.model_validate(change))


async def expect_failure(weights: ModelStore, code: str) -> EngineLoadError:
    """Fetch, and return the failure, which has this code and a hint."""
    with pytest.raises(EngineLoadError) as caught:
        await weights.fetch(Told())
    assert caught.value.reason == code, caught.value.message
    assert caught.value.hint
    return caught.value


async def test_a_model_comes_once_and_is_pinned(hub: FakeHub, tmp_path: Path) -> None:
    """Bytes are told, only harmless files come, and afterwards nobody is asked."""
    told = Told()
    here = store(tmp_path)
    assert await here.locate() is None
    weights = await here.fetch(told)
    names = {path.name for path in weights.folder.iterdir()}
    assert names == {*model_files(), ".complete.json"}
    assert (weights.revision, weights.repo) == (COMMIT, "openai/gpt-oss-20b")
    assert told.phases[0] == "resolving"
    assert told.phases[-1] == "downloading"
    assert told.last.done_bytes == told.last.total_bytes == sum(map(len, model_files().values()))
    assert told.done == sorted(told.done)
    pins = json.loads((tmp_path / "data" / "models" / "pins.json").read_text(encoding="utf-8"))
    assert pins == {"openai/gpt-oss-20b@": COMMIT}
    asked = len(hub.asked)
    assert await store(tmp_path, offline="on").fetch(Told()) == weights
    assert await store(tmp_path, revision=COMMIT).locate() == weights
    assert len(hub.asked) == asked


async def test_a_broken_connection_goes_on(hub: FakeHub, tmp_path: Path) -> None:
    """From the byte where it broke."""
    hub.drops = 3
    await store(tmp_path).fetch(Told())
    assert hub.ranges()


async def test_a_cancelled_download_goes_on_later(hub: FakeHub, tmp_path: Path) -> None:
    """The program is ended at once; what came is kept for the next run, also of another process."""
    hub.holds = True
    told = Told()
    task = asyncio.ensure_future(store(tmp_path).fetch(told))
    await asyncio.wait_for(told.moved.wait(), 60)
    folder = tmp_path / "data" / "models" / "openai--gpt-oss-20b" / COMMIT
    part = folder / f"{SHARD}.part"
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    begun = part.stat().st_size
    hub.holds = False
    hub.let_go.set()
    hub.asked.clear()
    assert await store(tmp_path).locate() is None
    await store(tmp_path).fetch(Told())
    assert f"bytes={begun}-" in hub.ranges()


@pytest.mark.parametrize("status", [401, 403])
async def test_a_gated_model_names_the_token(
    hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    """It comes with one, which is read from the environment only."""
    hub.gated = status
    assert "HF_TOKEN" in (await expect_failure(store(tmp_path), "gated_or_offline")).hint
    monkeypatch.setenv("HF_TOKEN", "hf_made_up")
    assert (await store(tmp_path).fetch(Told())).revision == COMMIT


async def test_what_is_not_there_is_told(hub: FakeHub, tmp_path: Path) -> None:
    """A revision, a repository, weights that could be loaded, a name that is none."""
    await expect_failure(store(tmp_path, revision="v9"), "wrong_revision")
    await expect_failure(store(tmp_path, source="nobody/nothing"), "gated_or_offline")
    await expect_failure(store(tmp_path, source="no-repository"), "wrong_revision")
    hub.files = {"config.json": b"{}", "pytorch_model.bin": b"pickle"}
    assert "no safetensors" in (await expect_failure(store(tmp_path), "wrong_revision")).message


async def test_no_network_is_told(hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where it is forbidden by us, or by the Hub's own switch."""
    await expect_failure(store(tmp_path, offline="on"), "gated_or_offline")
    assert not hub.asked
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert "HF_HUB_OFFLINE" in (await expect_failure(store(tmp_path), "gated_or_offline")).message
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert "cannot be reached" in (await expect_failure(store(tmp_path), "gated_or_offline")).message


async def test_a_full_disk_is_known_before(
    hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The size is known before the first byte."""
    monkeypatch.setattr(downloading, "RESERVE_BYTES", 1 << 60)
    failure = await expect_failure(store(tmp_path), "no_disk")
    assert "GB are free" in failure.message
    assert not any("resolve" in path for path, _ in hub.asked)


async def test_bytes_that_are_others_are_not_kept(hub: FakeHub, tmp_path: Path) -> None:
    """The hash of the Hub decides."""
    hub.corrupt = True
    await expect_failure(store(tmp_path), "corrupt_weights")
    hub.corrupt = False
    assert (await store(tmp_path).fetch(Told())).revision == COMMIT


async def test_silence_ends(hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A download that stands still is given up, and what it has is kept."""
    hub.holds = True

    async def impatient(repo: str, revision: str, folder: Path, report: Told) -> downloading.Fetched:
        return await downloading.download(repo, revision, folder, report, stalled_s=4.0)

    monkeypatch.setattr("gptoss_lab.engines.store.download", impatient)
    assert "stood still" in (await expect_failure(store(tmp_path), "timeout")).message


@pytest.mark.parametrize("size", [0, 10])
async def test_a_file_that_was_damaged_later_is_fetched_anew(hub: FakeHub, tmp_path: Path, size: int) -> None:
    """Cut short, or whole and broken inside: it is found, and only that one comes again."""
    folder = (await store(tmp_path).fetch(Told())).folder
    content = (folder / SHARD).read_bytes()
    (folder / SHARD).write_bytes(content[:-10] if size else b"\xff" * len(content))
    assert await store(tmp_path).locate() is None
    hub.asked.clear()
    assert (await store(tmp_path).fetch(Told())).folder == folder
    assert (folder / SHARD).read_bytes() == content
    assert [path for path, _ in hub.asked if path.endswith(".safetensors")] == [
        f"/openai/gpt-oss-20b/resolve/{COMMIT}/{SHARD}"
    ]


async def test_a_changed_branch_keeps_the_pin(hub: FakeHub, tmp_path: Path) -> None:
    """With offline off the Hub is asked, for the commit that is pinned."""
    await store(tmp_path).fetch(Told())
    hub.asked.clear()
    weights = await store(tmp_path, offline="off").fetch(Told())
    assert weights.revision == COMMIT
    assert hub.asked == [(f"/api/models/openai/gpt-oss-20b/revision/{COMMIT}", "")]


async def test_a_draft_model_comes_the_same_way(hub: FakeHub, tmp_path: Path) -> None:
    """It has no tokenizer, and its measures stand one level deeper."""
    config = {"transformer_layer_config": json.loads(hub.files["config.json"]), "architectures": ["Eagle3"]}
    del hub.files["tokenizer.json"]
    hub.files["config.json"] = json.dumps(config).encode()
    hub.repo = "someone/speculator"
    settings = ModelConfig(speculator=hub.repo, revision="of-the-model")
    weights = await ModelStore(tmp_path / "data", settings, draft=True).fetch(Told())
    assert (weights.repo, weights.revision) == (hub.repo, COMMIT)


async def test_the_users_own_cache_is_used_as_it_is(hub: FakeHub, tmp_path: Path) -> None:
    """What another tool downloaded is not downloaded again."""
    cache = hub_cache() / "models--openai--gpt-oss-20b"
    write_model(cache / "snapshots" / COMMIT)
    (cache / "refs").mkdir()
    (cache / "refs" / "main").write_text(COMMIT, encoding="ascii")
    weights = await store(tmp_path).fetch(Told())
    assert weights.folder == cache / "snapshots" / COMMIT
    assert not hub.asked


async def test_a_folder_of_the_person_is_taken_as_it_is(hub: FakeHub, tmp_path: Path) -> None:
    """It is looked at, never changed, and its damage is told."""
    own = write_model(tmp_path / "own")
    weights = await store(tmp_path, source=str(own)).fetch(Told())
    assert (weights.folder, weights.repo, weights.revision) == (own.resolve(), "", "")
    (own / SHARD).unlink()
    await expect_failure(store(tmp_path, source=str(own)), "corrupt_weights")
    shutil.rmtree(own)
    with pytest.raises(EngineLoadError, match="There is no folder"):
        await store(tmp_path, source=str(own)).locate()
    assert not hub.asked

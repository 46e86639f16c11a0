"""Tuning with a tuner that only plays: what is refused, kept, stopped and gone on with."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gptoss_lab.engines.launch import EngineSetting
from gptoss_lab.engines.tuning import process
from gptoss_lab.engines.tuning.environment import TunerEnvironment
from gptoss_lab.engines.weights import read_weights
from gptoss_lab.errors import ConflictError, EngineLoadError, NotFoundError, RequestError
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.tuning import TuneAsk
from gptoss_lab.services.learning.served import with_adapter
from gptoss_lab.services.learning.tune import TuneService
from gptoss_lab.services.model_parts import RealParts

PLAYER = """
import json, pathlib, signal, sys, time
setting = json.loads(pathlib.Path(sys.argv[1]).read_text())
run = pathlib.Path(setting["run"])
def say(**facts): print(json.dumps(facts), flush=True)
stop = []
signal.signal(signal.SIGTERM, lambda *_: stop.append(1))
say(tuner="versions", trl="1.16.0"); say(tuner="dataset", rows=3, validation_rows=0, too_long=0)
print("a warning of some library")
first = 3 if setting.get("resume") else 1
for step in range(first, 5):
    say(tuner="step", step=step, steps=4, loss=4.0 / step)
    while setting["seed"] == 7 and not setting.get("resume") and step == 2 and not stop: time.sleep(0.01)
    if stop: say(tuner="stopped", step=step); sys.exit(3)
if setting["seed"] == 9:
    say(tuner="failed", code="memory", message="The memory of the GPU is not enough"); sys.exit(1)
if setting["seed"] == 8: raise SystemExit("Traceback of a library")
(run / "adapter").mkdir()
(run / "adapter/adapter_model.safetensors").write_text(str(setting["seed"]))
(run / "adapter/adapter_config.json").write_text("{}")
say(tuner="done", step=4)
"""
MERGER = """
import json, pathlib, shutil, sys
base, adapter, out = map(pathlib.Path, sys.argv[1:])
print(json.dumps({"tuner": "shard", "done": 0, "total": 1}), flush=True)
for file in base.iterdir(): shutil.copyfile(file, out / file.name)
"""


@pytest.fixture
def tuning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny_weights: Path) -> TuneService:
    """A service for the tiny model, whose tuner plays."""
    player = tmp_path / "player"
    player.mkdir()
    (player / "main.py").write_text(PLAYER)
    (player / "merge.py").write_text(MERGER)
    monkeypatch.setattr(process, "TUNER", player)

    async def there(_environment: TunerEnvironment) -> Path:
        return Path(sys.executable)

    monkeypatch.setattr(TunerEnvironment, "require", there)
    return TuneService(tmp_path / "data", ModelConfig(source=str(tiny_weights)))


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """A dataset with one row."""
    folder = tmp_path / "set"
    folder.mkdir()
    row = {
        "prompt": [{"role": "user", "content": "x"}],
        "completion": [{"role": "assistant", "content": "y"}],
    }
    (folder / "sft-train.jsonl").write_text(json.dumps(row) + "\n")
    return folder


def ignored(_fact: Any) -> None:
    """Hear nothing."""


async def test_a_run_becomes_a_version(tuning: TuneService, dataset: Path) -> None:
    """With its losses, its libraries, and what it was made of; the run's folder is gone."""
    facts: list[Any] = []
    run = await tuning.begin(dataset, TuneAsk(seed=1))
    info = await tuning.run(run, facts.append)
    assert info is not None
    assert (info.version, info.rows, info.steps, info.losses) == ("v1", 3, 4, (4.0, 1.0))
    assert info.versions == {"trl": "1.16.0"}
    assert info.dataset == "set"
    assert [fact["tuner"] for fact in facts] == ["versions", "dataset", *["step"] * 4, "done"]
    assert not run.folder.exists()


async def test_a_run_is_stopped_and_gone_on_with(tuning: TuneService, dataset: Path) -> None:
    """Under its own name, with the losses of both parts."""
    run = await tuning.begin(dataset, TuneAsk(seed=7))

    def hear(fact: Any) -> None:
        if fact.get("step") == 2:
            tuning.stop()

    assert await tuning.run(run, hear) is None
    again = TuneService(tuning._folder, tuning._config).find("")
    assert again.name == run.name
    info = await tuning.run(again, ignored, resume=True)
    assert info is not None
    assert [(point.step, point.loss) for point in info.curve] == [(1, 4.0), (2, 2.0), (3, 4 / 3), (4, 1.0)]
    with pytest.raises(NotFoundError, match="no run"):
        tuning.find("../etc")
    damaged = await tuning.begin(dataset, TuneAsk())
    (damaged.folder / "run.json").write_text("{")
    with pytest.raises(NotFoundError, match="is damaged"):
        tuning.find(damaged.name)


@pytest.mark.parametrize(
    ("seed", "message", "hint"),
    [(9, "memory of the GPU", "--max-tokens"), (8, "Traceback of a library", "tune install")],
)
async def test_a_failure_says_why(
    tuning: TuneService, dataset: Path, seed: int, message: str, hint: str
) -> None:
    """In the tuner's own words, or its last lines; no version comes of it."""
    with pytest.raises(EngineLoadError, match=message) as error:
        await tuning.run(await tuning.begin(dataset, TuneAsk(seed=seed)), ignored)
    assert hint in error.value.hint
    assert tuning.adapters.all() == []


async def test_leaving_ends_the_tuner(tuning: TuneService, dataset: Path) -> None:
    """A second Ctrl-C cancels: the program does not go on alone."""
    run = await tuning.begin(dataset, TuneAsk(seed=7))
    heard = asyncio.Event()
    work = asyncio.ensure_future(tuning.run(run, lambda fact: heard.set() if fact.get("step") == 2 else None))
    await asyncio.wait_for(heard.wait(), 30)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work


async def test_what_cannot_be_learnt_from_is_refused(tuning: TuneService, dataset: Path) -> None:
    """Before anything is loaded."""
    with pytest.raises(NotFoundError, match="preference-train"):
        await tuning.begin(dataset, TuneAsk(method="dpo"))
    (dataset / "sft-train.jsonl").write_text('{"text": "no"}\n')
    with pytest.raises(RequestError, match="conversational form"):
        await tuning.begin(dataset, TuneAsk())


async def test_what_does_not_fit_is_refused_unless_forced(tuning: TuneService, dataset: Path) -> None:
    """With how much it takes."""
    ask = TuneAsk(max_tokens=131_072, batch_rows=64)
    with pytest.raises(EngineLoadError, match="GB of memory"):
        await tuning.begin(dataset, ask)
    assert (await tuning.begin(dataset, ask, force=True)).folder.is_dir()
    assert not (await tuning.need(ask)).fits


async def test_an_adapter_is_served_and_rolled_back(
    tuning: TuneService, dataset: Path, tiny_weights: Path, tmp_path: Path
) -> None:
    """Under a name that says so; another model, or a version that is not there, is refused."""
    await tuning.run(await tuning.begin(dataset, TuneAsk(seed=1)), ignored)
    shards: list[Any] = []
    await tuning.use("v1", shards.append)
    assert shards == [{"tuner": "shard", "done": 0, "total": 1}]
    setting = EngineSetting(python=Path("p"), weights=tiny_weights, served_name="gpt-oss-20b")
    weights, data = read_weights(tiny_weights), tmp_path / "data"
    served = with_adapter(setting, weights, data, "")
    parts = RealParts(tuning._config.model_copy(update={"name": "mine"}), data)
    assert parts.served_name() == "mine@v1"  # before a start, too: it goes into what cells say of themselves
    assert (served.served_name, served.weights) == ("gpt-oss-20b@v1", data / "adapters/v1/merged")
    assert with_adapter(setting, weights, data, "none") == setting
    with pytest.raises(EngineLoadError, match="no adapter 'v9'"):
        with_adapter(setting, weights, data, "v9")
    other = tmp_path / "other"
    other.mkdir()
    (other / "config.json").write_text("{}")
    with pytest.raises(EngineLoadError, match="was made for") as error:
        with_adapter(setting, replace(weights, folder=other), data, "v1")
    assert error.value.reason == "wrong_revision"
    assert tuning.adapters.rollback() == ""
    assert with_adapter(setting, weights, data, "") == setting
    await tuning.use("", ignored)


async def test_a_run_of_another_model_does_not_go_on(tuning: TuneService, dataset: Path) -> None:
    """Its checkpoint would not fit."""
    run = await tuning.begin(dataset, TuneAsk())
    run.info = run.info.model_copy(update={"base_fingerprint": "other"})
    with pytest.raises(ConflictError, match="another one"):
        await tuning.run(run, ignored, resume=True)

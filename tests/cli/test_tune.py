"""`jupyter gptoss tune`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gptoss_lab.cli import tune, tune_versions
from gptoss_lab.engines.tuning.adapters import AdapterStore
from gptoss_lab.errors import NotFoundError
from gptoss_lab.schemas.tuning import AdapterInfo, LossPoint, TuneAsk, TuneNeed
from gptoss_lab.services.learning.tune_run import Run
from tests.cli.conftest import Invoke

INFO = AdapterInfo(
    version="v1",
    created_at="2026-01-02T03:04:05+00:00",
    base="openai/gpt-oss-20b",
    base_fingerprint="f",
    dataset="set",
    dataset_sha256="d",
    ask=TuneAsk(),
    rows=3,
    steps=2,
    seconds=5.0,
    curve=(LossPoint(step=1, loss=2.0), LossPoint(step=2, loss=0.5)),
)


class FakeTuning:
    """Tunes at once, or is stopped."""

    def __init__(self, folder: Path) -> None:
        self.adapters = AdapterStore(folder)
        self.stopped = False
        self.begun: TuneAsk | None = None

    def stop(self) -> None:
        """Nothing runs."""

    async def need(self, _ask: TuneAsk) -> TuneNeed:
        """Say that it does not fit."""
        return TuneNeed(
            device="cpu",
            memory_bytes=42_000_000_000,
            memory_free_bytes=8_000_000_000,
            disk_bytes=1_000_000_000,
            disk_free_bytes=9_000_000_000,
            reasons=("It takes about 42.0 GB of memory",),
        )

    async def begin(self, dataset: Path, ask: TuneAsk, *, force: bool) -> Run:
        """Begin a run."""
        assert not force
        self.begun = ask
        return Run("20260102-030405-abcd", dataset, INFO)

    def find(self, name: str) -> Run:
        """Know no run."""
        raise NotFoundError(f"There is no run {name!r} to go on with")

    async def run(self, _run: Run, hear: Any, *, resume: bool) -> AdapterInfo | None:
        """Say a step, and be done or stopped."""
        assert not resume
        facts: list[Mapping[str, Any]] = [
            {"tuner": "phase", "name": "training"},
            {"tuner": "dataset", "rows": 3, "too_long": 2},
            {"tuner": "step", "step": 1, "steps": 2, "loss": 2.0},
        ]
        for fact in facts:
            hear(fact)
        return None if self.stopped else INFO

    async def use(self, version: str, hear: Any) -> None:
        """Choose a version."""
        hear({"tuner": "shard", "done": 0, "total": 1})
        self.adapters.folder.mkdir(parents=True, exist_ok=True)
        self.adapters.use(version)


@pytest.fixture
def tuning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeTuning:
    """What tunes."""
    fake = FakeTuning(tmp_path / "data")
    monkeypatch.setattr(tune, "service", lambda: fake)
    monkeypatch.setattr(tune_versions, "service", lambda: fake)
    return fake


def test_a_run_is_told(invoke: Invoke, tuning: FakeTuning, tmp_path: Path) -> None:
    """With what came of it, and how to have it served."""
    result = invoke("tune", "start", str(tmp_path), "--rank", "4", "--steps", "2", "--seed", "5")
    assert result.exit_code == 0, result.output
    assert "v1: 3 rows, 2 steps, 5 s, loss 2.000 to 0.500" in result.stdout
    assert "tune use v1" in result.stdout
    assert "2 rows are longer" in result.stderr
    assert tuning.begun == TuneAsk(rank=4, steps=2, seed=5)


def test_a_stopped_run_says_how_to_go_on(invoke: Invoke, tuning: FakeTuning, tmp_path: Path) -> None:
    """With the exit code of Ctrl-C."""
    tuning.stopped = True
    result = invoke("tune", "start", str(tmp_path))
    assert result.exit_code == 130
    assert "--resume 20260102-030405-abcd" in result.stderr


def test_json_is_one_fact_a_line(invoke: Invoke, tuning: FakeTuning, tmp_path: Path) -> None:
    """And the version at the end."""
    assert tuning.begun is None
    lines = [
        json.loads(line) for line in invoke("tune", "start", str(tmp_path), "--json").stdout.splitlines()
    ]
    assert lines[2] == {"tuner": "step", "step": 1, "steps": 2, "loss": 2.0}
    assert lines[-1]["version"] == "v1"


def test_what_it_takes_is_said_beforehand(invoke: Invoke, tuning: FakeTuning) -> None:
    """And nothing is done."""
    result = invoke("tune", "start", "--dry-run")
    assert result.exit_code == 1
    assert "memory: about 42.0 GB, 8.0 GB are free" in result.stdout
    assert "It does not fit: It takes about 42.0 GB of memory." in result.stdout
    assert tuning.begun is None


@pytest.mark.parametrize(("words", "said"), [((), "No dataset was named"), (("--resume", "x"), "no run 'x'")])
def test_a_wrong_call_is_told(invoke: Invoke, tuning: FakeTuning, words: tuple[str, ...], said: str) -> None:
    """With exit code 2."""
    result = invoke("tune", "start", *words)
    assert (result.exit_code, tuning.begun) == (2, None)
    assert said in result.stderr


def test_versions_are_listed_chosen_rolled_back_and_removed(
    invoke: Invoke, tuning: FakeTuning, tmp_path: Path
) -> None:
    """Each says what it did, and when it takes effect."""
    assert "There is no adapter yet" in invoke("tune", "list").stdout
    made = tmp_path / "made"
    made.mkdir()
    for name in ("adapter_model.safetensors", "adapter_config.json"):
        (made / name).write_text("x")
    tuning.adapters.add(made, INFO)
    (tuning.adapters.place("v1") / "merged").mkdir()
    (tuning.adapters.place("v1") / "merged/config.json").write_text("{}")
    assert "v1 is chosen. The next start" in invoke("tune", "use", "v1").stdout
    line = invoke("tune", "list").stdout
    assert line.startswith(
        "=> v1: 2026-01-02, openai/gpt-oss-20b, sft on set (3 rows), 2 steps, loss 2.000 to 0.500"
    )
    assert json.loads(invoke("tune", "list", "--json").stdout)["served"] is True
    assert invoke("tune", "remove", "v1").exit_code == 2
    assert "The model itself is chosen again" in invoke("tune", "rollback").stdout
    assert "v1 is removed" in invoke("tune", "remove", "v1").stdout

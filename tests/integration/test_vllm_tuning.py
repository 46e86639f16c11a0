"""From a review to a tuned model: exported, tuned by the real libraries, served by real vLLM, rolled back."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gptoss_lab.engines.launch import EngineSetting
from gptoss_lab.engines.weights import read_weights
from gptoss_lab.errors import EngineLoadError
from gptoss_lab.prompts.layout import Layout, Pack
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.tuning import TuneAsk
from gptoss_lab.services.learning.export import Ask
from gptoss_lab.services.learning.served import with_adapter
from gptoss_lab.services.learning.tune import TuneService
from tests.fakes.reviewed import cell, exporter, keep_job, write
from tests.tiny.engine import RealEngine, real_engine, setting_of
from tests.tiny.lessons import LESSONS
from tools.engine import engine_python
from tools.tuner import tuner_python

pytestmark = [pytest.mark.vllm, pytest.mark.timeout(900)]
LESSON = LESSONS["group_mean"]
# Of the tokens that the tiny model has learnt to write; all others are one to it.
EDITED = 'sales.groupby("city")["amount"].mean()'
ASK = TuneAsk(
    epochs=100,
    steps=9,
    learning_rate=5e-3,
    accumulate=1,
    max_tokens=1024,
    thought_tokens=64,
    save_every_steps=5,
)


def answer(engine: RealEngine, model: str) -> str:
    """Return what a model answers to the lesson's task."""
    messages = Layout("python", "low", 8192).draft(LESSON.task, Pack(), ()).messages
    asked = {
        "model": model,
        "messages": [message.model_dump() for message in messages],
        "temperature": 0,
        "reasoning_effort": "low",
        "max_completion_tokens": 400,
    }
    said = engine.http.post("/v1/chat/completions", json=asked).raise_for_status().json()
    return str(said["choices"][0]["message"]["content"])


async def tuned(data: Path, weights: Path, dataset: Path) -> TuneService:
    """Tune the tiny model on a dataset, and choose what comes of it."""
    service = TuneService(data, ModelConfig(source=str(weights), tuner_python=str(tuner_python())))
    facts: list[Mapping[str, Any]] = []
    info = await service.run(await service.begin(dataset, ASK), facts.append)
    assert info is not None, facts
    first, last = info.losses
    assert first is not None
    assert last is not None
    assert last < first / 10, [point.loss for point in info.curve]
    assert {"torch", "transformers", "peft", "trl"} <= info.versions.keys()
    assert [fact["step"] for fact in facts if fact["tuner"] == "checkpoint"] == [5, 9]
    await service.use("v1", facts.append)
    return service


async def test_a_review_changes_what_the_model_answers(
    vllm_engine: RealEngine, tiny_weights: Path, tmp_path: Path
) -> None:
    """The edit is learnt, a real engine answers with it under a name of its own, and a rollback undoes it."""
    began = time.monotonic()
    old = answer(vllm_engine, "gpt-oss-20b")
    assert old.strip() == LESSON.answer
    keep_job(
        tmp_path / "jobs", "j1", LESSON.answer.split("```")[1].removeprefix("python\n"), task=LESSON.task
    )
    write(tmp_path / "nb/a.ipynb", cell("j1", "c1", EDITED, "edited", task=LESSON.task))
    report = exporter(tmp_path / "jobs").run(Ask((tmp_path / "nb",), tmp_path / "set", validation=0))
    assert report is not None
    assert [file.name for file in report.files] == ["sft-train.jsonl", "preference-train.jsonl"]
    service = await tuned(tmp_path / "data", tiny_weights, tmp_path / "set")
    tuned_s = time.monotonic() - began

    setting, weights = setting_of(engine_python(), tiny_weights), read_weights(tiny_weights)
    served = with_adapter(setting, weights, tmp_path / "data", "")
    assert served.served_name == "gpt-oss-20b@v1"
    with real_engine(served) as engine:
        assert answer(engine, "gpt-oss-20b@v1").strip() == f"```python\n{EDITED}\n```"
    sys.stderr.write(f"tuned in {tuned_s:.0f} s, served in {time.monotonic() - began - tuned_s:.0f} s\n")

    assert service.adapters.rollback() == ""
    back: EngineSetting = with_adapter(setting, weights, tmp_path / "data", "")
    assert back == setting
    assert answer(vllm_engine, back.served_name) == old
    service.adapters.use("v1")
    with pytest.raises(EngineLoadError, match="was made for"):  # the tuned weights are another model
        with_adapter(setting, replace(weights, folder=served.weights), tmp_path / "data", "")

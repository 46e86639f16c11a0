"""`jupyter gptoss model plan`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gptoss_lab.cli import app, model_plan
from gptoss_lab.cli.model_plan import WIDTH, plan_text
from gptoss_lab.engines.installed import Installed
from gptoss_lab.engines.planner import make_plan
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.model import Gpu, Hardware, ModelPlan

GIB = 1 << 30
LAPTOP = Hardware(
    cpu="Intel(R) Core(TM) Ultra 7 155H with a long name",
    cores=16,
    cpu_features=("avx2",),
    memory_bytes=24 * GIB,
    available_bytes=20 * GIB,
    disk_free_bytes=60 * GIB,
    system="Linux",
    machine="x86_64",
    missing=("AMD GPUs were not looked for: neither rocm-smi nor amd-smi is installed",),
)
H100 = Gpu(
    index=0,
    name="NVIDIA H100 80GB HBM3",
    total_bytes=81559 << 20,
    free_bytes=81079 << 20,
    capability="9.0",
    driver="580.159.04",
)


def plan_of(hardware: Hardware) -> ModelPlan:
    """Return the plan of a machine without anything installed."""
    return make_plan(ModelConfig(), hardware, None, Installed())


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch, config_dir: Path) -> list[ModelPlan]:
    """The plan that the verb gets; no configuration of this machine is read."""
    assert config_dir.is_dir()
    made = [plan_of(LAPTOP)]

    async def look(_config: ModelConfig) -> ModelPlan:
        return made[-1]

    monkeypatch.setattr(model_plan, "look_and_plan", look)
    return made


def test_a_plan_reads_in_eighty_columns() -> None:
    """What is chosen, what fits, what does not and why."""
    text = plan_text(plan_of(LAPTOP.model_copy(update={"gpus": (H100,)})))
    assert all(len(line) <= WIDTH for line in text.splitlines())
    assert text.startswith("gpt-oss-20b fits this machine: vLLM on NVIDIA H100 80GB HBM3")
    assert "\n=>  vLLM on NVIDIA H100 80GB HBM3\n" in text
    assert "\n      Run: jupyter gptoss model install --engine vllm\n" in text
    assert "\n  GPU 0      NVIDIA H100 80GB HBM3, 79.2 of 79.6 GiB free\n" in text
    assert "\nno  vLLM on the processor\n" in text


@pytest.mark.usefixtures("planned")
def test_where_nothing_can_be_hosted_it_says_why() -> None:
    """The reason, and what could be attached: that is an answer, not a failure."""
    result = CliRunner().invoke(app, ["model", "plan"])
    assert result.exit_code == 0
    assert "only with Intel AMX" in " ".join(result.stdout.split())
    assert "\nok  llama-server or Ollama, which you start\n" in result.stdout
    assert "note       AMD GPUs" in result.stdout


def test_as_json_it_is_the_whole_plan(planned: list[ModelPlan]) -> None:
    """One object, which the model reads back."""
    planned.append(plan_of(LAPTOP.model_copy(update={"gpus": (H100,)})))
    result = CliRunner().invoke(app, ["model", "plan", "--json"])
    assert result.exit_code == 0
    assert ModelPlan.model_validate_json(result.stdout) == planned[-1]
    assert json.loads(result.stdout)["options"][0]["fits"] is True

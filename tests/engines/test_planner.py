"""What fits which machine, and in which words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gptoss_lab.engines.installed import Installed
from gptoss_lab.engines.model_shape import GIB, GPT_OSS_20B, read_shape
from gptoss_lab.engines.planner import make_plan, setting_of
from gptoss_lab.engines.weights import Weights
from gptoss_lab.errors import EngineLoadError
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.model import FoundServer, Gpu, Hardware, ModelPlan, Option

MIB = 1 << 20
TINY: dict[str, Any] = {
    "architectures": ["GptOssForCausalLM"],
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "head_dim": 64,
    "sliding_window": 128,
    "max_position_embeddings": 4096,
}


def gpu(name: str = "NVIDIA H100 80GB HBM3", mib: int = 81559, **change: Any) -> Gpu:
    """Return a GPU of which all is free."""
    facts = {"index": 0, "capability": "9.0", "driver": "580.159.04", "free_bytes": (mib - 480) * MIB}
    return Gpu(name=name, total_bytes=mib * MIB, **{**facts, **change})


def machine(*gpus: Gpu, gib: int = 24, features: tuple[str, ...] = ("avx2", "avx512f")) -> Hardware:
    """Return a Linux machine with these GPUs and so much memory, of which a little is used."""
    return Hardware(
        gpus=gpus,
        cpu="Xeon",
        cores=2,
        cpu_features=features,
        memory_bytes=gib * GIB,
        available_bytes=gib * GIB - GIB,
        disk_free_bytes=60 * GIB,
        system="Linux",
        machine="x86_64",
    )


def plan(hardware: Hardware, weights: Weights | None = None, **change: Any) -> ModelPlan:
    """Return the plan with nothing installed."""
    return make_plan(ModelConfig(**change), hardware, weights, Installed())


def chosen(made: ModelPlan) -> Option:
    """Return what a plan chose."""
    assert made.chosen is not None
    return made.options[made.chosen]


def refused(made: ModelPlan, title: str) -> Option:
    """Return the option that does not fit and has this in its title."""
    return next(option for option in made.options if title in option.title and not option.fits)


@pytest.fixture
def tiny(tmp_path: Path) -> Weights:
    """A model of 50 MB in bf16."""
    shape = read_shape(TINY, disk_bytes=52_000_000, dequantized_bytes=52_000_000)
    return Weights(tmp_path, "", "", 52_000_000, shape)


def test_the_cache_takes_what_was_measured() -> None:
    """24 KiB a token and 3 MiB a sequence in bf16; half of it in fp8."""
    one = GPT_OSS_20B.kv_bytes(1_000, 1)
    assert GPT_OSS_20B.kv_bytes(1_001, 1) - one == 24 << 10
    assert GPT_OSS_20B.kv_bytes(1_000, 2) - one == 3 * MIB
    assert GPT_OSS_20B.kv_bytes(1_000, 4, "fp8") * 2 == GPT_OSS_20B.kv_bytes(1_000, 4)


def test_the_tiny_config_is_read_like_the_large_one() -> None:
    """Half of the layers see a window where the config does not list them."""
    shape = read_shape(TINY, disk_bytes=5, dequantized_bytes=5)
    assert (shape.layers, shape.full_layers, shape.window, shape.quantization) == (2, 1, 128, "")
    with pytest.raises(ValueError, match="num_hidden_layers"):
        read_shape({**TINY, "num_hidden_layers": "two"}, disk_bytes=5, dequantized_bytes=5)


def test_an_h100_takes_the_large_window() -> None:
    """A single GPU with room: 0.85, 32,768 tokens, the model's own cache type."""
    option = chosen(plan(machine(gpu())))
    assert (option.engine, option.device, option.max_model_len) == ("vllm", "cuda:0", 32_768)
    assert option.gpu_memory_utilization == pytest.approx(0.85)
    assert option.kv_cache_dtype == "auto"
    assert 14 * GIB < option.memory_bytes < 17 * GIB
    assert option.install == "jupyter gptoss model install --engine vllm"
    assert "--gpu-memory-utilization=0.85" in option.flags
    assert "67.7 GiB that vLLM may use (0.85 of 79.6 GiB)" in option.reasons[0]


def test_sixteen_gigabytes_are_tight() -> None:
    """8,192 tokens at 0.92, as the recipe says."""
    option = chosen(plan(machine(gpu("RTX 4080", 16376, capability="8.9"))))
    assert option.max_model_len == 8_192
    assert option.gpu_memory_utilization == pytest.approx(0.92)


def test_two_small_gpus_share_the_model() -> None:
    """Neither holds it alone; equal ones are used together, unequal ones are not."""
    small = gpu("RTX 4070", 12282, capability="8.9")
    option = chosen(plan(machine(small, small.model_copy(update={"index": 1}))))
    assert (option.title, option.device, option.tensor_parallel_size) == (
        "vLLM on 2 x RTX 4070",
        "cuda:0,1",
        2,
    )
    other = gpu("RTX 3080", 12288, index=1, capability="8.6")
    options = plan(machine(small, other)).options
    assert not any(option.fits for option in options if option.engine == "vllm")


def test_what_others_use_is_left_to_them() -> None:
    """The utilisation never asks for more than is free; a full GPU is refused with who is to blame."""
    busy = gpu(free_bytes=40 * GIB)
    option = chosen(plan(machine(busy)))
    assert option.gpu_memory_utilization is not None
    assert option.gpu_memory_utilization * busy.total_bytes < busy.free_bytes
    full = refused(plan(machine(gpu(free_bytes=3 * GIB))), "vLLM on NVIDIA")
    assert "Others use 76.6 GiB of it now." in full.reasons[0]
    assert "nvidia-smi" in full.hint


def test_this_kind_of_machine_is_told_why_not() -> None:
    """A processor without AMX: the reason with numbers, and what fits instead, in one sentence."""
    made = plan(machine(gib=24))
    assert made.chosen is None
    assert "only with Intel AMX, which Xeon lacks" in refused(made, "vLLM on the processor").reasons[0]
    assert "23.0 GiB of memory are free" in refused(made, "transformers").reasons[0]
    assert made.options[0].title.startswith("llama-server")
    assert made.options[0].fits
    assert made.summary.count(". ") == 0
    assert made.summary.startswith("gpt-oss-20b cannot be hosted here: vLLM runs MXFP4")
    assert made.summary.endswith("what fits is llama-server or Ollama, which you start.")


def test_amx_serves_the_checkpoint() -> None:
    """With a cache of a bounded size, since vLLM would take nearly all memory."""
    option = chosen(plan(machine(gib=64, features=("avx2", "amx_tile", "amx_bf16"))))
    assert (option.title, option.device) == ("vLLM on the processor", "cpu")
    assert option.kv_cache_bytes is not None
    assert GIB // 2 < option.kv_cache_bytes <= 4 * GIB


def test_the_tiny_model_runs_on_any_processor(tiny: Weights) -> None:
    """Plain bf16 weights: what CI starts."""
    option = chosen(plan(machine(gib=8), tiny, source=str(tiny.folder)))
    assert (option.engine, option.device, option.max_model_len) == ("vllm", "cpu", 4_096)
    assert option.kv_cache_bytes is not None
    assert option.kv_cache_bytes < GIB


def test_a_model_of_a_token_a_second_is_not_chosen_silently() -> None:
    """There is memory for 42 GB, but only a person who asks for it gets that."""
    made = plan(machine(gib=96))
    slow = next(option for option in made.options if option.engine == "transformers")
    assert slow.fits
    assert "Very slow" in slow.speed
    assert made.chosen is None
    assert chosen(plan(machine(gib=96), engine="transformers")) == slow


def test_an_old_gpu_is_for_transformers() -> None:
    """There vLLM has no kernels; transformers expands the weights."""
    made = plan(machine(gpu("Quadro RTX 8000", 49152, capability="7.5")))
    assert "compute capability 8.0, and Quadro RTX 8000 has 7.5" in refused(made, "vLLM on Quadro").reasons[0]
    assert chosen(made).title == "transformers on Quadro RTX 8000"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"max_model_len": 200_000}, "the model's window ends at 131,072"),
        ({"tensor_parallel_size": 3}, "asks for 3 equal GPUs, and there are 1"),
        ({"gpu_memory_utilization": 0.1}, "vLLM may use 8.0 GiB (0.10 of 79.6 GiB)"),
        ({"devices": "7"}, "`devices` names 7"),
        ({"kv_cache_bytes": 70 * GIB}, "takes about 84.1 GiB"),
        (
            {"kv_cache_bytes": 100 * MIB},
            "`kv_cache_bytes` asks for 100 MiB, and a window of 8,192 tokens takes 195",
        ),
    ],
)
def test_an_override_that_cannot_work_says_why(change: dict[str, Any], words: str) -> None:
    """In one sentence, with the person's number and the machine's."""
    made = plan(machine(gpu()), engine="vllm", **change)
    assert made.chosen is None
    assert any(
        words in option.reasons[0] for option in made.options if "NVIDIA" in option.title or words[0] == "`"
    )


def test_overrides_are_taken() -> None:
    """Every choice can be the person's."""
    made = plan(
        machine(gpu(), gpu(index=1)),
        max_model_len=65_536,
        gpu_memory_utilization=0.5,
        kv_cache_dtype="fp8",
        tensor_parallel_size=2,
        devices="0,1",
    )
    option = chosen(made)
    assert option.max_model_len == 65_536
    assert option.gpu_memory_utilization == pytest.approx(0.5)
    assert (option.kv_cache_dtype, option.tensor_parallel_size) == ("fp8", 2)
    assert "--kv-cache-dtype=fp8" in option.flags


def test_a_small_cache_makes_a_short_window() -> None:
    """The engine starts only where one full window fits into its cache."""
    assert chosen(plan(machine(gpu()), kv_cache_bytes=300 * MIB)).max_model_len == 8_192


def test_servers_are_offered_and_the_configured_one_is_taken() -> None:
    """A found server is never taken silently."""
    found = FoundServer(name="Ollama", url="http://127.0.0.1:11434/v1", models=("gpt-oss:20b",))
    offered = make_plan(ModelConfig(), machine(), None, Installed(), (found,))
    assert offered.chosen is None
    assert offered.options[0].title == "Ollama at http://127.0.0.1:11434/v1"
    assert offered.found == (found,)
    taken = make_plan(ModelConfig(url=found.url), machine(gpu()), None, Installed(), (found,))
    assert chosen(taken).engine == "attached"
    assert plan(machine(gpu()), engine="none").chosen is None


def test_what_is_installed_needs_no_command() -> None:
    """For the device of the option: an engine for the processor serves no GPU."""
    installed = Installed(pythons={"vllm": Path("/e/bin/python")}, devices={"vllm": "cuda"})
    ready = make_plan(ModelConfig(), machine(gpu()), None, installed)
    assert chosen(ready).install == ""
    other = make_plan(ModelConfig(), machine(gpu()), None, Installed(installed.pythons, {"vllm": "cpu"}))
    assert chosen(other).install


def test_an_unknown_model_is_planned_with_a_guess_and_says_so() -> None:
    """Until it is downloaded."""
    option = chosen(plan(machine(gpu()), source="someone/other-model"))
    assert "gpt-oss-20b's is assumed" in option.reasons[1]


def test_a_full_disk_is_known_before_a_download(tiny: Weights) -> None:
    """The weights must fit on the disk, unless they are there."""
    full = machine(gpu()).model_copy(update={"disk_free_bytes": 5_000_000_000})
    made = plan(full)
    assert made.chosen is None
    assert "take 13.8 GB, and 5.0 GB of disk are free" in refused(made, "vLLM on NVIDIA").reasons[0]
    assert plan(full, tiny).chosen is not None


def test_a_setting_is_what_was_planned(tmp_path: Path) -> None:
    """And the person's other choices."""
    config = ModelConfig(speculative="ngram", eager=True, name="mine")
    setting = setting_of(chosen(plan(machine(gpu()))), config, tmp_path, Path("/e/bin/python"))
    assert (setting.device, setting.devices, setting.served_name) == ("cuda", "0", "mine")
    assert (setting.max_model_len, setting.gpu_memory_utilization) == (32_768, 0.85)
    assert setting.eager
    assert setting.speculative is not None
    assert setting.speculative["method"] == "ngram"


def test_a_draft_model_must_be_on_this_disk(tmp_path: Path) -> None:
    """The engine has no network."""
    config = ModelConfig(speculative="eagle3")
    option = chosen(plan(machine(gpu())))
    with pytest.raises(EngineLoadError, match="not on this disk") as caught:
        setting_of(option, config, tmp_path, Path("python"))
    assert caught.value.reason == "gated_or_offline"
    setting = setting_of(option, config, tmp_path, Path("python"), speculator=tmp_path)
    assert setting.speculative == {"model": str(tmp_path), "num_speculative_tokens": 3, "method": "eagle3"}


def test_what_is_attached_is_not_started(tmp_path: Path) -> None:
    """There is nothing to start."""
    option = chosen(plan(machine(), url="http://127.0.0.1:8000/v1"))
    with pytest.raises(EngineLoadError, match="attached, not started"):
        setting_of(option, ModelConfig(), tmp_path, Path("python"))

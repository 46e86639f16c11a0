"""What tuning takes of a machine, and what tells a model from another."""

from __future__ import annotations

from pathlib import Path

import pytest

from gptoss_lab.engines.model_shape import GPT_OSS_20B
from gptoss_lab.engines.tuning.environment import TunerEnvironment, recipe_of
from gptoss_lab.engines.tuning.fingerprint import fingerprint
from gptoss_lab.engines.tuning.need import need_of
from gptoss_lab.errors import EngineLoadError
from gptoss_lab.schemas.model import Gpu, Hardware
from gptoss_lab.schemas.tuning import TuneAsk

H100 = Gpu(index=0, name="H100", total_bytes=85_000_000_000, free_bytes=84_000_000_000)
RTX = Gpu(index=0, name="RTX 4090", total_bytes=25_000_000_000, free_bytes=24_000_000_000)


@pytest.mark.parametrize(
    ("gpu", "ask", "fits"),
    [
        (H100, TuneAsk(), True),
        (H100, TuneAsk(max_tokens=4096), True),
        (H100, TuneAsk(max_tokens=4096, batch_rows=4), False),
        (H100, TuneAsk(max_tokens=4096, method="dpo", batch_rows=2), False),
        (RTX, TuneAsk(), False),
    ],
)
def test_gpt_oss_20b_takes_a_gpu_of_80_gb(gpu: Gpu, ask: TuneAsk, fits: bool) -> None:
    """42 GB are the weights; long rows and large batches take the rest."""
    need = need_of(GPT_OSS_20B, ask, Hardware(gpus=(gpu,), disk_free_bytes=10**12))
    assert need.memory_bytes > 45e9
    assert need.fits is fits
    if not fits:
        assert "42.0 GB are the weights in bfloat16" in need.reasons[0]


def test_a_machine_without_a_gpu_counts_its_own_memory() -> None:
    """And a full disk is told as well."""
    need = need_of(GPT_OSS_20B, TuneAsk(), Hardware(available_bytes=8 << 30, disk_free_bytes=10**9))
    assert (need.device, len(need.reasons)) == ("cpu", 2)
    assert "of the disk" in need.reasons[1]


def test_a_model_is_told_from_another(tmp_path: Path) -> None:
    """By its configuration and its weights; not by what a library adds to the configuration."""
    prints = set()
    for name, config, weights in (
        ("a", '{"n": 1}', b"x" * 3_000_000),
        ("b", '{"n": 2}', b"x" * 3_000_000),
        ("c", '{"n": 1}', b"x" * 2_999_999 + b"y"),
        ("d", '{"n": 1, "transformers_version": "5"}', b"x" * 3_000_000),
    ):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "config.json").write_text(config)
        (folder / "model.safetensors").write_bytes(weights)
        prints.add(fingerprint(folder))
    assert len(prints) == 3
    with pytest.raises(EngineLoadError, match="cannot be read"):
        fingerprint(tmp_path / "nowhere")


async def test_a_tuner_that_is_not_there_or_lacks_something_is_told(tmp_path: Path) -> None:
    """With the command that makes it."""
    with pytest.raises(EngineLoadError, match="not installed") as error:
        await TunerEnvironment(tmp_path).require()
    assert "tune install" in error.value.hint
    with pytest.raises(EngineLoadError, match="is no Python"):
        await TunerEnvironment(tmp_path, "/bin/false").require()


def test_the_recipe_is_pinned() -> None:
    """Every library that decides what comes out; on a GPU it takes more room."""
    cpu, cuda = recipe_of(Hardware()), recipe_of(Hardware(gpus=(H100,)))
    assert all("==" in package for package in (*cpu.steps[0], *cpu.steps[1][:5]))
    assert cpu.name != cuda.name
    assert cpu.disk_bytes < cuda.disk_bytes

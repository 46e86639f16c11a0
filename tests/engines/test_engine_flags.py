"""Further arguments: the harmless ones pass, those that load code or open doors never do."""

from __future__ import annotations

from pathlib import Path

import pytest

from gptoss_lab.engines.engine_flags import NEVER, allowed_arguments
from gptoss_lab.engines.launch import Endpoint, EngineSetting
from gptoss_lab.engines.vllm import VllmLauncher
from gptoss_lab.errors import EngineLoadError
from tests.fakes.weights import write_model


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--block-size", "32"),
        ("--attention-backend=TRITON_ATTN", "--max-num-partial-prefills", "2"),
        ("--cpu-offload-gb", "4", "--seed", "-1"),
        ("--attention_config.use_cudnn_prefill", "false"),
        ("--structured-outputs-config", '{"backend": "xgrammar"}'),
    ],
)
def test_flags_of_speed_pass(words: tuple[str, ...]) -> None:
    """As they were given."""
    assert allowed_arguments(words, allow=True) == words


@pytest.mark.parametrize(
    "words",
    [
        *((flag,) for flag in sorted(NEVER)),
        ("--trust_remote_code",),
        ("--trust-remote-code=true",),
        ("--trust",),
        ("--tru", "1"),
        ("--no-trust-remote-code",),
        ("--hf-overrides.auto_map", "x.Y"),
        ("--hf_overrides", '{"a": 1}'),
        ("--load-format=pt",),
        ("--mid", "evil.Middleware"),
        ("--api_key", "secret"),
        ("--po", "80"),
        ("--no-disable-uvicorn-access-log",),
        ("--attention-config", '{"x": {"trust\\u005fremote_code": true}}'),
        ("--some-new-config", '[{"kv_connector_module_path": "evil"}]'),
        ("--some-new-config.worker_cls", "evil.Worker"),
        ("--some-new-parser-plugin", "/srv/evil.py"),
        ("-O3",),
        ("-tp", "2"),
        ("--",),
        ("--Trust-Remote-Code",),
        ("openai/other", "--seed", "1"),
        ("--seed\0",),
        ("--seed",) * 65,
    ],
)
def test_what_loads_code_or_opens_doors_is_refused(words: tuple[str, ...]) -> None:
    """However it is written: underscores, beginnings, JSON, dots."""
    with pytest.raises(EngineLoadError) as caught:
        allowed_arguments(words, allow=True)
    assert caught.value.reason == "bad_flag"
    assert caught.value.hint


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_what_we_give_ourselves_cannot_be_given_again(tmp_path: Path, device: str) -> None:
    """The later of two flags would win."""
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.write_bytes(b"")
    (tmp_path / "lib" / "python3.12" / "site-packages" / "vllm-0.32.0.dist-info").mkdir(parents=True)
    setting = EngineSetting(
        python=python,
        weights=write_model(tmp_path / "weights"),
        served_name="m",
        device=device,
        gpu_memory_utilization=0.85,
        kv_cache_bytes=1 << 30,
        kv_cache_dtype="fp8",
        tensor_parallel_size=2,
        sleep=True,
        speculative={"method": "ngram"},
    )
    argv = VllmLauncher().command(setting, Endpoint(tmp_path / "e.sock", "m")).argv
    given = {word for word in argv if word.startswith("--")}
    assert {
        f"--{flag.removeprefix('--no-')}" if flag.startswith("--no-") else flag for flag in given
    } <= NEVER


def test_nothing_passes_unless_it_is_allowed() -> None:
    """The administrator must say so."""
    with pytest.raises(EngineLoadError, match="refused"):
        allowed_arguments(("--seed", "1"), allow=False)


def test_a_flag_of_ours_names_the_field_to_use() -> None:
    """There is one place for each choice."""
    with pytest.raises(EngineLoadError) as caught:
        allowed_arguments(("--max-model-len", "4096"), allow=True)
    assert "`max_model_len`" in caught.value.hint


def test_a_secret_is_not_repeated() -> None:
    """What stands behind a flag does not reach a message."""
    with pytest.raises(EngineLoadError) as caught:
        allowed_arguments(("--api-key=sk-secret",), allow=True)
    assert "sk-secret" not in caught.value.message + caught.value.hint

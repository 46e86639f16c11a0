"""How our worker is started, and what its words and its end mean."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gptoss_lab.engines.launch import Endpoint, EngineSetting, LineFact
from gptoss_lab.engines.transformers import MAIN, TransformersLauncher
from gptoss_lab.engines.worker.options import KEY_VARIABLE, read_options
from gptoss_lab.schemas.model import EnginePhase

SETTING = EngineSetting(Path("/env/bin/python"), Path("/weights"), "gpt-oss-20b", max_model_len=4096)
ENDPOINT = Endpoint(Path("/run/gptoss/e.sock"), "gpt-oss-20b", "secret")
LAUNCHER = TransformersLauncher()


def test_the_worker_understands_its_command() -> None:
    """What the launcher writes is what the worker reads; the key is in the environment only."""
    setting = replace(SETTING, device="cuda", devices="1", gpu_memory_utilization=0.8, kv_cache_bytes=1 << 30)
    command = LAUNCHER.command(setting, ENDPOINT)
    assert command.argv[:3] == ["/env/bin/python", "-I", str(MAIN)]
    assert MAIN.is_file()
    environ = dict(command.env)
    options = read_options(command.argv[3:], environ)
    assert (options.weights, options.socket, options.name) == (
        SETTING.weights,
        ENDPOINT.socket,
        "gpt-oss-20b",
    )
    assert (options.device, options.max_model_len, options.max_waiting) == ("cuda", 4096, 8)
    assert (options.gpu_fraction, options.kv_cache_bytes, options.key) == (0.8, 1 << 30, "secret")
    assert environ["CUDA_VISIBLE_DEVICES"] == "1"
    assert not any("secret" in word for word in command.argv)
    assert KEY_VARIABLE in command.env


def test_the_environment_is_small_and_without_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's secrets are none of the engine's business."""
    monkeypatch.setenv("GPTOSS_LAB_API_KEY", "other")
    monkeypatch.setenv("JUPYTER_TOKEN", "token")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    env = LAUNCHER.command(SETTING, replace(ENDPOINT, key="")).env
    assert not {"GPTOSS_LAB_API_KEY", "JUPYTER_TOKEN", KEY_VARIABLE} & env.keys()
    assert (env["HF_HUB_OFFLINE"], env["CUDA_VISIBLE_DEVICES"]) == ("1", "")
    assert int(env["OMP_NUM_THREADS"]) >= 1
    on_gpu = LAUNCHER.command(replace(SETTING, device="rocm"), ENDPOINT)
    assert on_gpu.env["CUDA_VISIBLE_DEVICES"] == "0"
    assert on_gpu.argv[on_gpu.argv.index("--device") + 1] == "cuda"  # torch's word for ROCm, too


@pytest.mark.parametrize(
    ("line", "fact"),
    [
        ("[worker] starting version=5.19.0 torch=2.13.0+cpu\n", LineFact(phase="starting", version="5.19.0")),
        ("[worker] starting listening", LineFact(phase="starting")),
        (
            "[worker] loading_weights percent=50 15 of 30 tensors",
            LineFact(phase="loading_weights", fraction=0.5, message="15 of 30 tensors"),
        ),
        ("[worker] warming", LineFact(phase="warming")),
        ("[worker] memory weights_bytes=51 gpu_bytes=0", LineFact(weights_bytes=51)),
        ("[worker] memory kv_bytes=7 kv_tokens=9", LineFact(kv_bytes=7, kv_tokens=9)),
        ("[worker] loading_weights percent=½ x", LineFact(phase="loading_weights", message="x")),
        ("[worker] ready 4096 tokens", None),
        ("[worker] error connection: ValueError at http.py:9", None),
        ("FutureWarning: whatever", None),
        ("", None),
    ],
)
def test_a_line_is_a_fact_or_nothing(line: str, fact: LineFact | None) -> None:
    """Other libraries write into the same log."""
    assert LAUNCHER.read_line(line) == fact


@pytest.mark.parametrize(
    ("phase", "code", "tail", "reason", "words"),
    [
        (
            "loading_weights",
            3,
            ["[worker] failed code=oom_gpu The weights do not fit: x", "bye"],
            "oom_gpu",
            "fit",
        ),
        ("loading_weights", 3, ["[worker] failed code=nonsense x"], "crashed", "status 3"),
        ("loading_weights", -9, [], "oom_host", "memory"),
        ("ready", -9, [], "oom_host", "killed"),
        ("starting", -4, [], "no_hardware", "processor"),
        ("ready", -11, [], "crashed", "signal 11"),
        (
            "starting",
            1,
            ["ModuleNotFoundError: No module named 'openai_harmony'"],
            "engine_missing",
            "openai_harmony",
        ),
        ("starting", 127, ["tether: cannot start /env/bin/python"], "engine_missing", "/env/bin/python"),
        ("starting", 2, ["usage: gptoss-worker"], "bad_flag", "arguments"),
        ("loading_weights", None, [], "timeout", "1800 seconds"),
        ("ready", None, [], "hung", "no answer"),
    ],
)
def test_an_end_has_a_reason_and_a_hint(
    phase: EnginePhase, code: int | None, tail: list[str], reason: str, words: str
) -> None:
    """Its own words go before what the status suggests."""
    failure = LAUNCHER.diagnose(phase, code, tail, SETTING)
    assert (failure.phase, failure.code, failure.log_tail) == (phase, reason, tuple(tail))
    assert words in failure.message
    assert failure.hint

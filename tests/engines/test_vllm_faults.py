"""Why vLLM ended."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gptoss_lab.engines.launch import EngineSetting
from gptoss_lab.engines.vllm import VllmLauncher
from gptoss_lab.schemas.model import EngineFailure
from tests.fakes.engines import LOGS

ENTRY = "module specification for 'vllm.entrypoints.launchers.api_server.entry'"
SETTING = EngineSetting(Path("/python"), Path("/weights"), "gpt-oss-20b", device="cuda")


def diagnosed(lines: list[str], code: int | None = 1, *, setting: EngineSetting = SETTING) -> EngineFailure:
    """Diagnose an end while the weights were loaded."""
    return VllmLauncher().diagnose("loading_weights", code, lines, setting)


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("corrupt_weights", "corrupt_weights", "damaged"),
        ("kv_too_small", "oom_gpu", "cache is too small"),
        ("no_mxfp4", "no_amx_mxfp4", "AMX"),
        ("bad_flag", "bad_flag", "--no-such-flag"),
    ],
)
def test_recorded_ends_are_understood(name: str, code: str, words: str) -> None:
    """With a hint, and their last lines without the noise."""
    failure = diagnosed((LOGS / f"{name}.log").read_text(encoding="utf-8").splitlines())
    assert (failure.code, failure.phase) == (code, "loading_weights")
    assert words in failure.message
    assert failure.hint
    assert 0 < len(failure.log_tail) <= 40
    assert not any("nanobind" in line for line in failure.log_tail)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("tether: cannot start /gone/python: No such file or directory", "engine_missing"),
        (
            f"/p/python: Error while finding {ENTRY} (ModuleNotFoundError: No module named 'vllm')",
            "engine_missing",
        ),
        (
            f"/p/python: Error while finding {ENTRY} (No module named 'vllm.entrypoints.launchers')",
            "version_too_old",
        ),
        ("ModuleNotFoundError: No module named 'torch'", "engine_missing"),
        ("entry.py: error: argument --max-num-seqs: invalid int value: 'many'", "bad_flag"),
        ("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 1.05 GiB.", "oom_gpu"),
        (
            "ValueError: Free memory on device cuda:0 (3.1/23.5 GiB) on startup is less than desired",
            "oom_gpu",
        ),
        ("ValueError: No available memory for the cache blocks. Try increasing", "oom_gpu"),
        ("RuntimeError: [enforce fail at alloc_cpu.cpp] can't allocate memory: you tried", "oom_host"),
        (
            "RuntimeError: Engine core initialization failed. Failed core proc(s): {'EngineCore': -9}",
            "oom_host",
        ),
        ("Worker proc VllmWorker-0 died unexpectedly (exit code: -9), shutting down", "oom_host"),
        ("OSError: [Errno 28] No space left on device", "no_disk"),
        ("OSError: [Errno 98] Address already in use", "port_or_socket"),
        ("OSError: AF_UNIX path too long", "port_or_socket"),
        ("RuntimeError: The NVIDIA driver on your system is too old (found version 11040)", "driver"),
        ("CUDA error: no kernel image is available for execution on the device", "driver"),
        ("RuntimeError: No CUDA GPUs are available", "no_hardware"),
        ("RuntimeError: Failed to infer device type, please set VLLM_LOGGING_LEVEL=DEBUG", "no_hardware"),
        (
            "huggingface_hub.errors.LocalEntryNotFoundError: Cannot find the requested files",
            "gated_or_offline",
        ),
        (
            "safetensors_rust.SafetensorError: Error while deserializing header: HeaderTooLarge",
            "corrupt_weights",
        ),
    ],
)
def test_each_fault_has_its_code(line: str, code: str) -> None:
    """By the line that vLLM, torch or Python says it with, wherever it stands."""
    failure = diagnosed([
        "INFO before",
        f"(EngineCore pid=1) ERROR 11-26 20:00:00 [core.py:1] {line}",
        "after",
    ])
    plain = diagnosed([line])
    assert plain.code == code
    assert code in {failure.code, "engine_missing"}
    assert failure.hint


@pytest.mark.parametrize(
    ("status", "code"), [(-9, "oom_host"), (-4, "no_hardware"), (-11, "crashed"), (3, "crashed")]
)
def test_an_end_without_words_is_told_by_its_status(status: int, code: str) -> None:
    """Killed is what the system does where memory runs out."""
    assert diagnosed([], status).code == code


def test_an_unknown_flag_of_ours_means_an_old_engine() -> None:
    """One of the person's own is a bad flag."""
    line = "entry.py: error: unrecognized arguments: --prefix-cache-retention-interval 512"
    assert diagnosed([line], 2).code == "version_too_old"
    own = replace(SETTING, extra_args=("--no-such-flag=1",))
    assert (
        diagnosed(["entry.py: error: unrecognized arguments: --no-such-flag=1"], 2, setting=own).code
        == "bad_flag"
    )


def test_a_crash_is_told_by_its_first_exception() -> None:
    """Not by the echoes that follow it in other processes."""
    failure = diagnosed([
        "(Worker pid=7) ERROR 11-26 20:00:00 [worker.py:953] Traceback (most recent call last):",
        "(Worker pid=7) ERROR 11-26 20:00:00 [worker.py:953] vllm.errors.StrangeError: the cause",
        "Exception: WorkerProc initialization failed. See stack trace for root cause.",
        "RuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s): {}",
    ])
    assert failure.message == "The engine ended with status 1: vllm.errors.StrangeError: the cause"


def test_memory_of_a_cpu_is_not_that_of_a_gpu() -> None:
    """The words of vLLM are the same for both."""
    lines = (LOGS / "kv_too_small.log").read_text(encoding="utf-8").splitlines()
    failure = diagnosed(lines, setting=replace(SETTING, device="cpu"))
    assert failure.code == "oom_host"
    assert "kv_cache_bytes" in failure.hint


def test_the_tail_is_bounded() -> None:
    """Whatever was printed."""
    failure = diagnosed(["x" * 5000] * 500)
    assert len(failure.log_tail) == 40
    assert all(len(line) == 300 for line in failure.log_tail)

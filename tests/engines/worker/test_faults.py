"""What errors mean."""

from __future__ import annotations

import json

import pytest

from gptoss_lab.engines.worker.faults import UnloadableError, is_out_of_memory, load_fault


class OutOfMemoryError(RuntimeError):
    """Named like torch's."""


class SafetensorError(Exception):
    """Named like safetensors' own."""


@pytest.mark.parametrize(
    ("error", "device", "code"),
    [
        (OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"), "cuda", "oom_gpu"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), "cuda", "oom_host"),
        (MemoryError(), "cpu", "oom_host"),
        (ModuleNotFoundError("No module named 'torch'"), "cpu", "engine_missing"),
        (
            ImportError("Using `device_map` requires Accelerate: pip install accelerate"),
            "cuda",
            "engine_missing",
        ),
        (ImportError("cannot import name 'DynamicLayer'"), "cpu", "version_too_old"),
        (AttributeError("module transformers has no attribute GptOssForCausalLM"), "cpu", "version_too_old"),
        (ValueError("Transformers does not recognize this architecture"), "cpu", "version_too_old"),
        (RuntimeError("Found no NVIDIA driver on your system"), "cuda", "driver"),
        (SafetensorError("Error while deserializing header"), "cpu", "corrupt_weights"),
        (RuntimeError("size mismatch for lm_head.weight"), "cpu", "corrupt_weights"),
        (json.JSONDecodeError("x", "", 0), "cpu", "corrupt_weights"),
        (UnloadableError("driver", "no GPU answers"), "cuda", "driver"),
        (KeyError("x"), "cpu", "crashed"),
    ],
)
def test_an_error_while_loading_has_a_code(error: Exception, device: str, code: str) -> None:
    """One of those that the launcher has a hint for."""
    assert load_fault(error, device).code == code


def test_only_a_lack_of_memory_is_one() -> None:
    """Other faults of the device are not."""
    assert is_out_of_memory(OutOfMemoryError())
    assert is_out_of_memory(RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate"))
    assert not is_out_of_memory(RuntimeError("CUDA error: device-side assert triggered"))
    assert not is_out_of_memory(ValueError("out of memory"))

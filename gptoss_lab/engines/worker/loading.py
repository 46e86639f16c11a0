"""Bring the model up: from a folder to a network on its devices, saying how far it has come."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable, Iterator
from typing import Any

import torch
import transformers
from transformers.utils import logging

from gptoss_lab.engines.worker.faults import UnloadableError
from gptoss_lab.engines.worker.memory import available_bytes
from gptoss_lab.engines.worker.network import Network
from gptoss_lab.engines.worker.options import Options
from gptoss_lab.engines.worker.report import say
from gptoss_lab.engines.worker.weights import Weights, survey

VERSION = str(transformers.__version__)
_GIB = 1 << 30
_STEP_PERCENT = 5
_OLDEST = (5, 16)


class _Bar:
    """What transformers takes for a progress bar, and we for the progress."""

    def __init__(self, _factory: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self._items: Iterable[Any] = args[0] if args else kwargs.get("iterable", ())
        self._total = len(self._items) if hasattr(self._items, "__len__") else 0

    def __iter__(self) -> Iterator[Any]:
        said = -_STEP_PERCENT
        for number, item in enumerate(self._items):
            percent = 100 * number // max(self._total, number + 1)
            if percent >= said + _STEP_PERCENT:
                say("loading_weights", f"{number} of {self._total} tensors", percent=percent)
                said = percent
            yield item

    def update(self, _count: int = 1) -> None:
        """Nothing: what is not iterated over has no length that we know."""

    def close(self) -> None:
        """Nothing: there is no bar."""


def load(options: Options) -> Network:
    """Load the model.

    Args:
        options: Where it is and where it goes.

    Raises:
        UnloadableError: It does not fit, is not whole, or the device is not there.
    """
    _require_version()
    weights = survey(options.weights)
    _require_device(options.device)
    threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    torch.set_num_threads(threads)
    unpack = weights.quantized and not _computes_mxfp4(options.device)
    if options.device == "cpu":
        _require_memory(weights)
    say("loading_weights", f"{weights.shards} files, {weights.stored_bytes / _GIB:.1f} GiB", percent=0)
    hook = getattr(logging, "set_tqdm_hook", None)
    if hook is not None:
        hook(_Bar)
    model = transformers.GptOssForCausalLM.from_pretrained(
        str(options.weights),
        dtype=torch.bfloat16,
        attn_implementation="eager",  # the attention sinks of gpt-oss have no other without a download
        local_files_only=True,
        use_safetensors=True,
        **_placement(options),
        **({"quantization_config": transformers.Mxfp4Config(dequantize=True)} if unpack else {}),
    )
    _require_placed(model)
    say("loading_weights", _how(model, threads), percent=100)
    return Network(model)


def weights_bytes(network: Network) -> int:
    """Return what the weights take."""
    return int(network._model.get_memory_footprint())  # noqa: SLF001 - the network has no other use for it


def gpu_bytes() -> int:
    """Return what torch holds on all accelerators."""
    return sum(torch.cuda.memory_reserved(index) for index in range(torch.cuda.device_count()))


def say_versions() -> None:
    """Write which versions run, before anything can go wrong."""
    say(
        "starting",
        version=VERSION,
        torch=torch.__version__,
        python=platform.python_version(),
        devices=torch.cuda.device_count(),
    )


def _require_version() -> None:
    numbers = tuple(int(number) for number in re.findall(r"\d+", VERSION)[:2])
    if numbers < _OLDEST:
        raise UnloadableError("version_too_old", f"transformers {VERSION} is too old; this needs 5.16")


def _require_device(device: str) -> None:
    if device == "cuda" and not torch.cuda.is_available():
        reason = (
            "this torch was built without CUDA or ROCm" if torch.version.cuda is None else "no GPU answers"
        )
        raise UnloadableError("driver", f"No accelerator can be used: {reason}")


def _require_memory(weights: Weights) -> None:
    """Refuse what the kernel would kill halfway.

    Raises:
        UnloadableError: The weights need more memory than there is.
    """
    room, need = available_bytes(), weights.unpacked_bytes
    if room is not None and need > room:
        raise UnloadableError(
            "oom_host",
            f"The weights take {need / _GIB:.1f} GiB in bfloat16, and {room / _GIB:.1f} GiB are free",
        )


def _computes_mxfp4(device: str) -> bool:
    """Say whether the kernels that compute in MXFP4 are at hand; without them the weights are unpacked."""
    if device == "cpu":
        return False
    try:
        from transformers.quantizers.quantizer_mxfp4 import Mxfp4HfQuantizer  # noqa: PLC0415

        quantizer = Mxfp4HfQuantizer(transformers.Mxfp4Config(), pre_quantized=True)
        quantizer.validate_environment()
        if not quantizer.quantization_config.dequantize:
            quantizer._lazy_import_kernels()  # noqa: SLF001 - only this tells whether they can be had offline
            return True
    except Exception as error:  # noqa: BLE001 - whatever it is, unpacked weights work
        say(
            "loading_weights",
            f"no MXFP4 kernels ({type(error).__name__}): the weights are unpacked to bfloat16",
        )
    return False


def _placement(options: Options) -> dict[str, Any]:
    if options.device == "cpu":
        return {}
    placed: dict[str, Any] = {"device_map": "auto"}
    if options.gpu_fraction is not None:
        most = {
            index: int(torch.cuda.get_device_properties(index).total_memory * options.gpu_fraction)
            for index in range(torch.cuda.device_count())
        }
        placed["max_memory"] = {**most, "cpu": available_bytes() or 0}
    return placed


def _require_placed(model: Any) -> None:
    places = set((getattr(model, "hf_device_map", None) or {}).values())
    if "disk" in places:
        raise UnloadableError("oom_gpu", "The weights fit neither the GPU nor the memory beside it")
    if places and "cpu" in places:
        say("loading_weights", "a part of the weights stays in main memory: each token waits for it")


def _how(model: Any, threads: int) -> str:
    packed = any(type(module).__name__.startswith("Mxfp4") for module in model.modules())
    place = f"{threads} threads" if model.device.type == "cpu" else torch.cuda.get_device_name(model.device)
    return f"{'MXFP4' if packed else 'bfloat16'} on {model.device.type}, {place}"

"""Write weights with an adapter worked in. Only the attention changes; MXFP4 experts stay as they are.

So the result is as large as the base, needs no graphics memory to make, and every engine serves it. It runs
in the tuner's environment: `python -I .../engines/tuner/merge.py BASE ADAPTER OUT`.

Source: https://arxiv.org/abs/2106.09685 (section 4.1: W + (alpha / r) B A)
"""

from __future__ import annotations

import json
import math
import shutil
import sys
from pathlib import Path
from typing import Any

FAILED = 1
_PREFIX = "base_model.model."
_NOT_COPIED = {".safetensors", ".bin", ".gguf", ".pt", ".pth"}


class UnfitAdapterError(Exception):
    """The adapter is none of ours, or not of this model."""


def say(kind: str, **facts: object) -> None:
    """Write one line, as the tuner does."""
    sys.stdout.write(json.dumps({"tuner": kind, **facts}) + "\n")
    sys.stdout.flush()


def merge(base: Path, adapter: Path, out: Path) -> int:
    """Write the merged weights to a folder; return how many tensors changed.

    Args:
        base: The folder of the base model.
        adapter: What peft saved.
        out: An empty folder.

    Raises:
        UnfitAdapterError: A tensor of the adapter has no place in the base, or another shape.
    """
    from safetensors import safe_open  # noqa: PLC0415 - the tuner's environment has it
    from safetensors.torch import load_file, save_file  # noqa: PLC0415

    changes = _changes(load_file(str(adapter / "adapter_model.safetensors")), adapter)
    shards, changed = sorted(base.glob("*.safetensors")), 0
    for number, shard in enumerate(shards):
        say("shard", done=number, total=len(shards))
        tensors = {}
        with safe_open(str(shard), framework="pt") as opened:
            for name in opened.keys():  # noqa: SIM118 - it is no mapping
                tensor = opened.get_tensor(name)
                if name in changes:
                    tensor = _worked_in(name, tensor, *changes.pop(name))
                    changed += 1
                tensors[name] = tensor
            save_file(tensors, str(out / shard.name), metadata=opened.metadata() or {"format": "pt"})
    if changes:
        raise UnfitAdapterError(f"the model has no {next(iter(changes))}")
    for file in base.iterdir():
        if file.is_file() and file.suffix not in _NOT_COPIED:
            shutil.copyfile(file, out / file.name)
    return changed


def _changes(tensors: dict[str, Any], adapter: Path) -> dict[str, tuple[Any, Any, float]]:
    """Return the two matrices of each weight that changes, and their scale.

    Raises:
        UnfitAdapterError: It is of another kind, or reaches further than the attention.
    """
    config = json.loads((adapter / "adapter_config.json").read_text(encoding="utf-8"))
    if config.get("use_dora") or config.get("rank_pattern") or config.get("alpha_pattern"):
        raise UnfitAdapterError("it is of a kind that this version does not make")
    root = math.sqrt(config["r"]) if config.get("use_rslora") else config["r"]
    found = {}
    for name in [name for name in tensors if name.endswith(".lora_A.weight")]:
        other = name.replace(".lora_A.", ".lora_B.")
        target = name.removeprefix(_PREFIX).replace(".lora_A.weight", ".weight")
        found[target] = (tensors.pop(name), tensors.pop(other), config["lora_alpha"] / root)
    if tensors:
        raise UnfitAdapterError(f"it holds {next(iter(tensors))}, which is no part of an attention")
    return found


def _worked_in(name: str, weight: Any, first: Any, second: Any, scale: float) -> Any:
    if weight.shape != (second.shape[0], first.shape[1]):
        raise UnfitAdapterError(f"{name} has the shape {list(weight.shape)}, and the adapter another")
    change = (second.float() @ first.float()) * scale
    return (weight.float() + change).to(weight.dtype)


def main(words: list[str]) -> int:
    """Merge as the command line says; return the exit status."""
    base, adapter, out = map(Path, words)
    try:
        changed = merge(base, adapter, out)
    except (UnfitAdapterError, KeyError) as error:
        say("failed", code="unfit", message=f"The adapter does not fit this model: {error}")
        return FAILED
    except OSError as error:
        say("failed", code="disk", message=f"The merged weights could not be written: {error.strerror}")
        return FAILED
    say("done", tensors=changed)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

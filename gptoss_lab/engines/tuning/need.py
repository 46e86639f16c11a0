"""What tuning takes of this machine: said before anything is loaded.

The weights are unpacked to bfloat16, as MXFP4 has no gradients: 42 GB for gpt-oss-20b. OpenAI's recipe of the
same kind is for one GPU with 80 GB. Memory for a row grows with the square of its length, as the attention of
gpt-oss (with its sinks) is computed in full.

Source: https://cookbook.openai.com/articles/gpt-oss/fine-tune-transfomers
"""

from __future__ import annotations

from gptoss_lab.engines.model_shape import GIB, ModelShape
from gptoss_lab.schemas.model import Hardware
from gptoss_lab.schemas.tuning import TuneAsk, TuneNeed

LIBRARIES_BYTES = 3 * GIB
"""What torch, its kernels and the chunks of the vocabulary's scores take beside the model."""
SCORES_KEPT = 3  # of a layer that is computed again: the scores, their softmax, and the gradient
CHECKPOINTS_KEPT = 3
_GB = 1e9


def need_of(shape: ModelShape, ask: TuneAsk, hardware: Hardware) -> TuneNeed:
    """Return what a run takes, and whether it fits.

    Args:
        shape: The measures of the base model.
        ask: How to tune.
        hardware: What there is.
    """
    on_gpu = any(gpu.kind == "cuda" for gpu in hardware.gpus)
    rows = ask.batch_rows * (2 if ask.method == "dpo" else 1)  # a pair is two rows at once
    scores = rows * SCORES_KEPT * shape.score_bytes(ask.max_tokens, ask.max_tokens)
    memory = shape.dequantized_bytes + LIBRARIES_BYTES + scores
    free = (
        sum(gpu.free_bytes for gpu in hardware.gpus if gpu.kind == "cuda")
        if on_gpu
        else hardware.available_bytes
    )
    adapter = _adapter_bytes(shape, ask.rank)
    disk = shape.disk_bytes + adapter * (1 + 3 * CHECKPOINTS_KEPT)
    reasons = []
    if memory > free:
        where = "GPU memory" if on_gpu else "memory"
        reasons.append(
            f"It takes about {memory / _GB:.1f} GB of {where} "
            f"({shape.dequantized_bytes / _GB:.1f} GB are the weights in bfloat16), "
            f"and {free / _GB:.1f} GB are free"
        )
    if disk > hardware.disk_free_bytes:
        reasons.append(
            f"It takes about {disk / _GB:.1f} GB of the disk, most of it the tuned weights, "
            f"and {hardware.disk_free_bytes / _GB:.1f} GB are free"
        )
    return TuneNeed(
        device="cuda" if on_gpu else "cpu",
        memory_bytes=memory,
        memory_free_bytes=free,
        disk_bytes=disk,
        disk_free_bytes=hardware.disk_free_bytes,
        reasons=tuple(reasons),
    )


def _adapter_bytes(shape: ModelShape, rank: int) -> int:
    """Return about what an adapter takes: two matrices for each of four weights of each layer, in float32."""
    wide = shape.heads * shape.head_dim
    return 4 * 2 * shape.layers * rank * wide * 4

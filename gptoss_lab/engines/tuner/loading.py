"""The base model, in a form that can be tuned.

MXFP4 weights have no gradients: they are unpacked to bfloat16, as OpenAI's own recipe does.

Source: https://cookbook.openai.com/articles/gpt-oss/fine-tune-transfomers
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import torch
import transformers

from gptoss_lab.engines.tuner.setting import Setting


def load_base(setting: Setting) -> Any:
    """Load the weights for training.

    Args:
        setting: Where they are and where they go.
    """
    torch.set_num_threads(
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
    config = json.loads((Path(setting.weights) / "config.json").read_text(encoding="utf-8"))
    packed = (config.get("quantization_config") or {}).get("quant_method") == "mxfp4"
    model = transformers.GptOssForCausalLM.from_pretrained(
        setting.weights,
        dtype=torch.bfloat16,
        attn_implementation="eager",  # the attention sinks of gpt-oss have no other without a download
        local_files_only=True,
        use_safetensors=True,
        use_cache=False,
        **({"device_map": "auto"} if setting.device != "cpu" else {}),
        **({"quantization_config": transformers.Mxfp4Config(dequantize=True)} if packed else {}),
    )
    model.config.use_cache = False
    return model

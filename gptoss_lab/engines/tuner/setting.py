"""What the tuner is started with, as the one who starts it writes it to a file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Setting:
    """How to tune.

    Attributes:
        weights: The folder of the base model.
        train: JSON lines in TRL's conversational form, prompt-completion or preference.
        validation: The same, for the loss that is measured between; empty where there is none.
        run: Where checkpoints and the adapter go.
        method: "sft" learns from completions, "dpo" from pairs.
        device: "cpu", or "cuda" for whatever accelerators torch sees.
        rank: Of the two small matrices that each layer gets.
        max_tokens: Longer rows are left out: one that is cut off would teach to stop in the middle.
        thought_tokens: The longest thought of the base model that is put before an answer; 0 for none.
        resume: Go on from the last whole checkpoint of the run.
    """

    weights: str
    train: str
    validation: str
    run: str
    method: Literal["sft", "dpo"] = "sft"
    device: str = "cpu"
    epochs: float = 1.0
    max_steps: int = -1
    learning_rate: float = 2e-4
    batch_rows: int = 1
    accumulate: int = 8
    rank: int = 16
    alpha: int = 32
    dropout: float = 0.0
    beta: float = 0.1
    max_tokens: int = 4096
    thought_tokens: int = 512
    save_every_steps: int = 50
    seed: int = 0
    effort: str = "medium"
    date: str = "2026-01-01"
    resume: bool = False


def read_setting(file: Path) -> Setting:
    """Return what a file asks for.

    Args:
        file: JSON with the fields of `Setting`.
    """
    said: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return Setting(**said)

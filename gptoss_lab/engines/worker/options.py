"""What the worker is started with. The key comes in the environment: argv can be read by everybody."""

from __future__ import annotations

import argparse
import datetime as dt
import os
from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

KEY_VARIABLE = "GPTOSS_WORKER_KEY"


@dataclass(frozen=True, slots=True)
class Options:
    """How the worker serves.

    Attributes:
        weights: The folder of the model.
        socket: Where it listens.
        name: The name under which the model answers.
        device: "cpu", or "cuda" for whatever accelerators torch sees.
        max_model_len: The tokens that a prompt and its answer may have together; 0 is the model's own.
        max_waiting: How many requests may wait for their turn.
        kept_prompts: How many prompts the prefix cache remembers.
        kv_cache_bytes: The memory for remembered prompts, which then decides how many; 0 leaves it.
        gpu_fraction: The part of each accelerator's memory that the weights may take.
        date: The date that the model is told, ISO 8601; fixed, so that prompts keep their beginning.
        key: What a request must bring; empty asks for none.
    """

    weights: Path
    socket: Path
    name: str = "gpt-oss-20b"
    device: str = "cpu"
    max_model_len: int = 0
    max_waiting: int = 8
    kept_prompts: int = 2
    kv_cache_bytes: int = 0
    gpu_fraction: float | None = None
    date: str = ""
    key: str = field(default="", repr=False)


def read_options(argv: Sequence[str], environ: MutableMapping[str, str] = os.environ) -> Options:
    """Return what a command line asks for, and take the key out of the environment.

    Args:
        argv: The words after the program's name.
        environ: The environment that holds the key.
    """
    parser = argparse.ArgumentParser(prog="gptoss-worker", allow_abbrev=False, description=__doc__)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--socket", type=Path, required=True)
    parser.add_argument("--name", default="gpt-oss-20b")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--max-model-len", type=_at_least(0), default=0)
    parser.add_argument("--max-waiting", type=_at_least(0), default=8)
    parser.add_argument("--kept-prompts", type=_at_least(1), default=2)
    parser.add_argument("--kv-cache-bytes", type=_at_least(0), default=0)
    parser.add_argument("--gpu-fraction", type=float, default=None)
    parser.add_argument("--date", type=_date, default=dt.date.today().isoformat())  # noqa: DTZ011 - the person's own day
    given = parser.parse_args(argv)
    return Options(**vars(given), key=environ.pop(KEY_VARIABLE, ""))


def _at_least(least: int) -> Callable[[str], int]:
    def count(text: str) -> int:
        number = int(text)
        if number < least:
            raise ValueError(text)
        return number

    return count


def _date(text: str) -> str:
    return dt.date.fromisoformat(text).isoformat()

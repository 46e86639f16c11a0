"""How long each phase of a start took the last time, on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import cast, get_args

from gptoss_lab.engines.launch import EngineSetting
from gptoss_lab.schemas.model import EngineKind, EnginePhase

MAX_KEPT = 40
_MAX_BYTES = 10_000
_PHASES = frozenset(get_args(EnginePhase))


def start_key(kind: EngineKind, setting: EngineSetting) -> str:
    """Return what starts must share to take about as long: the engine, the weights and the flags."""
    deciding = (
        kind,
        *(str(path) for path in (setting.python, setting.weights)),
        *(setting.device, setting.devices, setting.tensor_parallel_size),
        *(setting.max_model_len, setting.max_num_seqs, setting.kv_cache_dtype, setting.kv_cache_bytes),
        *(setting.max_cudagraph_capture, setting.optimization_level, setting.eager),
        sorted((setting.speculative or {}).items()),
        setting.extra_args,
    )
    return hashlib.sha256(json.dumps(deciding).encode()).hexdigest()[:24]


class StartHistory:
    """The phases' durations of the last whole start, one small file for each kind of start.

    A file that cannot be read, or holds something else, is as good as none: only the percentages
    are lost with it. Each is written beside and moved into place, so that two writers do no harm.

    Args:
        folder: Where the files are; it is made on first use.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def load(self, key: str) -> dict[EnginePhase, float]:
        """Return the seconds of each phase; empty where nothing is known."""
        return await asyncio.to_thread(self._load, key)

    async def save(self, key: str, durations_s: Mapping[EnginePhase, float]) -> None:
        """Remember the seconds of each phase of a start that came through."""
        await asyncio.to_thread(self._save, key, dict(durations_s))

    def _load(self, key: str) -> dict[EnginePhase, float]:
        try:
            with self._path(key).open("rb") as file:
                found = json.loads(file.read(_MAX_BYTES))
        except (OSError, ValueError, RecursionError):
            return {}
        if not isinstance(found, dict):
            return {}
        return {
            cast("EnginePhase", phase): value for phase, value in found.items() if _is_known(phase, value)
        }

    def _save(self, key: str, durations_s: dict[EnginePhase, float]) -> None:
        path = self._path(key)
        beside = path.with_suffix(f".{os.getpid()}.new")
        with contextlib.suppress(OSError):  # a full disk costs the percentages, not the model
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            beside.write_text(json.dumps({phase: round(s, 3) for phase, s in durations_s.items()}), "ascii")
            beside.replace(path)
            self._forget_old()

    def _forget_old(self) -> None:
        files = sorted(self._folder.glob("start-*.json"), key=lambda path: path.stat().st_mtime)
        for path in files[:-MAX_KEPT]:
            path.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self._folder / f"start-{key}.json"


def _is_known(phase: object, value: object) -> bool:
    return (
        phase in _PHASES
        and isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(value)
        and value >= 0
    )

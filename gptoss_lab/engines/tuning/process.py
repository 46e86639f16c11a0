"""The tuner's process: held by a tether as an engine is, and heard line by line."""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from gptoss_lab.engines.launch import LaunchCommand
from gptoss_lab.engines.process import EngineProcess
from gptoss_lab.errors import EngineLoadError

TUNER = Path(__file__).parent.parent / "tuner"
PATIENCE_S = 120.0
"""How long a step may take to end after a stop; the checkpoint is written after it."""
LAST_LINES = 20
MOST_LINE_BYTES = 1 << 20
STOPPED = 3
ENDS = frozenset({"done", "stopped"})
"""The last words of a program that came to its end."""
Fact = Mapping[str, Any]
Hear = Callable[[Fact], None]
_PASSED_ON = (
    *("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "XDG_CACHE_HOME"),
    *("CUDA_HOME", "CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "ROCM_PATH", "HIP_VISIBLE_DEVICES"),
)
_QUIET = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "PYTHONUNBUFFERED": "1",
}
_HINTS = {
    "memory": "Lower --max-tokens or --batch, close what else uses the memory, or use a larger machine.",
    "environment": "Run `jupyter gptoss tune install`.",
    "dataset": "Raise --max-tokens, or export a dataset with more rows.",
    "unfit": "Use it with the model that it was made for; `jupyter gptoss tune list` names it.",
    "disk": "Free some space, or move the data folder with GPTOSS_LAB_DATA_DIR.",
}


class TunerProcess:
    """One program of the tuner.

    Args:
        python: The interpreter of the tuner's environment.
        cwd: Where it runs.
        hear: Called with each fact that it says.
    """

    def __init__(self, python: Path, cwd: Path, hear: Hear) -> None:
        self._python = python
        self._cwd = cwd
        self._hear = hear
        self._rest = b""
        self._tail: deque[str] = deque(maxlen=LAST_LINES)
        self._failure: Fact = {}
        self._last = ""
        self._process: EngineProcess | None = None

    async def run(self, program: str, words: Sequence[str]) -> bool:
        """Run a program to its end; say whether it is done, and not stopped.

        Cancelling it ends the program at once.

        Args:
            program: A file of the tuner.
            words: What it is given.

        Raises:
            EngineLoadError: It failed; the message says why as far as it could tell.
        """
        argv = [str(self._python), "-I", str(TUNER / program), *words]
        command = LaunchCommand(argv, _environment(), self._cwd)
        self._process = await EngineProcess.start(command, self._cwd / "no-socket", PATIENCE_S, self._take)
        try:
            code = await self._process.wait()
        except BaseException:
            await self._process.end(drain=False)
            raise
        self._process.release()
        self._take(b"\n")
        if self._last in ENDS:  # a signal that comes while Python itself ends changes nothing
            return self._last == "done"
        if code not in {0, STOPPED}:
            raise self._error(code)
        return code == 0

    def stop(self) -> None:
        """Ask it to end after the step that runs, with a checkpoint."""
        if self._process is not None:
            self._process.ask()

    def _take(self, piece: bytes) -> None:
        *lines, self._rest = (self._rest + piece)[-MOST_LINE_BYTES:].split(b"\n")
        for line in lines:
            self._line(line.decode("utf-8", "replace").rpartition("\r")[2].strip())

    def _line(self, line: str) -> None:
        fact = _fact(line)
        if fact is None:
            if line:
                self._tail.append(line[:400])
            return
        self._last = fact["tuner"]
        if fact["tuner"] == "failed":
            self._failure = fact
        self._hear(fact)

    def _error(self, code: int) -> EngineLoadError:
        if self._failure:
            kind = str(self._failure.get("code", ""))
            hint = _HINTS.get(kind, "Look at the lines above; --resume goes on from the last checkpoint.")
            return EngineLoadError(str(self._failure.get("message", "")), reason=kind, hint=hint)
        if code == -9:  # noqa: PLR2004 - SIGKILL
            message = "The system ended the tuner, most likely because memory ran out"
            return EngineLoadError(message, reason="memory", hint=_HINTS["memory"])
        tail = "\n".join(self._tail)
        return EngineLoadError(
            f"The tuner ended with status {code}.\n{tail}", reason="crashed", hint=_HINTS["environment"]
        )


def _fact(line: str) -> dict[str, Any] | None:
    if not line.startswith('{"tuner"'):
        return None
    try:
        said = json.loads(line)
    except ValueError:
        return None
    return said if isinstance(said, dict) and isinstance(said.get("tuner"), str) else None


def _environment() -> dict[str, str]:
    """Return all that it gets to see: no proxy, no token."""
    env = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return env | _QUIET | {"OMP_NUM_THREADS": str(cores), "MKL_NUM_THREADS": str(cores)}

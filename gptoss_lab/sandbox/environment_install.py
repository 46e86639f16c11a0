"""Install packages into a fresh virtual environment, with progress, and without leftovers on cancel."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import signal
import sys
from collections import deque
from collections.abc import AsyncGenerator
from pathlib import Path

from gptoss_lab.errors import SandboxError, StorageError
from gptoss_lab.sandbox.lock import Lock
from gptoss_lab.sandbox.runtime import Report

LAST_LINES = 15
FULL = ("No space left on device", "Disk quota exceeded")
# Wheels only: a source distribution runs code of its author on this machine when it is built.
PIP_OPTIONS = (
    "--only-binary",
    ":all:",
    "--no-input",
    "--progress-bar",
    "off",
    "--disable-pip-version-check",
)


async def install_packages(venv: Path, lock: Lock, report: Report) -> None:
    """Make a virtual environment at `venv` and install a lock into it.

    Which index serves the files is this user's pip settings; what they hold is the lock's hashes.

    Raises:
        SandboxError: A step failed; the message ends with its last lines.
        StorageError: The disk is full.
    """
    pip = await _make_venv(venv)
    listed = venv / "lock.txt"
    await asyncio.to_thread(listed.write_text, lock.text, encoding="ascii")
    command = [*pip, "install", "--require-hashes", *PIP_OPTIONS, "--requirement", str(listed)]
    progress = PipProgress()
    async with contextlib.aclosing(_lines(command, "install the packages")) as lines:
        async for line in lines:
            if (step := progress.read(line)) is not None:
                await report(*step)


async def _make_venv(venv: Path) -> list[str]:
    """Make a virtual environment; return the pip command that installs into it."""
    python = str(venv / "bin" / "python")
    make = [sys.executable, "-I", "-m", "venv"]
    lent = importlib.util.find_spec("pip") is not None
    if lent:
        make.append("--without-pip")
    async with contextlib.aclosing(_lines([*make, str(venv)], "make a virtual environment")) as lines:
        async for _ in lines:
            pass
    return [sys.executable, "-m", "pip", "--python", python] if lent else [python, "-m", "pip"]


class PipProgress:
    """Turns pip's lines into steps: a sentence, the steps done, the steps in all."""

    def __init__(self) -> None:
        self._collected = 0

    def read(self, line: str) -> tuple[str, int, int] | None:
        """Return the step that a line tells of, if it does."""
        verb, _, rest = line.strip().partition(" ")
        if verb == "Collecting":
            self._collected += 1
            return f"Collecting {rest.split(' (')[0]}", self._collected, 0
        if verb == "Downloading":
            return f"Downloading {rest.rpartition('/')[2]}", self._collected, 0
        if line.startswith("Installing collected packages:"):
            names = rest.partition(": ")[2].split(", ")
            return f"Installing {len(names)} packages", self._collected, max(self._collected, len(names))
        return None


async def _lines(command: list[str], purpose: str) -> AsyncGenerator[str, None]:
    """Run a command and yield its lines; kill it with its children when nobody listens any more.

    Raises:
        SandboxError: It failed; the message ends with its last lines.
        StorageError: It found the disk full.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
        umask=0o022,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    last: deque[str] = deque(maxlen=LAST_LINES)
    try:
        async for raw in process.stdout:
            line = raw.decode("utf-8", "replace").rstrip()
            last.append(line)
            yield line
        code = await process.wait()
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await asyncio.shield(process.wait())
    if code:
        words = "\n".join(last)
        if any(sign in words for sign in FULL):
            raise StorageError(f"The disk is full: could not {purpose}.\n{words}")
        raise SandboxError(
            f"Could not {purpose} (exit status {code}).\n{words}",
            hint="Check the network, and pip's index and proxy settings; then build again.",
        )

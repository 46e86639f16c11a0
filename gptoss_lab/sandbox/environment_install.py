"""Install packages into a fresh virtual environment, with progress, and without leftovers on cancel."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import signal
import sys
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

from gptoss_lab.errors import SandboxError, StorageError
from gptoss_lab.sandbox.lock import Lock
from gptoss_lab.sandbox.runtime import Report
from gptoss_lab.sandbox.wheels import WheelOrder, Wheels, read_wheels

LAST_LINES = 15
SHOWN = 5
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
    pip = await make_venv(venv)
    listed = venv / "lock.txt"
    await asyncio.to_thread(listed.write_text, lock.text, encoding="ascii")
    command = [*pip, "install", "--require-hashes", "--no-deps", *PIP_OPTIONS, "--requirement", str(listed)]
    await _run_pip(command, "install the packages", report)


async def fetch_wheels(order: WheelOrder, pip: Sequence[str], folder: Path, report: Report) -> Wheels:
    """Download what an order needs; nothing is installed yet.

    Raises:
        PackageRefusedError: A package is unknown, does not fit, or is too large.
        SandboxError: The index did not answer, or pip failed otherwise.
        StorageError: The disk is full.
    """
    await report(f"Looking for {', '.join(order.packages[:SHOWN])}", 0, 0)
    command = order.command(sys.executable, pip, str(folder))
    return read_wheels(await _run_pip(command, "fetch the packages", report), order.packages)


async def install_wheels(
    pip: Sequence[str], lock: Lock, folder: Path, report: Report, *, target: Path | None = None
) -> None:
    """Install the wheels that were fetched into `folder`, and no other file; into `target` where given.

    Raises:
        SandboxError: pip failed.
        StorageError: The disk is full.
    """
    listed = folder / "lock.txt"
    await asyncio.to_thread(listed.write_text, lock.text, encoding="ascii")
    options = ["--require-hashes", "--no-index", "--no-deps", "--find-links", str(folder / "wheels")]
    if target is not None:
        options += ["--target", str(target)]
    command = [*pip, "install", *options, *PIP_OPTIONS, "--requirement", str(listed)]
    await _run_pip(command, "install the packages", report)


async def _run_pip(command: list[str], purpose: str, report: Report) -> str:
    """Run a command that speaks as pip does; return its last line."""
    progress = PipProgress()
    last = ""
    async with contextlib.aclosing(_lines(command, purpose)) as lines:
        async for line in lines:
            last = line or last
            if (step := progress.read(line)) is not None:
                await report(*step)
    return last


async def make_venv(venv: Path) -> list[str]:
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

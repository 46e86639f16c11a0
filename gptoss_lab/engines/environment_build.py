"""Makes an environment in a folder that nobody uses yet, with progress, and without leftovers."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import importlib.util
import os
import shutil
import signal
import sys
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from pathlib import Path
from typing import IO

from gptoss_lab.engines.probe import find_program
from gptoss_lab.engines.recipe import Recipe
from gptoss_lab.errors import EngineLoadError, StorageError

InstallReport = Callable[[str, int, int], None]
LOCK = ".lock"
PERIOD_S = 0.2
LAST_LINES = 15
SCRIPT_BYTES = 1 << 16
FULL = ("No space left on device", "Disk quota exceeded")
NO_NETWORK = ("Retrying (", "onnection broken", "Temporary failure in name resolution", "unreachable")
# Wheels only: a source distribution runs code of its author on this machine when it is built.
PIP_OPTIONS = ("--only-binary", ":all:", "--no-input", "--progress-bar", "off", "--disable-pip-version-check")


@contextlib.asynccontextmanager
async def only_installer(folder: Path, report: InstallReport) -> AsyncIterator[None]:
    """Let one installer in at a time, of all processes; the others wait, and say so.

    Raises:
        StorageError: The folder cannot be written.
    """
    try:
        file = await asyncio.to_thread((folder / LOCK).open, "a", encoding="ascii")
    except OSError as error:
        raise StorageError(f"{folder} cannot be written: {error.strerror}") from error
    with file:
        if not _locked(file):
            report("Waiting for another install to end", 0, 0)
        while not _locked(file):  # noqa: ASYNC110 - the other installer may be another process
            await asyncio.sleep(PERIOD_S)
        yield


async def build(recipe: Recipe, place: Path, final: Path, report: InstallReport) -> None:
    """Make the environment of a recipe at `place`, to be renamed to `final`.

    Which index serves the packages is this user's pip settings.

    Raises:
        EngineLoadError: A step failed; the message ends with its last lines.
    """
    steps = recipe.step_count
    report("Making a virtual environment", 0, steps)
    installer = await _make_venv(place)
    for number, packages in enumerate(recipe.steps, 1):
        index = ("--extra-index-url", recipe.index) if recipe.index else ()
        what = " ".join(packages)
        report(f"Installing {what}", number, steps)
        async for line in _said(installer.install(*index, *packages), f"install {what}"):
            if shown := _step(line):
                report(f"Installing {what}: {shown}", number, steps)
    if recipe.removed:
        report(f"Removing {', '.join(recipe.removed)}", steps - 1, steps)
        await _run(installer.remove(*recipe.removed), "remove what is not needed")
    await asyncio.to_thread(move_scripts, place, final)


class _Installer:
    """The command that installs into an environment: pip of this one, its own pip, or uv."""

    def __init__(self, python: str) -> None:
        self._python = python
        self.lent = importlib.util.find_spec("pip") is not None
        self._uv = None if self.lent else find_program("uv")

    @property
    def needs_pip(self) -> bool:
        """Whether the environment must bring a pip of its own. uv does not read pip's settings."""
        return not self.lent and self._uv is None

    def install(self, *words: str) -> list[str]:
        """Return the command that installs."""
        if self._uv:
            return [self._uv, "pip", "install", "--python", self._python, "--only-binary", ":all:", *words]
        return [*self._pip(), "install", *PIP_OPTIONS, *words]

    def remove(self, *names: str) -> list[str]:
        """Return the command that removes; what is not there is no fault."""
        if self._uv:
            return [self._uv, "pip", "uninstall", "--python", self._python, *names]
        return [*self._pip(), "uninstall", "--yes", "--disable-pip-version-check", *names]

    def _pip(self) -> list[str]:
        return (
            [sys.executable, "-m", "pip", "--python", self._python]
            if self.lent
            else [self._python, "-m", "pip"]
        )


async def _make_venv(place: Path) -> _Installer:
    installer = _Installer(str(place / "bin" / "python"))
    without = () if installer.needs_pip else ("--without-pip",)
    await _run([sys.executable, "-I", "-m", "venv", *without, str(place)], "make a virtual environment")
    return installer


def move_scripts(place: Path, final: Path) -> None:
    """Have the scripts of an environment name the folder that it will have. Blocks."""
    old, new = f"#!{place}/".encode(), f"#!{final}/".encode()
    for file in (place / "bin").iterdir():
        if file.is_symlink() or not file.is_file() or file.stat().st_size > SCRIPT_BYTES:
            continue
        content = file.read_bytes()
        if content.startswith(old):
            file.write_bytes(new + content[len(old) :])


async def remove_tree(place: Path) -> None:
    """Remove a folder, also when this is cancelled meanwhile."""
    await asyncio.shield(asyncio.to_thread(shutil.rmtree, place, ignore_errors=True))


def _step(line: str) -> str:
    """Return what a line of pip says of its progress; empty for most."""
    verb, _, rest = line.strip().partition(" ")
    if verb == "Collecting":
        return rest.split(" (")[0]
    if verb == "Downloading":
        return rest.rpartition("/")[2]
    if line.startswith("Installing collected packages:"):
        return f"unpacking {line.count(',') + 1} packages"
    return ""


async def _run(command: list[str], purpose: str) -> None:
    async for _ in _said(command, purpose):
        pass


async def _said(command: list[str], purpose: str) -> AsyncIterator[str]:
    async with contextlib.aclosing(_lines(command, purpose)) as lines:
        async for line in lines:
            yield line


async def _lines(command: list[str], purpose: str) -> AsyncGenerator[str, None]:
    """Run a command and yield its lines; kill it with its children when nobody listens any more.

    Raises:
        EngineLoadError: It failed.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
        limit=1 << 20,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"},
    )
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    last: deque[str] = deque(maxlen=LAST_LINES)
    words = ""
    try:
        async for raw in process.stdout:
            line = raw.decode("utf-8", "replace").rstrip()
            words = words or next((sign for sign in (*FULL, *NO_NETWORK) if sign in line), "")
            last.append(line)
            yield line
        code = await process.wait()
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process._transport.close()  # type: ignore[attr-defined]  # noqa: SLF001 - asyncio has no other way
            await asyncio.shield(process.wait())
    if code:
        failure = _failure(purpose, words, "\n".join(last))
        raise failure


def _failure(purpose: str, sign: str, tail: str) -> EngineLoadError:
    if sign in FULL:
        hint = "Free some space, or move the data folder with GPTOSS_LAB_DATA_DIR."
        return EngineLoadError(f"The disk is full: could not {purpose}.", reason="no_disk", hint=hint)
    if sign:
        hint = "Check the network, and pip's index and proxy settings; then install again."
        return EngineLoadError(
            f"The package index cannot be reached: could not {purpose}.\n{tail}",
            reason="gated_or_offline",
            hint=hint,
        )
    hint = "Look at the lines above; or make an environment yourself and set `engine_python` to its Python."
    return EngineLoadError(f"Could not {purpose}.\n{tail}", reason="engine_missing", hint=hint)


def _locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

"""The tuner's own virtual environment: pinned, apart from the server's and from the engines'.

TRL and peft are Apache-2.0. The versions were tried together: TRL 1.16 and peft 0.21 with transformers 5.19.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path

from gptoss_lab.engines.environment_build import InstallReport, build, only_installer, remove_tree
from gptoss_lab.engines.hardware import read_hardware
from gptoss_lab.engines.probe import ask
from gptoss_lab.engines.recipe import GB, TORCH, Recipe
from gptoss_lab.errors import EngineLoadError, StorageError
from gptoss_lab.schemas.model import Hardware

NEW, NOTE = ".new-", "gptoss-lab.json"
TRANSFORMERS = "transformers==5.19.0"
TUNING = ("trl==1.16.0", "peft==0.21.2", "datasets==5.2.0", "accelerate==1.15.0")
OTHERS = ("safetensors>=0.6", "oss-harmony>=0.0.11,<1")
MODULES = ("torch", "transformers", "peft", "trl", "datasets", "accelerate", "safetensors", "openai_harmony")
INSTALL = "Run `jupyter gptoss tune install`."
PROBE_TIMEOUT_S = 60.0


class TunerEnvironment:
    """Where the tuner is installed.

    Args:
        folder: Our data folder.
        named: The Python that the configuration names; it goes before what was made here.
    """

    def __init__(self, folder: Path, named: str = "") -> None:
        self._data = folder
        self._folder = folder / "tuner"
        self._named = Path(named).expanduser() if named else None

    def python(self) -> Path | None:
        """Return its interpreter; None where it is not installed. Blocks."""
        if self._named is not None:
            return self._named
        made = sorted(self._folder.glob(f"*/{NOTE}"), key=lambda note: note.stat().st_mtime)
        return made[-1].parent / "bin" / "python" if made else None

    async def require(self) -> Path:
        """Return an interpreter that has all that is needed.

        Raises:
            EngineLoadError: It is not installed, or lacks something.
        """
        python = await asyncio.to_thread(self.python)
        if python is None:
            raise EngineLoadError("The tuner is not installed", reason="engine_missing", hint=INSTALL)
        await _check(python)
        return python

    async def install(self, report: InstallReport, hardware: Hardware | None = None) -> Path:
        """Make the environment unless it is here; return its interpreter. Cancelling it leaves nothing.

        Args:
            report: Called with each step, how many steps are done, and of how many.
            hardware: Of this machine; asked when None.

        Raises:
            EngineLoadError: There is no room, or a package cannot be had.
            StorageError: The folder cannot be made.
        """
        recipe = recipe_of(hardware or await read_hardware(self._data))
        final = self._folder / recipe.name
        try:
            await asyncio.to_thread(lambda: self._folder.mkdir(parents=True, exist_ok=True, mode=0o700))
        except OSError as error:
            raise StorageError(f"{self._folder} cannot be made: {error.strerror}") from error
        async with only_installer(self._folder, report):
            if not (final / NOTE).is_file():
                await asyncio.to_thread(self._look_for_room, recipe)
                await self._make(recipe, final, report)
        return final / "bin" / "python"

    async def _make(self, recipe: Recipe, final: Path, report: InstallReport) -> None:
        for left in await asyncio.to_thread(lambda: list(self._folder.glob(f"{NEW}*"))):
            await remove_tree(left)  # of an installer that was killed: whoever holds the lock is alone
        place = self._folder / f"{NEW}{recipe.name}"
        try:
            await build(recipe, place, final, report)
            await _check(place / "bin" / "python")
            note = json.dumps({"device": recipe.device, "packages": [*recipe.steps[0], *recipe.steps[1]]})
            await asyncio.to_thread((place / NOTE).write_text, note, encoding="utf-8")
            await asyncio.to_thread(place.rename, final)
        finally:
            await remove_tree(place)

    def _look_for_room(self, recipe: Recipe) -> None:
        needed, free = recipe.disk_bytes * 3 // 2, shutil.disk_usage(self._folder).free
        if free < needed:
            raise EngineLoadError(
                f"The tuner needs about {needed / GB:.1f} GB, and {free / GB:.1f} GB are free "
                f"at {self._folder}",
                reason="no_disk",
                hint="Free some space, or move the data folder with GPTOSS_LAB_DATA_DIR.",
            )


def recipe_of(hardware: Hardware) -> Recipe:
    """Return what the environment is made of on a machine."""
    device = "cuda" if any(gpu.kind == "cuda" for gpu in hardware.gpus) else "cpu"
    size = 8 * GB if device == "cuda" else 3 * GB
    # torch first, or another build of it would come.
    steps = ((f"torch=={TORCH}",), (TRANSFORMERS, *TUNING, *OTHERS))
    return Recipe("transformers", device, steps, disk_bytes=size)


async def _check(python: Path) -> None:
    """See to it that an interpreter has all that is needed; nothing of it is imported.

    Raises:
        EngineLoadError: It is no Python, or lacks something.
    """
    script = (
        "import importlib.util as u, json; "
        f"print('LACKS ' + json.dumps([name for name in {MODULES!r} if u.find_spec(name) is None]))"
    )
    reply = await ask([str(python), "-I", "-c", script], timeout_s=PROBE_TIMEOUT_S)
    line = next((line for line in reply.text.splitlines() if line.startswith("LACKS ")), "")
    if not line:
        problem = reply.problem or "it said nothing of use"
        raise EngineLoadError(f"{python} is no Python: {problem}", reason="engine_missing", hint=INSTALL)
    lacks = json.loads(line.removeprefix("LACKS "))
    if lacks:
        raise EngineLoadError(
            f"The tuner's environment lacks {', '.join(lacks)}", reason="engine_missing", hint=INSTALL
        )

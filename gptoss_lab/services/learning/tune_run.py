"""A run of tuning on the disk: what it began with, and what came of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from gptoss_lab.engines.weights import Weights
from gptoss_lab.errors import NotFoundError, RequestError, StorageError
from gptoss_lab.schemas.tuning import AdapterInfo, LossPoint, TuneAsk

SETTING, RUN, EVENTS = "setting.json", "run.json", "events.jsonl"


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


def files_of(dataset: Path, ask: TuneAsk) -> tuple[Path, Path | None]:
    """Return what a method learns from, and what it is measured by; None where there is no such file.

    Raises:
        NotFoundError: The dataset has nothing for this method.
        RequestError: It is not of the form that the tuner reads.
    """
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


def hash_of(train: Path, validation: Path | None) -> str:
    """Return what tells a dataset from every other. Blocks."""
    digest = hashlib.sha256()
    for file in filter(None, (train, validation)):
        with file.open("rb") as opened:
            while piece := opened.read(1 << 20):
                digest.update(piece)
    return digest.hexdigest()


def setting_for(
    run: Run, weights: Weights, train: Path, validation: Path | None, device: str
) -> dict[str, Any]:
    """Return what the tuner is started with."""
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


def write_run(run: Run, setting: Mapping[str, Any]) -> None:
    """Put a run on the disk. Blocks.

    Raises:
        StorageError: The disk is full or not writable.
    """
    try:
        run.folder.mkdir(parents=True, mode=0o700)
        (run.folder / SETTING).write_text(json.dumps(setting, indent=1), encoding="utf-8")
        (run.folder / RUN).write_text(run.info.model_dump_json(indent=1), encoding="utf-8")
    except OSError as error:
        raise StorageError(f"{run.folder} cannot be written: {error.strerror}") from error


def read_run(name: str, folder: Path) -> Run:
    """Return a run as it is on the disk. Blocks."""
    info = AdapterInfo.model_validate_json((folder / RUN).read_text(encoding="utf-8"))
    events = folder / EVENTS
    lines = events.read_text(encoding="utf-8").splitlines() if events.exists() else []
    return Run(name, folder, info, [json.loads(line) for line in lines])


def told(run: Run, seconds: float) -> AdapterInfo:
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

"""What persons decided on generated cells, kept on this machine and counted for them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from gptoss_lab.errors import FeedbackOffError
from gptoss_lab.schemas.config import FeedbackConfig
from gptoss_lab.schemas.feedback import FeedbackCounts, FeedbackItem, FeedbackSummary
from gptoss_lab.services.feedback_file import FeedbackFile, name_of, names_in

Last = dict[tuple[str, str], FeedbackItem]


class FeedbackService:
    """Keeps feedback in one file per owner and sums it up.

    Args:
        folder: Where the files lie; made when the first item comes.
        config: Whether anything is kept, and how much.
    """

    def __init__(self, *, folder: Path, config: FeedbackConfig) -> None:
        self.folder = folder
        self._config = config

    async def add(self, owner: str, items: Sequence[FeedbackItem]) -> None:
        """Keep what an owner's page tells.

        Raises:
            FeedbackOffError: The administrator keeps none.
            StorageError: The disk is full or not writable; none of the items was kept.
        """
        if not self._config.enabled:
            raise FeedbackOffError("This server keeps no feedback")
        lines = [item.model_dump_json() for item in items]
        await asyncio.to_thread(self._file(name_of(owner)).append, lines)

    async def summary(self, owner: str) -> FeedbackSummary:
        """Count one owner's feedback.

        Raises:
            StorageError: The file cannot be read.
        """
        return await asyncio.to_thread(self._count, [name_of(owner)])

    async def summary_of_all(self) -> FeedbackSummary:
        """Count what all owners of this data folder have told.

        Raises:
            StorageError: A file cannot be read.
        """
        return await asyncio.to_thread(lambda: self._count(names_in(self.folder)))

    def _file(self, name: str) -> FeedbackFile:
        return FeedbackFile(self.folder, name, self._config.max_file_bytes)

    def _count(self, names: Iterable[str]) -> FeedbackSummary:
        standing: list[FeedbackItem] = []
        unreadable = 0
        for name in names:
            last, bad = _read(self._file(name).lines())
            standing += [item for item in last.values() if item.verdict != "withdrawn"]
            unreadable += bad
        times = sorted(item.at for item in standing)
        return FeedbackSummary(
            enabled=self._config.enabled,
            since=times[0] if times else "",
            until=times[-1] if times else "",
            counts=_counts(standing),
            unreadable=unreadable,
        )


def _read(lines: Iterable[str]) -> tuple[Last, int]:
    """Return the last item on each cell, and how many lines are none."""
    last: Last = {}
    unreadable = 0
    for line in lines:
        if not line.strip():
            continue
        try:
            item = FeedbackItem.model_validate_json(_known(line))
        except (ValueError, RecursionError):
            unreadable += 1
        else:
            last[item.job, item.cell] = item
    return last, unreadable


def _known(line: str) -> str:
    """Return an item without the fields that only another version of ours has.

    Raises:
        ValueError: The line is no JSON.
    """
    found = json.loads(line)
    if not isinstance(found, dict):
        return line
    return json.dumps({name: value for name, value in found.items() if name in FeedbackItem.model_fields})


def _counts(items: Iterable[FeedbackItem]) -> tuple[FeedbackCounts, ...]:
    groups: dict[tuple[str, str], list[FeedbackItem]] = {}
    for item in items:
        groups.setdefault((item.generator, item.model), []).append(item)
    counts = [_group(group) for group in groups.values()]
    return tuple(sorted(counts, key=lambda one: (-one.cells, one.generator, one.model)))


def _group(items: Sequence[FeedbackItem]) -> FeedbackCounts:
    verdicts = [item.verdict for item in items]
    measured = [item for item in items if item.edit_distance is not None and item.verdict != "rejected"]
    return FeedbackCounts(
        generator=items[0].generator,
        model=items[0].model,
        cells=len(items),
        accepted=verdicts.count("accepted"),
        edited=verdicts.count("edited"),
        rejected=verdicts.count("rejected"),
        measured_cells=len(measured),
        measured_chars=sum(max(item.generated_chars, item.kept_chars) for item in measured),
        edit_distance=sum(item.edit_distance or 0 for item in measured),
    )

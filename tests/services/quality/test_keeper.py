"""What keeps facts, whatever the disk does."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gptoss_lab.errors import StorageError
from gptoss_lab.schemas.feedback import FeedbackItem, Outcome
from gptoss_lab.services.quality import keeper as module
from gptoss_lab.services.quality.facts import JobFact
from gptoss_lab.services.quality.figures import Figures
from gptoss_lab.services.quality.keeper import QualityKeeper
from gptoss_lab.services.quality.store import QualityStore
from gptoss_lab.services.quality.window import window

NOW = 1_767_225_600.0 + 40_000


def keeper(folder: Path | None, now: float = NOW) -> QualityKeeper:
    """Return a keeper whose clock stands still."""
    return QualityKeeper(folder, 90, lambda: now)


def made(name: str, at: float = NOW, **changes: object) -> JobFact:
    """Return a generation of one good cell, by a model from documentation."""
    values = {
        "generator": "model",
        "model": "m",
        "templates": "t1",
        "docs": "pandas 2.2.3",
        "result": "good",
        "ran": 1,
    }
    return JobFact(at, name, "generate", **{**values, **changes})  # type: ignore[arg-type]


def decision(job: str, verdict: Outcome, model: str = "m") -> FeedbackItem:
    """Return a decision on the job's cell."""
    return FeedbackItem(
        at="2026-01-01T00:00:00Z", job=job, cell="c", generator="model", model=model, verdict=verdict
    )


async def day(keeping: QualityKeeper) -> Figures:
    """Return the figures of a day."""
    return await keeping.figures(window(24, NOW))


async def test_figures_by_group_and_step(tmp_path: Path) -> None:
    """Medians are those of the group; executions have no group; a step without anything is there."""
    one = keeper(tmp_path)
    for number, seconds in enumerate((1.0, 2.0, 9.0)):
        one.ended(made(f"a{number}", NOW - 3600, duration_s=seconds, rounds=1))
    one.ended(made("b", docs="pandas 3.0", result="partial", failed_run=1, duration_s=4.0, first_text_s=0.5))
    one.ended(JobFact(NOW, "run", "execute", ok=True))
    one.ended(JobFact(NOW, "ran badly", "execute"))
    one.ended(JobFact(NOW, "nobody", "generate", result="failed"))
    found = await day(one)
    assert (found.total.generations, found.total.good, found.total.failed) == (5, 3, 1)
    assert (found.total.executions, found.total.executions_ok, found.total.repair_rounds) == (2, 1, 3)
    assert (found.total.duration_s, found.total.first_text_s, found.total.tokens_per_s) == (3.0, 0.5, None)
    assert [(group.docs, group.quality.generations, group.quality.duration_s) for group in found.groups] == [
        ("pandas 2.2.3", 3, 2.0),
        ("pandas 3.0", 1, 4.0),
    ]
    steps = [point.quality.generations for point in found.timeline]
    assert (len(steps), sum(steps), steps[-1]) == (97, 5, 2)
    await one.close()


async def test_decisions_count_where_their_cell_was_made(tmp_path: Path) -> None:
    """The last one on a cell counts, one that was withdrawn does not; an unknown job's stand alone."""
    one = keeper(tmp_path)
    one.ended(made("a", NOW - 7200))
    one.ended(made("b", docs="pandas 3.0"))
    one.review([decision("a", "accepted"), decision("a", "rejected"), decision("b", "accepted")])
    await one.flush()
    one.review([decision("b", "withdrawn"), decision("gone", "edited", "old")])
    found = await day(one)
    by_docs = {(group.model, group.docs): group.quality for group in found.groups}
    assert by_docs["m", "pandas 2.2.3"].rejected == 1
    assert by_docs["m", "pandas 3.0"].accepted == 0
    assert (by_docs["old", ""].edited, by_docs["old", ""].generations) == (1, 0)
    assert (found.total.accepted, found.total.edited, found.total.rejected) == (0, 1, 1)
    assert sum(point.quality.rejected for point in found.timeline[:-1]) == 1
    await one.close()


async def test_times_and_errors_are_tallied(tmp_path: Path) -> None:
    """The most first."""
    one = keeper(tmp_path)
    for seconds in (0.1, 0.1, 0.4):
        one.tally("stage", "draft", seconds)
    one.tally("response", "GET /x", 0.01)
    one.tally("job", "engine")
    one.tally("cell", "KeyError", count=3)
    found = await day(one)
    (stage,) = found.stages
    assert (stage.name, stage.count) == ("draft", 3)
    assert stage.p50_s == pytest.approx(0.1, rel=0.1)
    assert stage.p95_s == pytest.approx(0.4, rel=0.1)
    assert [spread.name for spread in found.responses] == ["GET /x"]
    assert [(error.code, error.kind, error.count) for error in found.errors] == [
        ("KeyError", "cell", 3),
        ("engine", "job", 1),
    ]
    await one.close()


async def test_figures_survive_a_restart(tmp_path: Path) -> None:
    """Also what had not been written when the server stopped; a second close does nothing."""
    one = keeper(tmp_path)
    one.ended(made("a"))
    await one.close()
    await one.close()
    again = keeper(tmp_path)
    assert (await day(again)).total.good == 1
    await again.close()


async def test_a_clock_that_was_set_back_loses_nothing(tmp_path: Path) -> None:
    """What it left in the future counts in the last step."""
    one = keeper(tmp_path)
    one.ended(made("later", NOW + 9000))
    found = await day(one)
    assert (found.total.generations, found.timeline[-1].quality.generations) == (1, 1)
    await one.close()


async def test_a_disk_that_refuses_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said, the figures go on from memory, and they are kept once the disk takes them."""
    monkeypatch.setattr(module, "PAUSE_S", 0.01)
    monkeypatch.setattr(module, "RETRY_S", 0.01)
    folder = tmp_path / "monitor"
    folder.write_text("in the way")
    one = keeper(folder)
    one.ended(made("a"))
    assert (await day(one)).total.good == 1
    assert "cannot be kept" in one.fault
    folder.unlink()
    for _ in range(500):
        await asyncio.sleep(0.01)
        if not one.fault:
            break
    await one.close()
    again = keeper(folder)
    assert (await day(again)).total.good == 1
    await again.close()


async def test_a_full_disk_shows_what_it_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside what waits in memory."""
    one = keeper(tmp_path)
    one.ended(made("a"))
    await one.flush()

    def full(*_: object) -> None:
        raise StorageError("The figures of the monitor cannot be written: database or disk is full")

    monkeypatch.setattr(QualityStore, "add", full)
    one.ended(made("b"))
    assert (await day(one)).total.good == 2
    assert "full" in one.fault
    await one.close()


async def test_a_file_that_is_damaged_under_way_is_opened_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was to be written waits for that; opening sets aside what is damaged."""
    one = keeper(tmp_path)
    one.ended(made("a"))
    await one.flush()
    store = one._store

    def damaged(*_: object) -> None:
        raise StorageError("The figures of the monitor cannot be written: database disk image is malformed")

    with monkeypatch.context() as patch:
        patch.setattr(QualityStore, "add", damaged)
        one.ended(made("b"))
        with pytest.raises(StorageError, match="malformed"):
            await one.flush()
    assert (await day(one)).total.good == 2
    assert one._store is not store
    assert not one.fault
    await one.close()

"""What is kept of reviews, and counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gptoss_lab.errors import FeedbackOffError
from gptoss_lab.schemas.config import FeedbackConfig
from gptoss_lab.schemas.feedback import FeedbackItem
from gptoss_lab.services.feedback import FeedbackService


def item(cell: str, verdict: str = "accepted", **more: Any) -> FeedbackItem:
    """Return how the review of a cell ended."""
    fields = {
        "at": "2026-01-02T03:04:05Z",
        "job": "j1",
        "cell": cell,
        "generator": "model",
        "model": "m",
        "verdict": verdict,
        "generated_chars": 100,
        "kept_chars": 80,
        "edit_distance": None if verdict == "rejected" else 0,
    }
    return FeedbackItem.model_validate({**fields, **more})


def damage(folder: Path, data: bytes) -> None:
    """Write something else into the only file."""
    (path,) = folder.glob("*.jsonl")
    with path.open("ab") as file:
        file.write(data)


@pytest.fixture
def service(tmp_path: Path) -> FeedbackService:
    """A service that keeps feedback."""
    return FeedbackService(folder=tmp_path, config=FeedbackConfig())


async def test_it_is_counted_by_generator_and_model(service: FeedbackService) -> None:
    """The most cells first; the distance is that of what was kept."""
    await service.add(
        "ada",
        [
            item("c1"),
            item("c2", "edited", edit_distance=30, at="2026-02-01T00:00:00Z"),
            item("c3", "edited", edit_distance=None),
            item("c4", "rejected"),
            item("c5", generator="examples", model=""),
        ],
    )
    found = await service.summary("ada")
    assert [(one.generator, one.model, one.cells) for one in found.counts] == [
        ("model", "m", 4),
        ("examples", "", 1),
    ]
    first = found.counts[0]
    assert (first.accepted, first.edited, first.rejected) == (1, 2, 1)
    assert (first.measured_cells, first.measured_chars, first.edit_distance) == (2, 200, 30)
    assert (found.since, found.until) == ("2026-01-02T03:04:05Z", "2026-02-01T00:00:00Z")


async def test_a_later_word_on_a_cell_replaces_the_earlier(service: FeedbackService) -> None:
    """A batch that is sent twice counts once, and what was undone not at all."""
    await service.add("ada", [item("c1"), item("c2")])
    await service.add("ada", [item("c1"), item("c2", "withdrawn")])
    (counts,) = (await service.summary("ada")).counts
    assert (counts.cells, counts.accepted) == (1, 1)
    await service.add("ada", [item("c2", "rejected")])
    (counts,) = (await service.summary("ada")).counts
    assert (counts.cells, counts.rejected) == (2, 1)


async def test_everybody_sees_their_own(service: FeedbackService) -> None:
    """Only the owner of the folder sums them up."""
    await service.add("ada", [item("c1")])
    await service.add("bob", [item("c1", "rejected"), item("c2")])
    assert [one.cells for one in (await service.summary("ada")).counts] == [1]
    assert (await service.summary("eve")).counts == ()
    assert [one.cells for one in (await service.summary_of_all()).counts] == [3]


async def test_a_damaged_line_is_told_not_trusted(service: FeedbackService, tmp_path: Path) -> None:
    """The rest of the file counts."""
    await service.add("ada", [item("c1")])
    damage(tmp_path, b'{"verdict": "accepted"}\n\xff\xfe\n\n')
    await service.add("ada", [item("c2")])
    found = await service.summary("ada")
    assert (found.unreadable, found.counts[0].cells) == (2, 2)


async def test_an_administrator_may_keep_none(tmp_path: Path) -> None:
    """It is told, nothing is stored, and what was kept before can be read."""
    await FeedbackService(folder=tmp_path, config=FeedbackConfig()).add("ada", [item("c1")])
    off = FeedbackService(folder=tmp_path, config=FeedbackConfig(enabled=False))
    with pytest.raises(FeedbackOffError) as caught:
        await off.add("ada", [item("c2")])
    assert (caught.value.status, caught.value.code) == (403, "feedback_off")
    found = await off.summary("ada")
    assert (found.enabled, found.counts[0].cells) == (False, 1)

"""Cells of an earlier job, said once more."""

from __future__ import annotations

from gptoss_lab.schemas.documents import Citation
from gptoss_lab.schemas.generation import CodeGenerationRequest, GeneratedCell
from gptoss_lab.services.generators.base import Brief
from gptoss_lab.services.generators.kept import KeptCells
from gptoss_lab.services.sheet import Sheet


async def test_cells_come_as_they_are() -> None:
    """With their ids, their places, their sources, and what they change; nothing is repaired."""
    cells = [
        GeneratedCell(id="m", kind="markdown", language="python", source="# Title"),
        GeneratedCell(
            id="c",
            kind="code",
            language="python",
            change="changed",
            target="own",
            source="x = 1",
            sources=(Citation(source="pandas", title="mean"),),
            units=("u1",),
        ),
    ]
    kept = KeptCells(cells, "model", "m1")
    brief = Brief(CodeGenerationRequest(task="x"))
    sheet = Sheet()
    async for event in kept.draft(brief):
        sheet.apply(event)
    assert sheet.cells() == cells
    assert [event async for event in kept.repair(brief, cells, (), 1)] == []
    assert (kept.name, kept.model, kept.can_repair) == ("model", "m1", False)

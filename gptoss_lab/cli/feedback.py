"""`jupyter gptoss feedback`: how the reviews of generated cells ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gptoss_lab.cli.screen import remark, write_json
from gptoss_lab.cli.session import open_services, run
from gptoss_lab.cli.settings import load_settings

if TYPE_CHECKING:
    from gptoss_lab.schemas.feedback import FeedbackCounts


def feedback(
    *, as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object.")] = False
) -> None:
    """Count how the reviews of generated cells ended, by generator and model.

    What is counted lies in your data folder and holds no code and no words of yours.
    """

    async def verb() -> int:
        async with open_services(load_settings()) as services:
            found = await services.feedback.summary_of_all()
            folder = services.feedback.folder
        if as_json:
            write_json(found.model_dump_json())
            return 0
        for counts in found.counts:
            typer.echo(told(counts))
        if found.counts:
            typer.echo(f"Decided from {found.since[:10]} to {found.until[:10]}; kept in {folder}")
        else:
            typer.echo("No cell has been decided on yet.")
        if found.unreadable:
            remark(f"Damaged lines that are not counted: {found.unreadable}")
        if not found.enabled:
            remark("The configuration keeps no more of it: c.GptossLabApp.feedback.")
        return 0

    run(verb)


def told(counts: FeedbackCounts) -> str:
    """Return one line on the cells of one generator and model."""
    name = counts.model or {"model": "a model", "examples": "documentation examples"}[counts.generator]
    text = (
        f"{name}: {counts.cells} cells, {counts.accepted} accepted as they were, "
        f"{counts.edited} edited, {counts.rejected} rejected"
    )
    if not counts.measured_chars:
        return text
    share = counts.edit_distance / counts.measured_chars
    return f"{text}; of what was kept {share:.1%} was changed"

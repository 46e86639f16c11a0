"""`jupyter gptoss doctor`."""

from __future__ import annotations

from typing import Annotated

import typer

from gptoss_lab.cli.screen import write_json
from gptoss_lab.cli.session import FAILED, open_services, run
from gptoss_lab.cli.settings import load_settings

MARKS = {"ok": "ok  ", "warn": "warn", "fail": "FAIL"}


def doctor(
    *, as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object.")] = False
) -> None:
    """Look at the installation and say how to mend what is wrong. Exit code 1 when something fails."""

    async def verb() -> int:
        from gptoss_lab.cli.servers import models_running  # noqa: PLC0415 - `--help` must not wait for it
        from gptoss_lab.services.doctor import examine  # noqa: PLC0415 - as above
        from gptoss_lab.services.doctor_stores import stores_of  # noqa: PLC0415 - as above

        settings = load_settings()
        async with open_services(settings) as services:
            diagnosis = await examine(
                model=settings.model,
                execution=services.execution,
                planner=services.models,
                running=await models_running(),
                stores=stores_of(settings.execution, settings.monitor),
            )
        if as_json:
            write_json(diagnosis.model_dump_json())
            return 0 if diagnosis.ok else FAILED
        for check in diagnosis.checks:
            typer.echo(f"{MARKS[check.status]}  {check.name}: {check.detail}")
            if check.fix:
                typer.echo(f"      {check.fix}")
        return 0 if diagnosis.ok else FAILED

    run(verb)

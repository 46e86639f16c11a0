"""`jupyter gptoss index`."""

from __future__ import annotations

from typing import Annotated

import typer

from gptoss_lab.cli.screen import screen, write_json
from gptoss_lab.cli.session import open_services, run
from gptoss_lab.cli.settings import load_settings
from gptoss_lab.schemas.documents import DocSource, IndexProgress


def index(
    source: Annotated[str, typer.Argument(help="A package, folder, file, PDF or http(s) address.")],
    *,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Read it again even if nothing changed.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON lines.")] = False,
) -> None:
    """Read documentation into the index, so that the first generation finds it ready."""

    async def verb() -> int:
        from gptoss_lab.services.pipeline.collect import STEPS  # noqa: PLC0415 - `--help` must not wait for it

        async with open_services(load_settings()) as services:
            with screen(as_json=as_json) as view:

                def report(progress: IndexProgress) -> None:
                    shown = STEPS[progress.step].format(source)
                    view.step(shown, progress.done, progress.total, progress.detail)
                    if as_json:
                        write_json(progress.model_dump_json())

                info = await services.corpora.ensure(DocSource(uri=source), report, refresh=refresh)
        if as_json:
            write_json(info.model_dump_json())
        else:
            state = "unchanged" if info.cached else f"{info.duration_s:.1f} s"
            counts = f"{info.chunks} passages, {info.symbols} symbols, {info.examples} examples"
            typer.echo(f"{info.title} {info.version}: {counts} ({state})")
            for warning in info.warnings:
                typer.echo(f"Warning: {warning}", err=True)
        return 0

    run(verb)

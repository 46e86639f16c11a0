"""`jupyter gptoss execute`."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from pydantic import ValidationError

from gptoss_lab.cli.execution_output import Target, write_notebook_of, write_results
from gptoss_lab.cli.narrator import FAULTS, image_name
from gptoss_lab.cli.options import AtServer
from gptoss_lab.cli.remote import executed_by
from gptoss_lab.cli.run_narrator import RunNarrator
from gptoss_lab.cli.screen import Lines, remark
from gptoss_lab.cli.script_file import Script, read_script
from gptoss_lab.cli.session import FAILED, INTERRUPTED, NOT_VERIFIED, on_interrupt, open_services, run
from gptoss_lab.cli.settings import load_settings
from gptoss_lab.cli.shown import shown_paths
from gptoss_lab.errors import RequestError
from gptoss_lab.schemas.execution import ExecutionRequest
from gptoss_lab.schemas.runs import ExecutionResponse

if TYPE_CHECKING:
    from gptoss_lab.services.assembly import Services

OWNER = "command-line"
KERNELS = {"python": "gptoss-python", "r": "gptoss-r"}
UNITS = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


def execute(  # noqa: PLR0913 - one parameter per option is Typer's way
    file: Annotated[str, typer.Argument(help="A .py, .R or .ipynb file; - reads standard input.")],
    *,
    language: Annotated[
        Literal["python", "r"] | None, typer.Option(help="The language, where the file does not say it.")
    ] = None,
    kernel: Annotated[str, typer.Option(help="The sandbox kernel to run in.")] = "",
    timeout: Annotated[float | None, typer.Option(help="Seconds that each cell may take.")] = None,
    limits: Annotated[
        list[str] | None,
        typer.Option("--limits", help="Narrow a limit: memory_bytes=512m, pids=64 …; may be repeated."),
    ] = None,
    image: Annotated[str, typer.Option(help="The id of the image to run in; see `sandbox list`.")] = "",
    files: Annotated[
        list[str] | None,
        typer.Option("--file", help="A file to put into the working folder; may be repeated."),
    ] = None,
    data: Annotated[
        list[Path] | None,
        typer.Option("--data", help="A file or folder that the cells may read at /data; may be repeated."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="A .ipynb for the outputs, or a folder for it and the files that the cells wrote."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace what is there.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write the events as JSON lines.")] = False,
    check: Annotated[bool, typer.Option("--check/--no-check", help="Look at the cells first.")] = True,
    keep_going: Annotated[
        bool, typer.Option("--keep-going", help="Run the cells after one that fails.")
    ] = False,
    server: AtServer = "",
) -> None:
    """Run a program or a notebook in a sandbox: no network, none of your files but those that you name.

    Exit codes: 0 all cells ran well; 1 it failed; 2 it was called wrongly; 4 not all cells ran well;
    130 stopped with Ctrl-C, which interrupts the cell; a second Ctrl-C leaves at once.
    """

    async def verb() -> int:
        script = await asyncio.to_thread(read_script, file, language, files or [])
        target = Target.of(out, script, force=force)
        request = _request(
            cells=script.cells,
            language=script.language,
            kernel=kernel,
            timeout_s=timeout,
            limits=_limits(limits or []),
            image=image,
            files=script.sent,
            data=tuple(map(str, data or ())) if server else await asyncio.to_thread(shown_paths, data or ()),
            keep=target is not None and target.files is not None,
            check=check,
            stop_on_error=not keep_going,
        )
        if server:
            return await _execute_there(server, request, script, target, as_json=as_json)
        async with open_services(load_settings()) as services:
            return await _execute(services, request, script, target, as_json=as_json)

    run(verb)


def _limits(words: list[str]) -> dict[str, str]:
    """Read `name=value` words; bytes may end in k, m or g.

    Raises:
        RequestError: A word is none of these.
    """
    found = {}
    for word in (part for words_ in words for part in words_.replace(",", " ").split()):
        name, equals, value = word.partition("=")
        if not equals:
            raise RequestError(f"--limits: {word} is not NAME=VALUE", hint="For example memory_bytes=512m.")
        unit = UNITS.get(value[-1:].lower(), 0) if name.endswith("_bytes") else 0
        number = value[:-1] if unit else value
        found[name] = str(int(number) * unit) if unit and number.isdecimal() else value
    return found


def _request(**values: object) -> ExecutionRequest:
    try:
        return ExecutionRequest.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        option = {"timeout_s": "timeout", "cells": "FILE"}.get(str(first["loc"][0]), str(first["loc"][0]))
        named = " ".join([f"--{option}" if option != "FILE" else option, *map(str, first["loc"][1:])])
        raise RequestError(f"{named}: {first['msg']}", hint="See `jupyter gptoss execute --help`.") from error


async def _execute(
    services: Services, request: ExecutionRequest, script: Script, target: Target | None, *, as_json: bool
) -> int:
    await services.execution.check_data(request.data)
    await services.runs.admit(request, OWNER)
    started = time.monotonic()
    with Lines(quiet=as_json) as view:
        narrator = RunNarrator(view, as_json=as_json)
        job = services.jobs.submit(request, OWNER).job
        stopping: set[asyncio.Future[object]] = set()

        def stop() -> None:
            stopping.add(asyncio.ensure_future(services.jobs.cancel(job, OWNER)))

        with on_interrupt(stop):
            async for event in services.jobs.events(job, OWNER):
                narrator.tell(event)
            await asyncio.gather(*stopping)
        response = services.jobs.get_as(ExecutionResponse, job, OWNER)
        remark(summary(response, len(script.cells), time.monotonic() - started))
        if target is not None:
            for written in await write_results(services, response, script, target, OWNER):
                remark(f"Wrote {written}")
    return exit_code(response)


async def _execute_there(
    server: str, request: ExecutionRequest, script: Script, target: Target | None, *, as_json: bool
) -> int:
    if target is not None and target.files is not None:
        raise RequestError(
            "With --server, --out names a notebook", hint="Name a file that ends in .ipynb, not a folder."
        )
    started = time.monotonic()
    with Lines(quiet=as_json) as view:
        narrator = RunNarrator(view, as_json=as_json)
        response = await executed_by(server, request, narrator.tell)
        remark(summary(response, len(script.cells), time.monotonic() - started))
        if target is not None:
            await asyncio.to_thread(write_notebook_of, response, script, target.notebook)
            remark(f"Wrote {target.notebook}")
    return exit_code(response)


def summary(response: ExecutionResponse, cells: int, took_s: float) -> str:
    """Say in one line how many cells ran well, where, and what it took."""
    ran = sum(cell.status == "ok" for cell in response.cells)
    parts = [f"{ran} of {cells} {'cell' if cells == 1 else 'cells'} ran well"]
    if response.image:
        parts[0] += f" in {response.runtime}, image {image_name(response.image)}"
    if response.status in FAULTS:
        parts.append(FAULTS[response.status])
    parts.append(f"{took_s:.1f} s")
    if response.peak_memory_bytes:
        parts.append(f"at most {response.peak_memory_bytes >> 20} MB")
    return "; ".join(parts) + "."


def exit_code(response: ExecutionResponse) -> int:
    """Return what the program leaves with."""
    if response.status == "canceled":
        return INTERRUPTED
    if response.error is not None:
        return FAILED
    return 0 if response.status == "ok" else NOT_VERIFIED

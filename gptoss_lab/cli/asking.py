"""Ask the services for a generation and tell how it goes."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from pydantic import ValidationError

from gptoss_lab.cli.narrator import Narrator
from gptoss_lab.cli.notebook_file import is_verified
from gptoss_lab.cli.screen import screen
from gptoss_lab.cli.session import (
    FAILED,
    INTERRUPTED,
    NOT_VERIFIED,
    NOTHING_FITS,
    on_interrupt,
    open_services,
)
from gptoss_lab.cli.settings import Settings
from gptoss_lab.errors import RequestError
from gptoss_lab.schemas.generation import MAX_TASK_CHARS, CodeGenerationRequest, CodeGenerationResponse

if TYPE_CHECKING:
    from gptoss_lab.schemas.additions import AdditionRequest
    from gptoss_lab.services.assembly import Services

OWNER = "command-line"
KERNELS = {"python": "gptoss-python", "r": "gptoss-r"}
_OPTIONS = {"sources": "docs", "max_cells": "cells", "edit": "cell"}


def task_of(text: str) -> str:
    """Return a task; `-` is what stands on standard input."""
    return sys.stdin.read(MAX_TASK_CHARS + 1) if text == "-" else text


def request_of(verb: str, **values: object) -> CodeGenerationRequest:
    """Return the request that the options of a verb make.

    Raises:
        RequestError: An option has no value that could be.
    """
    try:
        return CodeGenerationRequest.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = str(first["loc"][0])
        names = {**_OPTIONS, "task": "instruction"} if verb == "edit" else _OPTIONS
        raise RequestError(
            f"--{names.get(name, name)}: {first['msg']}", hint=f"See `jupyter gptoss {verb} --help`."
        ) from error


async def asked(
    settings: Settings, request: CodeGenerationRequest, *, as_json: bool, add_packages: bool = False
) -> CodeGenerationResponse:
    """Run a generation to its end, telling its events; Ctrl-C cancels it and keeps what was finished.

    With `add_packages`, those that the cells lack and that are offered are then added to the sandbox, and
    the same cells run again in it.

    Raises:
        GptossError: It could not begin.
    """
    async with open_services(settings) as services:
        await services.execution.check_data(request.data)
        with screen(as_json=as_json) as view:
            is_paper = request.paper is not None
            runs = request.verify and not (request.paper is not None and request.paper.read_only)
            narrator = Narrator(view, as_json=as_json, verify=runs, paper=is_paper)
            response = await _told(services, request, narrator)
            if add_packages and response.state == "done":
                response = await _with_packages(services, request, response, narrator)
        return response


async def _with_packages(
    services: Services, request: CodeGenerationRequest, response: CodeGenerationResponse, narrator: Narrator
) -> CodeGenerationResponse:
    """Add what the cells lack and is offered; what cannot be added was told, and the cells are as before."""
    from gptoss_lab.services.needs import addable, addition_of, merged  # noqa: PLC0415 - as the services

    if not addable(response.cells):
        return response
    return merged(response, await _told(services, addition_of(response, request), narrator))


async def _told(
    services: Services, request: CodeGenerationRequest | AdditionRequest, narrator: Narrator
) -> CodeGenerationResponse:
    job = services.jobs.submit(request, OWNER).job
    cancelling: set[asyncio.Future[object]] = set()

    def stop() -> None:
        cancelling.add(asyncio.ensure_future(services.jobs.cancel(job, OWNER)))

    with on_interrupt(stop):
        async for event in services.jobs.events(job, OWNER):
            narrator.tell(event)
        await asyncio.gather(*cancelling)
    return services.jobs.get_as(CodeGenerationResponse, job, OWNER)


def exit_code(response: CodeGenerationResponse, request: CodeGenerationRequest) -> int:
    """Return what the program says of how it went; cells that are not code have nothing to prove."""
    if response.state == "cancelled":
        return INTERRUPTED
    if response.state != "done":
        return FAILED
    if not response.cells:
        return NOTHING_FITS
    runs = request.verify and any(cell.kind == "code" and cell.change != "deleted" for cell in response.cells)
    return NOT_VERIFIED if runs and not is_verified(response) else 0

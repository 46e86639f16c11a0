"""`jupyter gptoss model start`: in a running Jupyter server, or here until Ctrl-C."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gptoss_lab.cli.model_control import Server
from gptoss_lab.cli.model_view import LOOK_EVERY_S, follow, pause, tell_failure
from gptoss_lab.cli.screen import remark, screen, write_json
from gptoss_lab.cli.session import FAILED, INTERRUPTED, on_interrupt, open_services, run
from gptoss_lab.cli.settings import load_settings
from gptoss_lab.errors import StorageError
from gptoss_lab.folders import run_dir
from gptoss_lab.schemas.model import SERVING, ModelState

if TYPE_CHECKING:
    from gptoss_lab.cli.servers import ServerModel
    from gptoss_lab.engines.launch import Endpoint
    from gptoss_lab.services.model import ModelService


def start(
    *,
    server: Server = "",
    attach: Annotated[
        str, typer.Option("--attach", help="The address of a model server on this machine that was found.")
    ] = "",
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Show its phases until it is ready.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Write the state as one JSON object.")] = False,
) -> None:
    """Start the model in your Jupyter server; where none runs, host it here until Ctrl-C.

    Exit codes: 0 it is ready, or was started with --no-wait; 1 it could not be brought up; 130 stopped
    with Ctrl-C.
    """

    async def verb() -> int:
        from gptoss_lab.cli.servers import NONE_RUNS, find_server  # noqa: PLC0415 - `--help` must not wait

        found = await find_server(server)
        if found is not None:
            return await _start_there(found, attach, wait=wait, as_json=as_json)
        remark(f"{NONE_RUNS} The model is hosted here, until Ctrl-C.")
        return await _host(as_json=as_json)

    run(verb)


async def _start_there(model: ServerModel, attach: str, *, wait: bool, as_json: bool) -> int:
    state = await model.start(attach)
    left = asyncio.Event()
    if wait:
        with screen(as_json=as_json) as view, on_interrupt(left.set):
            state = await follow(model.state, view, left)
    if as_json:
        write_json(state.model_dump_json())
    if state.phase in SERVING:
        typer.echo(f"{state.model} is ready in {model.url}", err=as_json)
        return 0
    if left.is_set():
        remark("It goes on without you; `jupyter gptoss model stop` cancels it.")
        return INTERRUPTED
    tell_failure(state)
    return FAILED if wait or state.phase == "failed" else 0


async def _host(*, as_json: bool) -> int:
    left = asyncio.Event()
    async with open_services(load_settings()) as services:
        models = services.models
        with on_interrupt(left.set):
            await models.start()
            with screen(as_json=as_json) as view:
                state = await follow(lambda: _state(models), view, left)
            if as_json:
                write_json(state.model_dump_json())
            if left.is_set():
                return INTERRUPTED
            if state.phase not in SERVING:
                tell_failure(state)
                return FAILED
            return await _serve(models, left, as_json=as_json)


async def _serve(models: ModelService, left: asyncio.Event, *, as_json: bool) -> int:
    """Say where it answers, and stay until the person leaves or it is gone for good."""
    told: Endpoint | None = None
    file = run_dir() / f"model-{os.getpid()}.key"
    if models.endpoint() is None:
        typer.echo(f"{models.state().model} is attached: {models.state().source}", err=as_json)
        return 0
    try:
        while not left.is_set():
            endpoint = models.endpoint()
            if endpoint is not None and endpoint != told:
                told = endpoint  # a new one after each restart
                _keep_key(endpoint.key, file)
                _tell_endpoint(endpoint, file, as_json=as_json)
            await pause(left, LOOK_EVERY_S)
            state = models.state()
            if state.phase in {"failed", "stopped", "unconfigured"}:
                tell_failure(state)
                return FAILED if state.phase == "failed" else 0
        await models.stop()
    finally:
        file.unlink(missing_ok=True)
    return INTERRUPTED


def _tell_endpoint(endpoint: Endpoint, key: Path, *, as_json: bool) -> None:
    typer.echo(f"{endpoint.model} is ready. Attach it in jupyter_server_config.py:", err=as_json)
    values = {"url": endpoint.url, "name": endpoint.model, "api_key_file": str(key)}
    typer.echo(f"c.GptossLabApp.model = {values}", err=as_json)
    remark("Ctrl-C stops it.")


def _keep_key(key: str, file: Path) -> None:
    """Keep the key in a file that is this user's alone, for as long as the engine runs.

    Raises:
        StorageError: The file cannot be written.
    """
    try:
        file.unlink(missing_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as opened:
            opened.write(key)
    except OSError as error:
        raise StorageError(f"The file of the key cannot be written: {error.strerror}") from error


async def _state(models: ModelService) -> ModelState:
    return models.state()

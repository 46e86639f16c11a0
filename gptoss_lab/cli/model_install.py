"""`jupyter gptoss model install`."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated

import typer

from gptoss_lab.cli.model_services import fetch_weights, install_engine, tree_bytes
from gptoss_lab.cli.screen import Screen, screen, write_json
from gptoss_lab.cli.session import INTERRUPTED, on_interrupt, run
from gptoss_lab.cli.settings import load_settings
from gptoss_lab.engines.installed import Hosted
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.model import EnginePhase, EngineProgress

MB = 1_000_000


def install(
    *,
    engine: Annotated[
        Hosted,
        typer.Option(help="vLLM, or the slower engine for machines that vLLM does not serve."),
    ] = "vllm",
    download: Annotated[bool, typer.Option("--download", help="Bring the weights here as well.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON lines.")] = False,
) -> None:
    """Make the engine's own environment; what is here already stays as it is.

    The packages come from where your pip takes them, the weights from the Hugging Face Hub.
    """

    async def verb() -> int:
        work = asyncio.ensure_future(_all(engine, download=download, as_json=as_json))

        def stop() -> None:
            work.cancel()

        with on_interrupt(stop):
            await asyncio.wait({work})
        if work.cancelled():
            return INTERRUPTED
        work.result()
        return 0

    run(verb)


async def _all(engine: Hosted, *, download: bool, as_json: bool) -> None:
    config = load_settings().model
    with screen(as_json=as_json) as view:
        await _install(config, engine, view, as_json=as_json)
        if download:
            await _download(config, view, as_json=as_json)


async def _install(config: ModelConfig, engine: Hosted, view: Screen, *, as_json: bool) -> None:
    began = time.monotonic()

    def report(text: str, done: int, total: int) -> None:
        step, _, detail = text.partition(": ")
        view.step(step, done, total, detail)
        if as_json:
            write_json({"step": text, "done": done, "total": total})

    python = await install_engine(config, engine, report)
    size, took_s = await tree_bytes(python.parent.parent), time.monotonic() - began
    if as_json:
        write_json({"python": str(python), "size_bytes": size, "seconds": round(took_s, 1)})
    else:
        view.note(f"The engine {engine} is at {python} ({size // MB:,} MB, {took_s:.0f} s).")
    if config.engine_python and not as_json:
        view.note("`engine_python` is set in the configuration, so that one is used and not this.")


async def _download(config: ModelConfig, view: Screen, *, as_json: bool) -> None:
    def report(phase: EnginePhase, progress: EngineProgress) -> None:
        detail = ""
        if progress.total_bytes:
            detail = f"{progress.done_bytes // MB:,} of {progress.total_bytes // MB:,} MB"
        view.step(progress.message, progress.done_bytes, progress.total_bytes, detail)
        if as_json:
            write_json({"phase": phase, **progress.model_dump()})

    folder, size = await fetch_weights(config, report)
    if as_json:
        write_json({"weights": str(folder), "size_bytes": size})
    else:
        view.note(f"The weights are at {folder} ({size // MB:,} MB).")

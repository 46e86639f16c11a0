"""`jupyter gptoss tune install` and `start`: a model of one's own, from what was reviewed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from gptoss_lab.cli.screen import Screen, screen, write_json
from gptoss_lab.cli.session import INTERRUPTED, on_interrupt, run
from gptoss_lab.cli.settings import load_settings
from gptoss_lab.errors import RequestError
from gptoss_lab.folders import data_dir
from gptoss_lab.schemas.tuning import TuneAsk

if TYPE_CHECKING:
    from gptoss_lab.schemas.tuning import AdapterInfo
    from gptoss_lab.services.learning.tune import TuneService
    from gptoss_lab.services.learning.tune_run import Run

PHASES = {
    "loading_libraries": "loading torch, peft and TRL",
    "loading_weights": "loading the weights",
    "reading_dataset": "reading the dataset; the model thinks of each task first",
    "training": "training",
    "saving": "saving",
}


def service() -> TuneService:
    """Return what tunes the configured model."""
    from gptoss_lab.services.learning.tune import TuneService  # noqa: PLC0415 - `--help` must not wait for it

    return TuneService(data_dir(), load_settings().model)


def install(*, as_json: Annotated[bool, typer.Option("--json", help="Write JSON lines.")] = False) -> None:
    """Make the tuner's own environment (torch, peft, TRL, all pinned); what is here stays as it is."""

    async def verb() -> int:
        from gptoss_lab.engines.tuning.environment import TunerEnvironment  # noqa: PLC0415 - as above

        with screen(as_json=as_json) as view:

            def report(text: str, done: int, total: int) -> None:
                step, _, detail = text.partition(": ")
                view.step(step, done, total, detail)
                if as_json:
                    write_json({"step": text, "done": done, "total": total})

            work = asyncio.ensure_future(TunerEnvironment(data_dir()).install(report))

            def leave() -> None:
                work.cancel()

            with on_interrupt(leave):
                await asyncio.wait({work})
        if work.cancelled():
            return INTERRUPTED
        python = work.result()
        write_json({"python": str(python)}) if as_json else typer.echo(f"The tuner is at {python}")
        return 0

    run(verb)


def start(  # noqa: PLR0913 - one parameter per option is Typer's way
    dataset: Annotated[
        Path | None, typer.Argument(help="A folder that `jupyter gptoss dataset export` wrote.")
    ] = None,
    *,
    method: Annotated[
        Literal["sft", "dpo"],
        typer.Option(help="Learn from what was kept, or from pairs with what was rejected."),
    ] = "sft",
    epochs: Annotated[float, typer.Option(min=0.01, help="How often each row is seen.")] = 1.0,
    steps: Annotated[int | None, typer.Option(min=1, help="The most steps.")] = None,
    rate: Annotated[float, typer.Option("--rate", help="The learning rate at its highest.")] = 2e-4,
    batch: Annotated[int, typer.Option("--batch", min=1, help="Rows at a time.")] = 1,
    accumulate: Annotated[int, typer.Option(min=1, help="Batches to a step.")] = 8,
    rank: Annotated[int, typer.Option(min=1, max=256, help="The rank of the adapter.")] = 16,
    max_tokens: Annotated[int, typer.Option(min=64, help="Longer rows are left out.")] = 2048,
    thoughts: Annotated[
        int,
        typer.Option(
            "--thoughts", min=0, help="The longest thought, in tokens, before an answer; 0 for none."
        ),
    ] = 256,
    effort: Annotated[
        Literal["low", "medium", "high"], typer.Option(help="How much the model thinks.")
    ] = "low",
    save_every: Annotated[int, typer.Option(min=1, help="Steps between checkpoints.")] = 50,
    seed: Annotated[int, typer.Option(help="The same seed gives the same run on the same machine.")] = 0,
    resume: Annotated[
        str | None, typer.Option("--resume", help="Go on with a run that was stopped: its name, or `last`.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it takes, and do nothing.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Try it although it does not seem to fit.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON lines.")] = False,
) -> None:
    """Tune an adapter of the configured model on this machine, and keep it as a new version.

    Ctrl-C ends it after the step that runs, with a checkpoint; --resume goes on from there. Nothing that
    is served changes before `jupyter gptoss tune use`.
    """
    ask = TuneAsk(
        method=method,
        epochs=epochs,
        steps=steps,
        learning_rate=rate,
        batch_rows=batch,
        accumulate=accumulate,
        rank=rank,
        max_tokens=max_tokens,
        thought_tokens=thoughts,
        save_every_steps=save_every,
        effort=effort,
        seed=seed,
    )

    async def verb() -> int:
        tuning = service()
        if dry_run:
            return await _tell_need(tuning, ask, as_json=as_json)
        if resume is not None:
            found = await asyncio.to_thread(tuning.find, "" if resume == "last" else resume)
            return await _tune(tuning, found, resumes=True, as_json=as_json)
        if dataset is None:
            raise RequestError("No dataset was named", hint="Name a folder, or --resume a run.")
        begun = await tuning.begin(dataset, ask, force=force)
        return await _tune(tuning, begun, resumes=False, as_json=as_json)

    run(verb)


async def _tell_need(tuning: TuneService, ask: TuneAsk, *, as_json: bool) -> int:
    need = await tuning.need(ask)
    if as_json:
        write_json(need.model_dump_json())
    else:
        kind = "GPU memory" if need.device == "cuda" else "memory"
        typer.echo(
            f"{kind}: about {need.memory_bytes / 1e9:.1f} GB, {need.memory_free_bytes / 1e9:.1f} GB are free"
        )
        typer.echo(
            f"disk: about {need.disk_bytes / 1e9:.1f} GB, {need.disk_free_bytes / 1e9:.1f} GB are free"
        )
        typer.echo("It fits." if need.fits else f"It does not fit: {'; '.join(need.reasons)}.")
    return 0 if need.fits else 1


async def _tune(tuning: TuneService, begun: Run, *, resumes: bool, as_json: bool) -> int:
    with screen(as_json=as_json) as view, on_interrupt(tuning.stop):
        info = await tuning.run(begun, lambda fact: _show(fact, view, as_json=as_json), resume=resumes)
    if info is None:
        typer.echo(f"Stopped. `jupyter gptoss tune start --resume {begun.name}` goes on.", err=True)
        return INTERRUPTED
    if as_json:
        write_json(info.model_dump_json())
    else:
        _tell(info)
    return 0


def _show(fact: Mapping[str, Any], view: Screen, *, as_json: bool) -> None:
    if as_json:
        write_json(dict(fact))
    kind = fact["tuner"]
    if kind == "phase":
        view.step(PHASES.get(str(fact["name"]), str(fact["name"])))
    elif kind == "step" and "loss" in fact:
        view.step("training", int(fact["step"]), int(fact["steps"]), f"loss {fact['loss']:.3f}")
    elif kind == "dataset" and fact.get("too_long"):
        view.note(f"{fact['too_long']} rows are longer than --max-tokens and were left out.")


def _tell(info: AdapterInfo) -> None:
    first, last = info.losses
    losses = f", loss {first:.3f} to {last:.3f}" if first is not None and last is not None else ""
    typer.echo(f"{info.version}: {info.rows} rows, {info.steps} steps, {info.seconds:.0f} s{losses}")
    typer.echo(f"`jupyter gptoss tune use {info.version}` serves it from the next start on.")

"""`jupyter gptoss tune list`, `use`, `rollback` and `remove`: the versions of a model."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from gptoss_lab.cli.options import AsJson
from gptoss_lab.cli.screen import say, screen, write_json
from gptoss_lab.cli.session import INTERRUPTED, on_interrupt, run
from gptoss_lab.cli.tune import service

if TYPE_CHECKING:
    from gptoss_lab.schemas.tuning import AdapterInfo

NONE = "none"
NEXT_START = "The next start of the model serves it: `jupyter gptoss model stop`, then `start`."
Version = Annotated[str, typer.Argument(help="A version, such as v2.")]


def list_versions(
    *, as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object per version.")] = False
) -> None:
    """List the adapters of this machine, and which of them is served."""

    async def verb() -> int:
        store = service().adapters
        found, current = await asyncio.to_thread(lambda: (store.all(), store.current))
        for info in found:
            if as_json:
                write_json({**info.model_dump(), "served": info.version == current})
            else:
                typer.echo(line_of(info, served=info.version == current))
        if not found and not as_json:
            typer.echo("There is no adapter yet: `jupyter gptoss tune start DATASET` makes one.")
        return 0

    run(verb)


def use(
    version: Annotated[str, typer.Argument(help="A version, or `none` for the model itself.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Have a version served from the next start on; its weights are made first, which takes a while."""

    async def verb() -> int:
        with screen(as_json=as_json) as view:

            def show(fact: object) -> None:
                if isinstance(fact, dict) and fact.get("tuner") == "shard":
                    view.step("making the tuned weights", int(fact["done"]), int(fact["total"]))

            work = asyncio.ensure_future(service().use("" if version == NONE else version, show))

            def leave() -> None:
                work.cancel()

            with on_interrupt(leave):
                await asyncio.wait({work})
        if work.cancelled():
            return INTERRUPTED
        work.result()
        words = f"{'The model itself' if version == NONE else version} is chosen. {NEXT_START}"
        say({"chosen": version}, words, as_json=as_json)
        return 0

    run(verb)


def rollback(*, as_json: AsJson = False) -> None:
    """Go back to what was served before."""

    async def verb() -> int:
        version = await asyncio.to_thread(service().adapters.rollback)
        words = f"{version or 'The model itself'} is chosen again. {NEXT_START}"
        say({"chosen": version or NONE}, words, as_json=as_json)
        return 0

    run(verb)


def remove(version: Version, *, as_json: AsJson = False) -> None:
    """Remove a version with its weights; not the one that is served."""

    async def verb() -> int:
        await asyncio.to_thread(service().adapters.remove, version)
        say({"removed": version}, f"{version} is removed.", as_json=as_json)
        return 0

    run(verb)


def line_of(info: AdapterInfo, *, served: bool) -> str:
    """Return one line on a version."""
    first, last = info.losses
    losses = f", loss {first:.3f} to {last:.3f}" if first is not None and last is not None else ""
    mark = "=>" if served else "  "
    made = f"{info.created_at[:10]}, {info.base}, {info.ask.method} on {info.dataset} ({info.rows} rows)"
    return f"{mark} {info.version}: {made}, {info.steps} steps{losses}"

"""`jupyter gptoss sandbox save|load`: an image in one file, for a machine without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gptoss_lab.cli.sandboxes import AsJson, ImageArgument, build_report, short
from gptoss_lab.cli.screen import say
from gptoss_lab.cli.session import open_services, run
from gptoss_lab.cli.settings import load_settings


def save(
    image: ImageArgument,
    file: Annotated[Path, typer.Argument(help="The file to write; a tar archive.")],
    *,
    force: Annotated[bool, typer.Option("--force", help="Replace the file when it exists.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write an environment to one file, which `load` takes on another machine."""

    async def verb() -> int:
        async with open_services(load_settings()) as services:
            saved = await services.images.save(image, file, force=force)
        say(
            {"file": str(file), "image": saved.model_dump(mode="json")},
            f"Saved {saved.tag} to {file}",
            as_json=as_json,
        )
        return 0

    run(verb)


def load(
    file: Annotated[Path, typer.Argument(help="A file that `save` wrote.")], *, as_json: AsJson = False
) -> None:
    """Take an environment from a file; one that is here already stays as it is."""

    async def verb() -> int:
        async with open_services(load_settings()) as services:
            with build_report(as_json=as_json) as report:
                loaded = await services.images.load(file, report)
        words = f"Loaded {loaded.tag} for {loaded.runtime}: {short(loaded.id)}"
        say(loaded.model_dump_json(), words, as_json=as_json)
        return 0

    run(verb)

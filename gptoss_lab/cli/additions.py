"""`jupyter gptoss sandbox add`."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from gptoss_lab.cli.sandboxes import AsJson, RuntimeOption, build_report, tell_built
from gptoss_lab.cli.session import open_services, run
from gptoss_lab.cli.settings import load_settings


def add(
    names: Annotated[
        list[str],
        typer.Argument(help="Packages: of the index for Python (name or name==version), of Debian for R."),
    ],
    *,
    language: Annotated[
        Literal["python", "r"], typer.Option(help="The language of the environment.")
    ] = "python",
    image: Annotated[
        str, typer.Option(help="The environment to add to, as `list` shows it; else the one in use.")
    ] = "",
    runtime: RuntimeOption = None,
    as_json: AsJson = False,
) -> None:
    """Add packages to an environment; sandboxes that start from now on have them.

    They are fetched outside every sandbox, wheels only. The environment without them stays; removing the
    new one with `rm` takes them away again.
    """

    async def verb() -> int:
        async with open_services(load_settings()) as services:
            with build_report(as_json=as_json) as report:
                built = await services.packages.add(
                    language, names, report, image=image, runtime=runtime or ""
                )
        tell_built(built, as_json=as_json)
        return 0

    run(verb)

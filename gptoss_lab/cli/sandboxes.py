"""`jupyter gptoss sandbox build|list|rm`."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from gptoss_lab.cli.screen import screen, write_json
from gptoss_lab.cli.session import open_services, run
from gptoss_lab.cli.settings import load_settings

app = typer.Typer(help="The environments that generated code runs in.", no_args_is_help=True)
DIGEST = "sha256:"
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON lines.")]


def short(image_id: str) -> str:
    """Return enough of an image's id to name it."""
    return image_id.removeprefix(DIGEST)[:12]


class BuildSteps:
    """Sorts what a build says into a few steps, and the many lines that go with each."""

    def __init__(self) -> None:
        self._at = (-1, -1)
        self._step = ""

    def read(self, text: str, done: int, total: int) -> tuple[str, str]:
        """Return the step, and what is at hand within it; empty where the text is the step."""
        if not total and text.partition(" ")[0] in {"Collecting", "Downloading"}:
            return "Downloading the packages", text
        if not total or (done, total) != self._at:
            self._at, self._step = (done, total), text[:1].upper() + text[1:]
            return self._step, ""
        return self._step, text


@app.command()
def build(
    language: Annotated[Literal["python", "r"], typer.Argument(help="The language of the environment.")],
    *,
    runtime: Annotated[
        Literal["docker", "bubblewrap"] | None,
        typer.Option(help="What to build it for; else what answers here."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Build the environment for a language; what is built already is reused."""

    async def verb() -> int:
        async with open_services(load_settings()) as services:
            steps = BuildSteps()
            with screen(as_json=as_json) as view:

                async def report(text: str, done: int, total: int) -> None:
                    step, detail = steps.read(text, done, total)
                    view.step(step, done, total, detail)
                    if as_json:
                        write_json({"step": text, "done": done, "total": total})

                image = await services.execution.build(language, report, runtime=runtime or "")
        if as_json:
            write_json(image.model_dump_json())
        else:
            typer.echo(f"Built {image.tag} for {image.runtime}: {short(image.id)}")
        return 0

    run(verb)


@app.command("list")
def list_images(*, as_json: AsJson = False) -> None:
    """List what was built here, newest first."""

    async def verb() -> int:
        async with open_services(load_settings()) as services:
            images = await services.execution.images()
        for image in images:
            if as_json:
                write_json(image.model_dump_json())
            else:
                size = f"{image.size_bytes >> 20} MB"
                row = (short(image.id), image.runtime, image.language, image.tag, size, image.built_at)
                typer.echo("  ".join(row))
        if not images and not as_json:
            typer.echo("Nothing was built yet. `jupyter gptoss sandbox build python` builds one.", err=True)
        return 0

    run(verb)


@app.command()
def rm(image: Annotated[str, typer.Argument(help="The id that `list` shows.")]) -> None:
    """Remove an environment."""

    async def verb() -> int:
        async with open_services(load_settings()) as services:
            known = [one.id for one in await services.execution.images()]
            full = [one for one in known if one.removeprefix(DIGEST).startswith(image.removeprefix(DIGEST))]
            await services.execution.remove_image(full[0] if len(full) == 1 else image)
        typer.echo(f"Removed {image}")
        return 0

    run(verb)

"""`jupyter gptoss sandbox build|list|show|rm|prune`."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Iterator
from typing import Annotated, Literal

import typer

from gptoss_lab.cli.screen import remark, say, screen, write_json
from gptoss_lab.cli.session import open_services, run
from gptoss_lab.cli.settings import load_settings
from gptoss_lab.cli.verbs import Verbs
from gptoss_lab.schemas.execution import SandboxImage

Report = Callable[[str, int, int], Awaitable[None]]

app = Verbs(help="The environments that generated code runs in.", no_args_is_help=True)
DIGEST = "sha256:"
RuntimeOption = Annotated[
    Literal["docker", "bubblewrap"] | None, typer.Option(help="What it is for; else what answers here.")
]
ImageArgument = Annotated[str, typer.Argument(help="An id that `list` shows, its beginning, or a tag.")]
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON lines.")]


@contextlib.contextmanager
def build_report(*, as_json: bool) -> Iterator[Report]:
    """Show the steps of a build, or write them as lines of JSON."""
    steps = BuildSteps()
    with screen(as_json=as_json) as view:

        async def report(text: str, done: int, total: int) -> None:
            step, detail = steps.read(text, done, total)
            view.step(step, done, total, detail)
            if as_json:
                write_json({"step": text, "done": done, "total": total})

        yield report


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
    language: Annotated[
        Literal["python", "r"] | None, typer.Argument(help="The language of the environment.")
    ] = None,
    *,
    from_kernel: Annotated[
        str, typer.Option(help="A Python kernel of yours, whose packages the environment will have.")
    ] = "",
    runtime: RuntimeOption = None,
    as_json: AsJson = False,
) -> None:
    """Build the environment for a language, or one like a kernel's; what is built already is reused.

    \f

    Raises:
        BadParameter: Neither a language nor a kernel is named, or R's environment is to be a kernel's.
    """  # noqa: D301 - typer shows what stands before the form feed
    if not from_kernel and language is None:
        raise typer.BadParameter("name python or r, or a kernel with --from-kernel", param_hint="LANGUAGE")
    if from_kernel and language == "r":
        raise typer.BadParameter("only Python kernels can be mirrored", param_hint="--from-kernel")

    async def verb() -> int:
        async with open_services(load_settings()) as services:
            with build_report(as_json=as_json) as report:
                if from_kernel:
                    image = await services.images.mirror(from_kernel, report, runtime or "")
                else:
                    image = await services.images.build(language or "python", report, runtime or "")
        tell_built(image, as_json=as_json)
        return 0

    run(verb)


def tell_built(image: SandboxImage, *, as_json: bool) -> None:
    """Say what was built."""
    if as_json:
        write_json(image.model_dump_json())
    else:
        typer.echo(f"Built {image.tag} for {image.runtime}: {short(image.id)}")
        if image.left_out:
            remark(f"Left out, for it cannot be had: {', '.join(image.left_out)}")


@app.command("list")
def list_images(*, as_json: AsJson = False) -> None:
    """List what was built here, newest first."""

    async def verb() -> int:
        async with open_services(load_settings()) as services:
            images = await services.images.images()
        for image in images:
            if as_json:
                write_json(image.model_dump_json())
            else:
                typer.echo(_row(image))
        if not images and not as_json:
            remark("Nothing was built yet. `jupyter gptoss sandbox build python` builds one.")
        return 0

    run(verb)


@app.command()
def show(image: ImageArgument, *, as_json: AsJson = False) -> None:
    """Show what an environment is made of, and what it holds."""

    async def verb() -> int:
        async with open_services(load_settings()) as services:
            found = await services.images.find(image)
        if as_json:
            write_json(found.model_dump_json())
            return 0
        for name, value in _facts(found).items():
            if value:
                typer.echo(f"{name:<12} {value}")
        for name, version in found.packages.items():
            typer.echo(f"  {name} {version}")
        return 0

    run(verb)


@app.command()
def rm(image: ImageArgument, *, as_json: AsJson = False) -> None:
    """Remove an environment; what was added by it is no longer added."""

    async def verb() -> int:
        async with open_services(load_settings()) as services:
            removed = await services.images.remove(image)
        say(removed.model_dump_json(), f"Removed {removed.tag}", as_json=as_json)
        return 0

    run(verb)


@app.command()
def prune(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be removed.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove the environments of other versions of this program, unless they are in use."""

    async def verb() -> int:
        async with open_services(load_settings()) as services:
            pruned = await services.images.prune(dry_run=dry_run)
        for image in pruned.removed:
            if as_json:
                write_json(image.model_dump_json())
            else:
                typer.echo(f"{'Would remove' if dry_run else 'Removed'} {_row(image)}")
        for image in pruned.in_use:
            remark(f"In use: {_row(image)}")
        if not pruned.removed and not as_json:
            remark("Nothing is left of other versions.")
        return 0

    run(verb)


def _row(image: SandboxImage) -> str:
    size = f"{image.size_bytes >> 20} MB"
    notes = [f"+{name}" for name in image.added] + [f"kernel {image.kernel}"] * bool(image.kernel)
    return "  ".join((
        *(short(image.id), image.runtime, image.language, image.tag, size, image.built_at),
        *notes,
    ))


def _facts(image: SandboxImage) -> dict[str, str]:
    return {
        "id": image.id,
        "tag": image.tag,
        "runtime": image.runtime,
        "language": f"{image.language} {image.language_version}".strip(),
        "base": image.base,
        "base digest": image.base_digest,
        "lock sha256": image.lock_sha256,
        "built": image.built_at,
        "by version": image.tool_version,
        "size": f"{image.size_bytes >> 20} MB",
        "made from": image.parent,
        "added": ", ".join(image.added),
        "kernel": image.kernel,
        "left out": ", ".join(image.left_out),
        "packages": str(len(image.packages)),
    }

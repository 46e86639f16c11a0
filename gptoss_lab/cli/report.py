"""`jupyter gptoss report`: what was generated in a notebook."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from gptoss_lab.cli.notebook_file import check_target
from gptoss_lab.cli.options import AsJson
from gptoss_lab.cli.screen import say
from gptoss_lab.cli.session import run
from gptoss_lab.errors import NotFoundError, RequestError, StorageError, TooLargeError


def report(
    notebook: Annotated[Path, typer.Argument(help="A notebook file; - reads standard input.")],
    *,
    form: Annotated[Literal["md", "html"], typer.Option("--format", help="Markdown or HTML.")] = "md",
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="The file to write; else it is printed.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that exists.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say what was generated in a notebook, from which sources, and what became of it."""

    async def verb() -> int:
        from gptoss_lab.services.reports import render_report  # noqa: PLC0415 - `--help` must not wait for it

        if out is not None:
            check_target(out, force=force)
        text = await asyncio.to_thread(lambda: render_report(_read(notebook), notebook.name, form))
        if out is None:
            say({"format": form, "text": text}, text.removesuffix("\n"), as_json=as_json)
        else:
            await asyncio.to_thread(_write, out, text)
            say({"format": form, "file": str(out)}, f"The report is in {out}", as_json=as_json)
        return 0

    run(verb)


def _read(path: Path) -> Any:
    from gptoss_lab.services.reports import MAX_NOTEBOOK_BYTES  # noqa: PLC0415 - as above

    try:
        with sys.stdin.buffer if str(path) == "-" else path.open("rb") as file:
            data = file.read(MAX_NOTEBOOK_BYTES + 1)
    except OSError as error:
        raise NotFoundError(f"{path} cannot be read: {error.strerror}", hint="Check the path.") from error
    if len(data) > MAX_NOTEBOOK_BYTES:
        raise TooLargeError(f"{path} is larger than {MAX_NOTEBOOK_BYTES >> 20} MB", hint="Clear its outputs.")
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise RequestError(f"{path} is no notebook: it is not JSON", hint="Name a notebook file.") from error


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StorageError(
            f"{path} could not be written: {error.strerror}", hint="Choose another --out."
        ) from error

"""`jupyter gptoss edit`."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from gptoss_lab.cli.asking import KERNELS, asked, exit_code, request_of, task_of
from gptoss_lab.cli.edited_file import EditedFile, read_for_edit
from gptoss_lab.cli.narrator import summary
from gptoss_lab.cli.notebook_file import check_target, write_notebook
from gptoss_lab.cli.options import Data, Docs, Force, MaxCells, ModelName, ModelUrl, Reasoning, Seed
from gptoss_lab.cli.screen import remark
from gptoss_lab.cli.session import run
from gptoss_lab.cli.settings import Settings, load_settings
from gptoss_lab.cli.shown import shown_paths
from gptoss_lab.errors import RequestError, StorageError
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.generation import CellEdit, CodeGenerationRequest, EditKind

DEFAULTS: dict[EditKind, str] = {
    "fix": "Fix the error.",
    "explain": "Explain this.",
    "example": "Show an example.",
    "port": "Port this.",
}

Cells = Annotated[
    list[str], typer.Option("--cell", help="The id of a cell, or its number from 1; may be repeated.")
]
Instruction = Annotated[
    str,
    typer.Option(
        help="What is to be done; `-` reads it from standard input. `fix`, `explain`, "
        "`example` and `port` need none."
    ),
]
Kind = Annotated[
    Literal["edit", "fix", "explain", "example", "port", "redo"],
    typer.Option(help="Change the cells, or put an explanation, an example or a port below them."),
]
NewLanguage = Annotated[
    Literal["python", "r"] | None,
    typer.Option(help="The language of new cells; that of a port is the other one."),
]


def edit(  # noqa: PLR0913 - one parameter per option is Typer's way
    *,
    notebook: Annotated[Path, typer.Argument(help="The notebook whose cells are meant.")],
    cell: Cells,
    instruction: Instruction = "",
    kind: Kind = "edit",
    language: NewLanguage = None,
    docs: Docs = None,
    out: Annotated[
        Path | None, typer.Option(help="The notebook to write; else it is written to standard output.")
    ] = None,
    force: Force = False,
    in_place: Annotated[bool, typer.Option("--in-place", help="Write the notebook itself.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Write the events as JSON lines, and the notebook only to a file.")
    ] = False,
    model_url: ModelUrl = "",
    model: ModelName = "",
    generator: Annotated[
        Literal["auto", "model", "examples"],
        typer.Option(help="Who answers; without a model only `--kind example` is answered."),
    ] = "auto",
    verify: Annotated[
        bool, typer.Option("--verify/--no-verify", help="Run the cells, and those above them, in a sandbox.")
    ] = True,
    data: Data = None,
    effort: Reasoning = None,
    cells: MaxCells = None,
    seed: Seed = None,
) -> None:
    """Have cells of a notebook changed, explained or ported; every change waits for review in JupyterLab.

    The notebook itself is left as it is, unless `--in-place` is given. Exit codes: 0 done; 1 it failed;
    2 it was called wrongly; 3 nothing was changed; 4 a cell did not run well in the sandbox; 130 stopped
    with Ctrl-C.
    """
    given = {"url": model_url, "name": model}

    async def verb() -> int:
        settings = load_settings({"model": {key: value for key, value in given.items() if value}})
        target = _target(notebook, out, in_place=in_place, force=force)
        found = await asyncio.to_thread(read_for_edit, notebook, cell)
        wanted = language or _language(found, kind)
        request = request_of(
            "edit",
            task=_instruction(instruction, kind),
            sources=tuple({"uri": uri} for uri in docs or ()),
            language=wanted,
            kernel=KERNELS[wanted],
            generator=generator,
            verify=verify,
            data=await asyncio.to_thread(shown_paths, data or ()),
            effort=effort or settings.model.effort,
            context={"path": notebook.name, "cells": found.above()},
            edit=CellEdit(kind=kind, cells=found.cells()),
            max_cells=cells,
            seed=seed,
        )
        return await _edit(settings, request, found, target, as_json=as_json)

    run(verb)


def _target(notebook: Path, out: Path | None, *, in_place: bool, force: bool) -> Path | None:
    if in_place and out is not None:
        raise RequestError("--in-place and --out exclude each other", hint="Give one of them.")
    target = notebook if in_place else out
    if target is not None:
        check_target(target, force=force or in_place)
    return target


def _instruction(text: str, kind: EditKind) -> str:
    return task_of(text) or DEFAULTS.get(kind, "")


def _language(found: EditedFile, kind: EditKind) -> Language:
    """Return the language of what is to be written: for a port the one that the cells are not in."""
    own = next((cell.language for cell in found.cells() if cell.kind == "code"), found.language)
    if kind != "port":
        return own
    return "python" if own == "r" else "r"


async def _edit(
    settings: Settings,
    request: CodeGenerationRequest,
    found: EditedFile,
    target: Path | None,
    *,
    as_json: bool,
) -> int:
    from gptoss_lab.drafts.edited_notebook import with_changes  # noqa: PLC0415 - nbformat's schemas load slowly

    response = await asked(settings, request, as_json=as_json)
    if not response.cells:
        remark("Nothing was changed; nothing was written.")
        return exit_code(response, request)
    remark(summary(response))
    if response.state != "done":
        remark(f"The job ended early ({response.state}); what was finished is kept.")
    changed = with_changes(found.notebook, response, found.ids, found.language)
    if target is not None or not as_json:
        _deliver(changed, target)
    return exit_code(response, request)


def _deliver(notebook: dict[str, Any], target: Path | None) -> None:
    """Write the notebook in the form in which JupyterLab writes it, so that only what changed differs.

    Raises:
        StorageError: It cannot be written; it is printed then.
    """
    import nbformat  # noqa: PLC0415 - see `_edit`

    text: str = nbformat.writes(nbformat.from_dict(notebook))  # type: ignore[no-untyped-call]
    if target is None:
        typer.echo(text)
        return
    try:
        write_notebook(json.loads(text), target)
    except StorageError:
        typer.echo(text)  # what took minutes to make is not lost to a full disk
        raise
    remark(f"Wrote {target}; its changes wait for review.")

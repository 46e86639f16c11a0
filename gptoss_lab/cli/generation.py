"""`jupyter gptoss generate`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from gptoss_lab.cli.asking import KERNELS, asked, exit_code, request_of, task_of
from gptoss_lab.cli.narrator import summary
from gptoss_lab.cli.needs import need_lines
from gptoss_lab.cli.notebook_file import check_target, reviewed_notebook, write_notebook
from gptoss_lab.cli.options import (
    AddPackages,
    Answerer,
    AtServer,
    Data,
    Docs,
    EventsAsJson,
    Force,
    KernelName,
    Language,
    MaxCells,
    ModelName,
    ModelUrl,
    Reasoning,
    Seed,
    ShowPrompt,
    SourceLines,
    Verify,
)
from gptoss_lab.cli.prompt import shown_prompt
from gptoss_lab.cli.remote import asked_of
from gptoss_lab.cli.screen import remark
from gptoss_lab.cli.session import run
from gptoss_lab.cli.settings import load_settings
from gptoss_lab.cli.shown import shown_paths
from gptoss_lab.errors import StorageError
from gptoss_lab.schemas.generation import (
    CodeGenerationRequest,
    CodeGenerationResponse,
    GeneratedCell,
)


def generate(  # noqa: PLR0913 - one parameter per option is Typer's way
    *,
    docs: Docs = None,
    task: Annotated[str, typer.Option(help="What the cells should do; `-` reads it from standard input.")],
    language: Language = "python",
    kernel: KernelName = "",
    out: Annotated[
        Path | None, typer.Option(help="The notebook to write; else the cells are printed.")
    ] = None,
    force: Force = False,
    as_json: EventsAsJson = False,
    model_url: ModelUrl = "",
    model: ModelName = "",
    generator: Answerer = "auto",
    verify: Verify = True,
    data: Data = None,
    effort: Reasoning = None,
    cells: MaxCells = None,
    seed: Seed = None,
    sources: SourceLines = True,
    add_packages: AddPackages = False,
    show_prompt: ShowPrompt = False,
    server: AtServer = "",
) -> None:
    """Turn documentation and a task into cells that were checked and run in a sandbox.

    Exit codes: 0 done; 1 it failed; 2 it was called wrongly; 3 nothing in the documentation fits
    the task; 4 cells were made but not all of them ran well in the sandbox; 130 stopped with Ctrl-C.
    """
    given = {"url": model_url, "name": model}

    async def verb() -> int:
        settings = load_settings({"model": {key: value for key, value in given.items() if value}})
        request = request_of(
            "generate",
            task=task_of(task),
            sources=tuple({"uri": uri} for uri in docs or ()),
            language=language,
            kernel=kernel or KERNELS[language],
            generator=generator,
            verify=verify,
            data=tuple(map(str, data or ())) if server else await asyncio.to_thread(shown_paths, data or ()),
            effort=effort or (None if server else settings.model.effort),
            max_cells=cells,
            seed=seed,
            source_lines=sources,
        )
        if show_prompt:
            return await shown_prompt(settings, request, as_json=as_json, server=server)
        if out is not None:
            check_target(out, force=force)
        if server:
            response = await asked_of(server, request, as_json=as_json, add_packages=add_packages)
        else:
            response = await asked(settings, request, as_json=as_json, add_packages=add_packages)
        _deliver(response, request, out, as_json=as_json)
        return exit_code(response, request)

    run(verb)


def _deliver(
    response: CodeGenerationResponse, request: CodeGenerationRequest, out: Path | None, *, as_json: bool
) -> None:
    if not response.cells:
        remark("No cells were made; nothing was written.")
        return
    remark(summary(response))
    for line in need_lines(response.cells):
        remark(line)
    if response.state != "done":
        remark(f"The job ended early ({response.state}); the cells that were finished are kept.")
    if out is not None:
        try:
            write_notebook(reviewed_notebook(response, request.kernel), out)
        except StorageError:
            _print(response)  # what took minutes to make is not lost to a full disk
            raise
        typer.echo(f"Wrote {out}", err=as_json)
    elif not as_json:
        _print(response)


def _print(response: CodeGenerationResponse) -> None:
    for cell in response.cells:
        typer.echo(_percent(cell))


def _percent(cell: GeneratedCell) -> str:
    """Return a cell in the percent format, which editors read as a notebook."""
    if cell.kind == "code":
        return f"# %%\n{cell.source}\n"
    text = "\n".join(f"# {line}".rstrip() for line in cell.source.splitlines())
    return f"# %% [markdown]\n{text}\n"

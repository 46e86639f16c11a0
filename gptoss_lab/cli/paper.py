"""`jupyter gptoss paper`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from gptoss_lab.cli.asking import KERNELS, asked, exit_code, request_of, task_of
from gptoss_lab.cli.narrator import summary
from gptoss_lab.cli.notebook_file import check_target, reviewed_notebook, write_notebook
from gptoss_lab.cli.options import (
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
    Verify,
)
from gptoss_lab.cli.paper_view import claim_lines, paper_lines
from gptoss_lab.cli.screen import remark
from gptoss_lab.cli.session import FAILED, INTERRUPTED, run
from gptoss_lab.cli.settings import Settings, load_settings
from gptoss_lab.cli.shown import shown_paths
from gptoss_lab.errors import RequestError
from gptoss_lab.schemas.generation import CodeGenerationRequest, CodeGenerationResponse

TASK = "Reproduce what the paper computes."


def paper(  # noqa: PLR0913 - one parameter per option is Typer's way
    *,
    source: Annotated[
        str, typer.Argument(metavar="PAPER", help="A file, an arXiv id, a DOI (doi:10.1/x) or an address.")
    ],
    out: Annotated[Path | None, typer.Option(help="The notebook to write; needed unless --list.")] = None,
    language: Language = "python",
    form: Annotated[
        Literal["auto", "latex", "html", "pdf"],
        typer.Option(help="Which form to read, where there are more."),
    ] = "auto",
    scope: Annotated[
        list[str] | None,
        typer.Option(metavar="ID|TITLE", help="A part of the paper, as --list names it; may be repeated."),
    ] = None,
    only_list: Annotated[
        bool, typer.Option("--list", help="Show the parts of the paper and what it leaves open, and stop.")
    ] = False,
    task: Annotated[
        str, typer.Option(help="What of the paper matters to you; `-` reads it from standard input.")
    ] = TASK,
    docs: Docs = None,
    data: Data = None,
    kernel: KernelName = "",
    force: Force = False,
    as_json: EventsAsJson = False,
    model_url: ModelUrl = "",
    model: ModelName = "",
    generator: Annotated[
        Literal["auto", "model", "examples"],
        typer.Option(help="Who writes the cells; examples takes the code that the paper prints."),
    ] = "auto",
    verify: Verify = True,
    effort: Reasoning = None,
    cells: MaxCells = None,
    seed: Seed = None,
) -> None:
    """Turn a paper into an executed notebook that says which of its numbers came out.

    Without a model the code that the paper prints is run in its order, and each number that the paper
    prints below it is compared with what the code gives. With one, cells are written from the paper's
    equations and algorithms. What the paper leaves open is assumed, and listed at the top of the notebook.

    Exit codes: 0 done, whatever came out of the numbers; 1 it failed; 2 it was called wrongly; 3 there
    is nothing in the paper to make cells of; 4 cells were made but not all of them ran well in the
    sandbox; 130 stopped with Ctrl-C.
    """
    given = {"url": model_url, "name": model}

    async def verb() -> int:
        settings = load_settings({"model": {key: value for key, value in given.items() if value}})
        if out is None and not only_list:
            raise RequestError("Name the notebook to write.", hint="Add --out NB.ipynb, or --list to look.")
        uri, notebook = await asyncio.to_thread(_grounded, source, out)
        request = request_of(
            "paper",
            task=task_of(task),
            sources=tuple({"uri": name} for name in docs or ()),
            language=language,
            kernel=kernel or KERNELS[language],
            generator=generator,
            verify=verify,
            data=await asyncio.to_thread(shown_paths, data or ()),
            effort=effort or settings.model.effort,
            max_cells=cells,
            seed=seed,
            context={"path": notebook},
            paper={"uri": uri, "form": form, "read_only": only_list, "scope": tuple(scope or ())},
        )
        if out is not None and not only_list:
            check_target(out, force=force)
        return await _paper(settings, request, out, as_json=as_json)

    run(verb)


async def _paper(
    settings: Settings, request: CodeGenerationRequest, out: Path | None, *, as_json: bool
) -> int:
    response = await asked(settings, request, as_json=as_json)
    if request.paper is not None and request.paper.read_only:
        if response.paper is not None and not as_json:
            _say(list(paper_lines(response.paper)))
        return 0 if response.state == "done" else INTERRUPTED if response.state == "cancelled" else FAILED
    _deliver(response, request, out, as_json=as_json)
    return exit_code(response, request)


def _deliver(
    response: CodeGenerationResponse, request: CodeGenerationRequest, out: Path | None, *, as_json: bool
) -> None:
    if not response.cells or out is None:
        remark("No cells were made; nothing was written.")
        return
    remark(summary(response))
    if response.state != "done":
        remark(f"The job ended early ({response.state}); the cells that were finished are kept.")
    write_notebook(reviewed_notebook(response, request.kernel), out)
    if response.paper is not None and not as_json:
        _say(list(claim_lines(response.paper)))
    typer.echo(f"Wrote {out}", err=as_json)


def _say(lines: Sequence[str]) -> None:
    for line in lines:
        typer.echo(line)


def _grounded(source: str, out: Path | None) -> tuple[str, str]:
    """Return the paper and the notebook as paths from the same ground, so that the one can link to the other.

    A file below the working folder is named from there; what is no file is left as it is.
    """
    here = Path.cwd().resolve()
    path = Path(source).expanduser()
    notebook = out.absolute() if out is not None else None
    if "://" in source or not path.exists():
        return source, str(notebook) if notebook else ""
    found = path.resolve()
    if not found.is_relative_to(here):
        return str(found), str(notebook.resolve()) if notebook else ""
    return found.relative_to(here).as_posix(), os.path.relpath(notebook.resolve(), here) if notebook else ""

"""Options that several verbs share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from gptoss_lab.cli import names

Docs = Annotated[
    list[str] | None,
    typer.Option("--docs", help="A package, folder, file, PDF or http(s) address; may be repeated."),
]
ModelUrl = Annotated[
    str, typer.Option(envvar="GPTOSS_LAB_MODEL_URL", help="An OpenAI-compatible address, ending in /v1.")
]
ModelName = Annotated[str, typer.Option(envvar="GPTOSS_LAB_MODEL", help="The model's name.")]
Data = Annotated[
    list[Path] | None,
    typer.Option("--data", help="A file or folder that the cells may read at /data; may be repeated."),
]
Reasoning = Annotated[
    Literal["low", "medium", "high"] | None,
    typer.Option("--effort", help="How long the model may reason."),
]
MaxCells = Annotated[
    int | None, typer.Option("--cells", metavar="N", help="Make at most this many new code cells (1 to 40).")
]
Seed = Annotated[
    int | None,
    typer.Option("--seed", metavar="N", help="Give the model's choices this seed, for the same cells."),
]
SourceLines = Annotated[
    bool, typer.Option("--sources/--no-sources", help="Say in text cells where the code comes from.")
]
KernelName = Annotated[
    str,
    typer.Option(
        "--kernel",
        help="The kernel that runs the cells and that the notebook names.",
        autocompletion=names.kernels,
    ),
]
Language = Annotated[Literal["python", "r"], typer.Option(help="The language of the cells.")]
Answerer = Annotated[
    Literal["auto", "model", "examples"],
    typer.Option(help="Who answers; auto takes the model if there is one."),
]
Verify = Annotated[bool, typer.Option("--verify/--no-verify", help="Run the cells in a sandbox.")]
EventsAsJson = Annotated[bool, typer.Option("--json", help="Write the events as JSON lines.")]
AddPackages = Annotated[
    bool,
    typer.Option(
        "--add-packages", help="Add packages that the cells need to the sandbox, and run them again."
    ),
]
ShowPrompt = Annotated[
    bool, typer.Option("--show-prompt", help="Print what would be sent to the model, and stop.")
]
AtServer = Annotated[
    str,
    typer.Option(
        "--server",
        metavar="URL",
        help="Have this server do it, with its own model, sandboxes and files; its token stands in "
        "GPTOSS_LAB_TOKEN.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON, one object a line.")]
Force = Annotated[bool, typer.Option("--force", help="Replace the notebook when it exists.")]

"""Options that several verbs share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

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
Force = Annotated[bool, typer.Option("--force", help="Replace the notebook when it exists.")]

"""`jupyter gptoss completion install|show`: completion for the shell, under the name `jupyter-gptoss`.

`jupyter gptoss` is completed by Jupyter's own script, which knows no verbs of ours.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

import typer

from gptoss_lab.cli.options import AsJson
from gptoss_lab.cli.screen import say
from gptoss_lab.cli.session import run
from gptoss_lab.cli.verbs import Verbs
from gptoss_lab.errors import RequestError, StorageError

PROGRAM = "jupyter-gptoss"
VARIABLE = "_JUPYTER_GPTOSS_COMPLETE"

app = Verbs(
    name="completion",
    help="Complete verbs, options and names with the Tab key, after `jupyter-gptoss` in your shell.",
    no_args_is_help=True,
)
ShellName = Literal["bash", "zsh", "fish"]
Shell = Annotated[ShellName | None, typer.Argument(help="The shell; else the one that $SHELL names.")]


@app.command("install")
def install(shell: Shell = None, *, as_json: AsJson = False) -> None:
    """Write the script into your shell's folder for it; the next shell completes."""

    async def verb() -> int:
        from typer._completion_shared import install as write  # noqa: PLC0415 - as below

        try:
            name, path = write(shell=_chosen(shell), prog_name=PROGRAM, complete_var=VARIABLE)
        except OSError as error:
            raise StorageError(f"The script cannot be written: {error.strerror}") from error
        say(
            {"shell": name, "file": str(path)},
            f"Completion for {name} is in {path}. Open a new shell, then press Tab after `{PROGRAM} `.",
            as_json=as_json,
        )
        return 0

    run(verb)


@app.command("show")
def show(shell: Shell = None, *, as_json: AsJson = False) -> None:
    """Print the script, to install it by hand."""

    async def verb() -> int:
        # Typer has these for its own two options, which would stand before our verbs on every help page.
        from typer._completion_shared import get_completion_script  # noqa: PLC0415

        name = _chosen(shell)
        script = get_completion_script(prog_name=PROGRAM, complete_var=VARIABLE, shell=name)
        say({"shell": name, "script": script}, script, as_json=as_json)
        return 0

    run(verb)


def prepare() -> None:
    """Let Typer answer the shell, where it is the shell that calls; called before the words are read."""
    if VARIABLE in os.environ:
        from typer._completion_classes import completion_init  # noqa: PLC0415 - as above

        completion_init()


def _chosen(shell: ShellName | None) -> ShellName:
    """Return the shell that is meant.

    Raises:
        RequestError: Neither it nor $SHELL names one that we know.
    """
    name = shell or Path(os.environ.get("SHELL", "")).name
    for known in ("bash", "zsh", "fish"):
        if name == known:
            return known
    raise RequestError("Which shell is meant?", hint="Name bash, zsh or fish.")

"""`jupyter gptoss magic enable | disable | status`: `%%gptoss` in kernels outside our sandboxes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from gptoss_lab.cli.magic_block import BLOCK, config_path, read_config
from gptoss_lab.cli.options import AsJson
from gptoss_lab.cli.own_block import write_own
from gptoss_lab.cli.screen import say
from gptoss_lab.cli.session import run
from gptoss_lab.cli.verbs import Verbs

app = Verbs(
    name="magic",
    help="Make %%gptoss known to Python kernels at first use. JupyterLab needs it only for {variables}.",
    no_args_is_help=True,
)
Profile = Annotated[str, typer.Option("--profile", help="The IPython profile to change.")]


@app.command("enable")
def enable(profile: Profile = "default", *, as_json: AsJson = False) -> None:
    """Write a marked block into the IPython configuration; all else in it stays."""
    _change(profile, lambda text: BLOCK.added_to(text, config_path(profile)), "on", as_json=as_json)


@app.command("disable")
def disable(profile: Profile = "default", *, as_json: AsJson = False) -> None:
    """Remove that block, and only that."""
    _change(profile, lambda text: BLOCK.removed_from(text, config_path(profile)), "off", as_json=as_json)


@app.command("status")
def status(profile: Profile = "default", *, as_json: AsJson = False) -> None:
    """Say whether the block is there."""

    async def verb() -> int:
        path = config_path(profile)
        state = "on" if BLOCK.is_in(read_config(path)) else "off"
        row = {"profile": profile, "file": str(path), "state": state}
        say(row, f"%%gptoss is {state} in IPython's profile {profile} ({path}).", as_json=as_json)
        return 0

    run(verb)


def _change(profile: str, change: Callable[[str], str], state: str, *, as_json: bool) -> None:
    async def verb() -> int:
        path = config_path(profile)
        before = read_config(path)
        after = change(before)
        words = f"%%gptoss was {state} already in {path}."
        if after != before:
            write_own(path, after)
            words = f"%%gptoss is {state} in {path}. Restart the kernels that run."
        row = {"profile": profile, "file": str(path), "state": state, "changed": after != before}
        say(row, words, as_json=as_json)
        return 0

    run(verb)

"""`jupyter gptoss guard enable | disable | status`: the run guard in kernels outside our sandboxes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from gptoss_lab.cli.guard_files import KERNELS, GuardFile, Kernel, guard_file
from gptoss_lab.cli.options import AsJson
from gptoss_lab.cli.own_block import read_own, write_own
from gptoss_lab.cli.screen import say
from gptoss_lab.cli.session import run
from gptoss_lab.cli.verbs import Verbs

app = Verbs(
    name="guard",
    help="Let kernels outside the sandboxes refuse by themselves cells that wait for your review. Those of "
    "the sandboxes always do. It stops what nobody has accepted, not code that means harm.",
    no_args_is_help=True,
)
Kernels = Annotated[
    Kernel | None, typer.Option("--kernel", help="Only kernels of this language; else those of both.")
]
SysPrefix = Annotated[
    bool,
    typer.Option("--sys-prefix/--user", help="For kernels of this environment, or for all of yours."),
]


@app.command("enable")
def enable(*, kernel: Kernels = None, sys_prefix: SysPrefix = False, as_json: AsJson = False) -> None:
    """Write a marked block into IPython's and R's start-up files; all else in them stays."""
    _change(
        kernel, sys_prefix, lambda file, text: file.block.added_to(text, file.path), "on", as_json=as_json
    )


@app.command("disable")
def disable(*, kernel: Kernels = None, sys_prefix: SysPrefix = False, as_json: AsJson = False) -> None:
    """Remove that block, and only that."""
    _change(
        kernel,
        sys_prefix,
        lambda file, text: file.block.removed_from(text, file.path),
        "off",
        as_json=as_json,
    )


@app.command("status")
def status(*, kernel: Kernels = None, sys_prefix: SysPrefix = False, as_json: AsJson = False) -> None:
    """Say where the block is. A project with an .Rprofile of its own hides yours from R there."""

    async def verb() -> int:
        for file in _files(kernel, sys_prefix=sys_prefix):
            text = read_own(file.path)
            state = "on" if file.block.is_in(text) else "off"
            if state == "on" and file.block.text not in text:
                state = "on, but of another version (enable it again)"
            row = {"kernel": file.kernel, "file": str(file.path), "state": state}
            say(row, f"The guard of {file.kernel} kernels is {state} ({file.path}).", as_json=as_json)
        return 0

    run(verb)


def _files(kernel: Kernel | None, *, sys_prefix: bool) -> list[GuardFile]:
    return [guard_file(name, sys_prefix=sys_prefix) for name in ([kernel] if kernel else KERNELS)]


def _change(
    kernel: Kernel | None,
    sys_prefix: bool,
    change: Callable[[GuardFile, str], str],
    state: str,
    as_json: bool,
) -> None:
    async def verb() -> int:
        files = _files(kernel, sys_prefix=sys_prefix)
        texts = [read_own(file.path) for file in files]
        changed = [change(file, text) for file, text in zip(files, texts, strict=True)]
        for file, before, after in zip(files, texts, changed, strict=True):
            words = f"The guard of {file.kernel} kernels was {state} already in {file.path}."
            if after != before:
                write_own(file.path, after)
                words = (
                    f"The guard of {file.kernel} kernels is {state} in {file.path}. Restart those that run."
                )
            row = {"kernel": file.kernel, "file": str(file.path), "state": state, "changed": after != before}
            say(row, words, as_json=as_json)
        return 0

    run(verb)

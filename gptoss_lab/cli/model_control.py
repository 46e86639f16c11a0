"""`jupyter gptoss model stop`, `status` and `logs`: the model of a running Jupyter server."""

from __future__ import annotations

from typing import Annotated

import typer

from gptoss_lab.cli.model_view import tell_state
from gptoss_lab.cli.options import AsJson
from gptoss_lab.cli.screen import remark, say, screen, write_json
from gptoss_lab.cli.session import FAILED, run

Server = Annotated[
    str, typer.Option("--server", help="The address of your Jupyter server, where several of them run.")
]


def stop(*, server: Server = "", as_json: AsJson = False) -> None:
    """Stop the model of your Jupyter server, or cancel its start; waits until it has ended."""

    async def verb() -> int:
        from gptoss_lab.cli.servers import the_server  # noqa: PLC0415 - `--help` must not wait for it

        model = await the_server(server)
        with screen(as_json=as_json) as view:
            view.step("waiting for what it answers, then stopping it")
            state = await model.stop()
        say(
            state.model_dump_json(),
            f"{state.model or 'The model'} is stopped in {model.url}",
            as_json=as_json,
        )
        return 0

    run(verb)


def status(
    *,
    server: Server = "",
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object.")] = False,
) -> None:
    """Say how the model of your Jupyter server stands. Exit code 1 when it has failed."""

    async def verb() -> int:
        from gptoss_lab.cli.servers import the_server  # noqa: PLC0415 - `--help` must not wait for it

        state = await (await the_server(server)).state()
        if as_json:
            write_json(state.model_dump_json())
        else:
            tell_state(state)
        return FAILED if state.phase == "failed" else 0

    run(verb)


def logs(
    *,
    server: Server = "",
    number: Annotated[int, typer.Option("-n", min=1, help="How many lines, the last ones.")] = 40,
    as_json: AsJson = False,
) -> None:
    """Print the last lines of the engine; they hold no prompts and no answers."""

    async def verb() -> int:
        from gptoss_lab.cli.servers import the_server  # noqa: PLC0415 - `--help` must not wait for it

        lines = (await (await the_server(server)).logs()).lines
        for line in lines[-number:]:
            say({"line": line}, line, as_json=as_json)
        if not lines:
            remark("The engine has said nothing yet.")
        return 0

    run(verb)

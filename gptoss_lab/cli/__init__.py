"""`jupyter gptoss VERB`: each verb calls one service in this process, or a server."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from gptoss_lab._version import __version__
from gptoss_lab.cli import (
    additions,
    archives,
    check,
    completion,
    dataset,
    diagnosis,
    edit,
    execution,
    feedback,
    generation,
    guard,
    library,
    magic,
    model,
    model_control,
    model_install,
    model_plan,
    model_start,
    paper,
    report,
    sandboxes,
    serve,
    templates,
    tune,
    tune_versions,
)
from gptoss_lab.cli.exit_codes import told
from gptoss_lab.cli.session import leave_quietly
from gptoss_lab.cli.verbs import Verbs

HELP = "Documentation and a task become checked, sandbox-run notebook cells."

app = Verbs(
    name="jupyter gptoss",
    help=HELP,
    epilog=told(),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("generate")(generation.generate)
app.command("paper")(paper.paper)
app.command("edit")(edit.edit)
app.command("execute")(execution.execute)
app.command("check")(check.check)
app.command("doctor")(diagnosis.doctor)
app.command("feedback")(feedback.feedback)
app.command("report")(report.report)
app.command("serve", context_settings=serve.PASS_ON)(serve.serve)
sandboxes.app.command("add")(additions.add)
sandboxes.app.command("save")(archives.save)
sandboxes.app.command("load")(archives.load)
app.add_typer(sandboxes.app, name="sandbox")
model.app.command("plan")(model_plan.plan)
model.app.command("install")(model_install.install)
model.app.command("start")(model_start.start)
model.app.command("stop")(model_control.stop)
model.app.command("status")(model_control.status)
model.app.command("logs")(model_control.logs)
app.add_typer(library.app, name="index")
app.add_typer(model.app, name="model")
app.add_typer(templates.app, name="templates")
app.add_typer(dataset.app, name="dataset")
tuning = Verbs(help="A model of your own, tuned on what was reviewed.", no_args_is_help=True)
tuning.command("install")(tune.install)
tuning.command("start")(tune.start)
tuning.command("list")(tune_versions.list_versions)
tuning.command("use")(tune_versions.use)
tuning.command("rollback")(tune_versions.rollback)
tuning.command("remove")(tune_versions.remove)
app.add_typer(tuning, name="tune")
app.add_typer(magic.app, name="magic")
app.add_typer(guard.app, name="guard")
app.add_typer(completion.app, name="completion")


def _version(asked: bool) -> None:
    if asked:
        typer.echo(__version__)
        raise typer.Exit


@app.callback(help=HELP, epilog=told())
def _root(
    *,
    _version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Take the options that stand before the verb."""


def main() -> None:
    """Run the command line; the console script."""
    completion.prepare()
    try:
        app()
    finally:
        try:
            sys.stdout.flush()
        except BrokenPipeError:
            leave_quietly()

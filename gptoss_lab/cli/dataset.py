"""`jupyter gptoss dataset export`: reviewed cells as a dataset, for tuning a model of one's own."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gptoss_lab.cli.screen import Screen, remark, screen, write_json
from gptoss_lab.cli.session import INTERRUPTED, NOTHING_FITS, on_interrupt, run
from gptoss_lab.cli.settings import Settings, load_settings
from gptoss_lab.cli.verbs import Verbs
from gptoss_lab.errors import RequestError
from gptoss_lab.folders import data_dir

if TYPE_CHECKING:
    from gptoss_lab.schemas.learning import DatasetReport
    from gptoss_lab.services.learning.export import Ask, DatasetExport

app = Verbs(help="What persons decided on generated cells, as a dataset.", no_args_is_help=True)
CONSENT = (
    "This writes your tasks, your code and what you decided on it to files on this machine: for each "
    "reviewed generation the task, the cells that you kept and those that you rejected, and from which "
    "sources they came. Outputs and data are never written, and nothing leaves this machine."
)


@app.callback()
def _app() -> None:
    """Keep `export` a word of its own."""


@app.command("export")
def export(  # noqa: PLR0913 - one parameter per option is Typer's way
    paths: Annotated[list[Path], typer.Argument(help="Notebooks, and folders of them.")],
    *,
    out: Annotated[Path, typer.Option("-o", "--out", help="The folder to write.")],
    agree: Annotated[
        bool, typer.Option("--agree", help="Yes: my tasks and my code may be written to these files.")
    ] = False,
    validation: Annotated[
        float,
        typer.Option("--validation", min=0, max=0.9, help="The share of notebooks kept for validation."),
    ] = 0.1,
    seed: Annotated[int, typer.Option("--seed", help="Which notebooks those are depends on it.")] = 0,
    drop: Annotated[
        bool, typer.Option("--drop-secrets", help="Leave out each row with a secret, not the secret alone.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a dataset of ours that is there.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object.")] = False,
) -> None:
    """Write accepted, edited and rejected cells as JSON lines that TRL reads.

    It needs your yes: --agree, or `c.GptossLabApp.feedback = {"export": True}`. Keys, passwords, e-mail
    addresses and names of home folders are taken out; look through the files all the same.

    Exit codes: 0 written; 1 it failed; 2 it was called wrongly; 3 nothing was reviewed; 130 stopped with
    Ctrl-C, and nothing is left behind.
    """

    async def verb() -> int:
        from gptoss_lab.services.learning.export import Ask  # noqa: PLC0415 - `--help` must not wait for it

        settings = load_settings()
        if not (agree or settings.feedback.export):
            raise RequestError(
                f"Nothing was written. {CONSENT}", hint="Say --agree if that is what you want."
            )
        ask = Ask(tuple(paths), out, seed=seed, validation=validation, drop_secrets=drop, force=force)
        with screen(as_json=as_json) as view:
            report = await _export(ask, settings, view)
        if report is None:
            remark("Stopped; nothing was written.")
            return INTERRUPTED
        if as_json:
            write_json(report.model_dump_json())
        else:
            tell(report, out)
        return 0 if report.rows else NOTHING_FITS

    run(verb)


async def _export(ask: Ask, settings: Settings, view: Screen) -> DatasetReport | None:
    left = threading.Event()

    def work() -> DatasetReport | None:
        with Opened(settings, left, view) as exporter:
            return exporter.run(ask)

    with on_interrupt(left.set):
        return await asyncio.to_thread(work)


class Opened:
    """The export with its store of jobs, closed in the end."""

    def __init__(self, settings: Settings, left: threading.Event, view: Screen) -> None:
        from gptoss_lab.prompts.overrides import read_wording  # noqa: PLC0415 - as above
        from gptoss_lab.services.learning.export import DatasetExport  # noqa: PLC0415
        from gptoss_lab.services.learning.history import History  # noqa: PLC0415

        folder = Path(settings.execution.jobs_folder or data_dir() / "jobs").expanduser()
        self._history = History(folder, settings.execution)
        self._export = DatasetExport(
            self._history,
            read_wording(settings.prompts, data_dir()),
            stopped=left.is_set,
            progress=lambda name, count: view.step("reading notebooks", detail=f"{count + 1}: {name}"),
        )

    def __enter__(self) -> DatasetExport:
        return self._export

    def __exit__(self, *_: object) -> None:
        self._history.close()


def tell(report: DatasetReport, out: Path) -> None:
    """Say in a few lines what was written and what was left out."""
    for file in report.files:
        typer.echo(f"{out / file.name}: {file.rows:,} rows, {file.size_bytes / 1e6:.1f} MB")
    cells = ", ".join(f"{count:,} {name}" for name, count in report.verdicts.items()) or "none"
    typer.echo(f"{report.notebooks:,} notebooks, {report.generations:,} generations; cells: {cells}")
    for name, counts in (
        ("left out", {**report.skipped, **report.dropped}),
        ("duplicates", report.duplicates),
        ("taken out as secret or personal", report.secrets),
    ):
        if counts:
            typer.echo(f"{name}: {', '.join(f'{count:,} {reason}' for reason, count in counts.items())}")
    if report.unknown_originals:
        typer.echo(
            f"{report.unknown_originals:,} edited or rejected generations make no pair: "
            "what was generated is not kept any more (see max_job_age_days)."
        )
    for unread in report.unread:
        remark(f"Passed by: {unread.notebook}: {unread.reason}")
    if not report.rows:
        typer.echo(
            "Nothing that was reviewed to the end was found; the card says what was left out.", err=True
        )

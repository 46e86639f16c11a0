"""One run of a verb: services assembled, interrupts heeded, errors told, everything closed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import TYPE_CHECKING

import typer

from gptoss_lab.cli.exit_codes import ExitCode
from gptoss_lab.cli.settings import Settings
from gptoss_lab.errors import GptossError, RequestError
from gptoss_lab.folders import data_dir

if TYPE_CHECKING:
    from gptoss_lab.services.assembly import Services

DONE, FAILED, USAGE = ExitCode.DONE, ExitCode.FAILED, ExitCode.USAGE
NOTHING_FITS, NOT_VERIFIED, PENDING = ExitCode.NOTHING_FITS, ExitCode.NOT_VERIFIED, ExitCode.PENDING
INTERRUPTED, NOBODY_READS = ExitCode.INTERRUPTED, ExitCode.NOBODY_READS


def run(verb: Callable[[], Awaitable[int]]) -> None:
    """Run a verb to its end and leave with its exit code.

    Raises:
        Exit: Always, with the code.
    """
    code: int
    try:
        code = asyncio.run(_awaited(verb))
    except GptossError as error:
        tell(error)
        code = USAGE if isinstance(error, RequestError) else FAILED
    except BrokenPipeError:
        leave_quietly()
        code = NOBODY_READS
    except KeyboardInterrupt:
        typer.echo("Stopped.", err=True)
        code = INTERRUPTED
    raise typer.Exit(code)


def tell(error: GptossError) -> None:
    """Say on standard error what happened and what the person can do."""
    typer.echo(f"{error.message.rstrip('.')}.", err=True)
    typer.echo(f"  {error.hint}", err=True)
    if error.request_id:
        typer.echo(f"  The server's log calls the request {error.request_id}.", err=True)


def leave_quietly() -> None:
    """Let nothing more be written to a standard output that nobody reads, not even at the very end."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextlib.asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """Assemble the services and close them in the end."""
    services = await asyncio.to_thread(_assemble, settings)
    try:
        yield services
    finally:
        await services.close()


@contextlib.contextmanager
def on_interrupt(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` at the first Ctrl-C or SIGTERM; a second one ends the program at once."""
    loop = asyncio.get_running_loop()

    def first() -> None:
        restore()
        sys.stderr.write("\nStopping; press Ctrl-C again to leave at once.\n")
        stop()

    def restore() -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, first)
    try:
        yield
    finally:
        restore()


def _assemble(settings: Settings) -> Services:
    from gptoss_lab.services.assembly import assemble  # noqa: PLC0415 - `--help` must not wait for it

    return assemble(
        model=settings.model,
        sandbox=settings.sandbox,
        execution=settings.execution,
        documents=settings.documents,
        feedback=settings.feedback,
        prompts=settings.prompts,
        papers=settings.papers,
        folder=data_dir(),
    )


async def _awaited(verb: Callable[[], Awaitable[int]]) -> int:
    return await verb()

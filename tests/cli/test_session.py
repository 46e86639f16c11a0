"""One run of a verb."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest
import typer

from gptoss_lab.cli.session import on_interrupt, open_services, run
from gptoss_lab.cli.settings import load_settings
from gptoss_lab.errors import ConflictError, GptossError, StorageError
from tests.fakes.services import FakeServices


@pytest.mark.parametrize(("error", "code"), [(StorageError("full"), 1), (ConflictError("there"), 2)])
def test_errors_become_a_sentence_and_a_code(
    error: GptossError, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback for what is expected."""

    async def verb() -> int:
        raise error

    with pytest.raises(typer.Exit) as caught:
        run(verb)
    assert caught.value.exit_code == code
    assert capsys.readouterr().err == f"{error.message}.\n  {error.hint}\n"


def test_an_interrupt_outside_of_a_job_ends_with_130(capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C while something is built is no traceback either."""

    async def verb() -> int:
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(30)
        return 0

    with pytest.raises(typer.Exit) as caught:
        run(verb)
    assert caught.value.exit_code == 130
    assert capsys.readouterr().err == "Stopped.\n"


async def test_the_services_are_closed_whatever_happens(services: FakeServices) -> None:
    """A failing verb leaves nothing open."""
    with pytest.raises(ZeroDivisionError):
        async with open_services(load_settings()):
            raise ZeroDivisionError
    assert services.closed


async def test_the_first_interrupt_asks_and_the_second_ends(capsys: pytest.CaptureFixture[str]) -> None:
    """The first Ctrl-C lets the job release what it holds; the handler is then gone."""
    asked: list[int] = []
    with on_interrupt(lambda: asked.append(1)):
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(0.05)
        assert not asyncio.get_running_loop().remove_signal_handler(signal.SIGINT)
    assert asked == [1]
    assert "again to leave at once" in capsys.readouterr().err

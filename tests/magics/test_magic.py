"""The magics in a shell: what they print, what they ask, and that they run nothing."""

from __future__ import annotations

import os
from typing import Any

import pytest
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from gptoss_lab.magics.front_end import MIME, TICKET
from tests.fakes.magic_api import JOB, SOURCE, MagicApi
from tests.magics.test_front_end import Kernel

SHELL: Any = InteractiveShell


def ask(shell: Any, line: str, cell: str) -> None:
    """Run a cell of the magic, with its errors."""
    shell.run_cell_magic("gptoss", line, cell)


def test_cells_are_printed_and_never_run(
    shell: Any, api: MagicApi, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a console: the request in words, the cells as they come, and no execution."""
    result = shell.run_cell("%%gptoss --docs pandas\nmean of a column")
    assert result.success
    assert result.result is None
    text = capsys.readouterr().out
    assert "Documentation: pandas" in text
    assert SOURCE in text
    assert "None was executed here" in text
    assert "RAN" not in shell.user_ns
    assert api.asked[0].body["task"] == "mean of a column"


def test_a_cell_cannot_steer_the_terminal(
    shell: Any, api: MagicApi, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither with control characters, nor by turning the direction of the text."""
    source = "x = 1\t# \x1b[2J\u202esafe\x9b\r\n"
    api.events = [{**event, "source": source} if "source" in event else event for event in api.events]
    ask(shell, "", "mean")
    assert "\nx = 1\t# [2Jsafe\n" in capsys.readouterr().out


def test_a_console_without_a_server_says_what_to_do(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing was sent, and a notebook that runs on is not stopped by it."""
    assert shell.run_cell("%%gptoss --docs pandas\nmean").success
    assert shell.run_cell("%gptoss status").success
    text = capsys.readouterr().out
    assert text.count("Nothing was sent") == 2
    assert "GPTOSS_LAB_TOKEN" in text


def test_variables_are_told_by_what_they_are(shell: Any, api: MagicApi) -> None:
    """A list by its length, a text by its value; IPython fills nothing into the line."""
    shell.user_ns.update(rows=["secret"], region="north")
    ask(shell, "--docs {region}", "count {rows} in {region}")
    task = api.asked[0].body["task"]
    assert "- `rows`: list of length 1" in task
    assert "- `region`: str = 'north'" in task
    assert "secret" not in task
    assert api.asked[0].body["sources"] == [{"kind": "auto", "uri": "{region}"}]


@pytest.mark.parametrize(
    ("line", "cell", "words"),
    [
        ("--dosc pandas", "mean", "no option --dosc"),
        ("", " \n", "There is no task"),
        ("--paper", "mean", "--paper takes a file"),
        ("", "plot {nothing}", "no variable `nothing`"),
    ],
)
def test_wrong_use_sends_nothing(shell: Any, api: MagicApi, line: str, cell: str, words: str) -> None:
    """And says what is wrong."""
    with pytest.raises(UsageError, match=words):
        ask(shell, line, cell)
    assert api.asked == []


def test_a_task_that_its_variables_make_too_long_is_refused(shell: Any, api: MagicApi) -> None:
    """The server would refuse it."""
    shell.user_ns["n"] = 1
    with pytest.raises(UsageError, match="With its variables the task has"):
        ask(shell, "", "x" * 15_950 + "{n}")
    assert api.asked == []


def test_a_dry_run_sends_nothing(shell: Any, api: MagicApi, capsys: pytest.CaptureFixture[str]) -> None:
    """It shows all that would be sent."""
    shell.user_ns["n"] = 7
    ask(shell, "--dry-run --docs pandas", "the first {n}")
    text = capsys.readouterr().out
    assert "nothing was" in text
    assert "- `n`: int = 7" in text
    assert api.asked == []


def test_a_page_that_listens_is_handed_the_request(
    shell: Any, api: MagicApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel asks no server then."""
    published: list[dict[str, Any]] = []
    monkeypatch.setattr(shell.display_pub, "publish", published.append)
    monkeypatch.setattr(shell, "kernel", Kernel({TICKET: "t-1"}), raising=False)
    shell.user_ns["n"] = 7
    ask(shell, "", "the first {n}")
    assert published[0][MIME]["ticket"] == "t-1"
    assert published[0][MIME]["variables"] == [{"name": "n", "description": "int = 7"}]
    assert "the first `n`" in published[0]["text/plain"]
    ask(shell, "--dry-run", "the first {n}")
    assert len(published) == 1
    assert api.asked == []


def test_an_interrupt_stops_the_job(
    shell: Any,
    api: MagicApi,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The server stops as well; nobody waits for it."""

    def interrupted(_self: object, _event: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("gptoss_lab.magics.printer.Printer.follow", interrupted)
    ask(shell, "", "mean")
    assert (api.asked[-1].method, api.asked[-1].path) == ("DELETE", f"/user/ada/api/v1/code/jobs/{JOB}")
    assert "Stopped." in capsys.readouterr().out


def test_verbs_ask_the_server(shell: Any, api: MagicApi, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a verb, or with one that is unknown, the help is at hand."""
    api.replies["code/jobs"] = (200, {"jobs": []})
    shell.run_line_magic("gptoss", "history")
    assert "remembers no generation" in capsys.readouterr().out
    for asks in ("", "help", "--help"):
        shell.run_line_magic("gptoss", asks)
        assert "--docs" in capsys.readouterr().out
    ask(shell, "--help", "\n")
    assert "--docs" in capsys.readouterr().out
    with pytest.raises(UsageError, match="knows no sourcs: sources, status, model, history or help"):
        shell.run_line_magic("gptoss", "sourcs")


def test_the_magic_is_loaded_at_first_use(capsys: pytest.CaptureFixture[str]) -> None:
    """As the configuration of IPython can say it."""
    config = Config()
    config.HistoryManager.enabled = False
    config.MagicsManager.lazy_magics = {"gptoss": "gptoss_lab.magics"}
    lazy = SHELL(config=config)
    try:
        assert lazy.run_cell("%%gptoss --dry-run\nmean").success
        assert "nothing was" in capsys.readouterr().out
    finally:
        lazy.restore_sys_module_state()


def test_a_broken_environment_is_told(shell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not sent somewhere else."""
    monkeypatch.setitem(os.environ, "GPTOSS_LAB_URL", "localhost:8888")
    with pytest.raises(UsageError, match="is not the address of a server"):
        ask(shell, "", "mean")

"""`jupyter gptoss execute`."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from typer.testing import CliRunner, Result

from gptoss_lab.cli import app, session
from gptoss_lab.errors import PolicyError
from gptoss_lab.schemas.execution import ExecutionRequest, LimitOverrides
from gptoss_lab.schemas.generation import Problem
from gptoss_lab.schemas.runs import EXECUTION_EVENT, Display, ExecutionEvent, Stderr
from gptoss_lab.schemas.sandboxes import SandboxFile
from gptoss_lab.services.kernel_start import Wanted
from tests.cli.conftest import Invoke
from tests.fakes.runs import FakeRuns, RunServices

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x01\x00\x00\x00\x00\x80").decode()


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> RunServices:
    """The real jobs with executions that run nothing."""
    fake = RunServices()
    monkeypatch.setattr(session, "_assemble", lambda _settings: fake)
    return fake


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program of two cells."""
    path = tmp_path / "program.py"
    path.write_text("one\n# %% [markdown]\n# prose\n# %%\ntwo\n", encoding="utf-8")
    return path


def asked(services: RunServices) -> ExecutionRequest:
    """Return what was asked for."""
    (request,) = services.runs.admitted
    return request


def test_outputs_come_on_standard_output(services: RunServices, invoke: Invoke, program: Path) -> None:
    """What the cells write, and nothing else; the rest is told on standard error."""
    result = invoke("execute", str(program))
    assert (result.exit_code, result.stdout) == (0, "one\ntwo\n")
    assert "Sandbox: bubblewrap, image image, no network." in result.stderr
    assert "2 of 2 cells ran well in bubblewrap, image image" in result.stderr
    assert asked(services).language == "python"
    assert not asked(services).keep


def test_a_cell_that_fails_is_the_exit_code(invoke: Invoke, services: RunServices) -> None:
    """4, as where generated cells do not run."""
    result = invoke("execute", "-", stdin="fail")
    assert result.exit_code == 4
    assert "0 of 1 cell ran well" in result.stderr
    assert asked(services).stop_on_error


def test_events_as_json(invoke: Invoke, services: RunServices) -> None:
    """Each is a line, in the form of the HTTP interface."""
    result = invoke("execute", "-", "--json", stdin="one")
    events = [EXECUTION_EVENT.validate_json(line) for line in result.stdout.splitlines()]
    kinds = ["queued", "start", "cell_start", "stdout", "cell_end", "end"]
    assert [event.type for event in events] == kinds
    assert result.exit_code == 0
    assert services.closed


def test_options_become_the_request(services: RunServices, invoke: Invoke, program: Path) -> None:
    """Limits may have units; files go in under their own relative path, others by their name."""
    sent = program.parent / "data.csv"
    sent.write_text("1,2")
    words = ["--timeout", "5", "--limits", "memory_bytes=512m,pids=64", "--limits", "cpus=0.5"]
    words += ["--image", "sha256:1", "--kernel", "gptoss-python", "--no-check", "--keep-going"]
    assert invoke("execute", str(program), *words, "--file", str(sent)).exit_code == 0
    request = asked(services)
    assert request.limits == LimitOverrides(memory_bytes=512 << 20, pids=64, cpus=0.5)
    assert (request.timeout_s, request.image, request.kernel) == (5, "sha256:1", "gptoss-python")
    assert (request.check, request.stop_on_error) == (False, False)
    assert [(file.path, base64.b64decode(file.content_base64)) for file in request.files] == [
        ("data.csv", b"1,2")
    ]


def test_data_is_named_by_its_place(services: RunServices, invoke: Invoke, program: Path) -> None:
    """The request has the absolute path; what may not be shown, or is not there, makes no request."""
    study = program.parent / "study"
    study.mkdir()
    assert invoke("execute", str(program), "--data", str(study)).exit_code == 0
    assert asked(services).data == (str(study),)
    (program.parent / "forbidden").mkdir()
    for name, says in {"forbidden": "not shown", "nothing": "nothing to show"}.items():
        result = invoke("execute", str(program), "--data", str(program.parent / name))
        assert result.exit_code in {1, 2}
        assert says in result.stderr
    assert len(services.runs.admitted) == 1


@pytest.mark.parametrize(
    ("name", "words", "language"),
    [("a.R", (), "r"), ("a.py", ("--language", "r"), "r"), ("a.txt", ("--language", "python"), "python")],
)
def test_the_language_is_that_of_the_file(
    name: str, words: tuple[str, ...], language: str, services: RunServices, invoke: Invoke, tmp_path: Path
) -> None:
    """Unless it is said."""
    (tmp_path / name).write_text("one")
    assert invoke("execute", str(tmp_path / name), *words).exit_code == 0
    assert asked(services).language == language


def test_a_notebook_is_executed_into_another(services: RunServices, invoke: Invoke, tmp_path: Path) -> None:
    """Its prose stays, its outputs are new, and the old file is as it was."""
    source: Any = nbformat.v4.new_notebook(  # type: ignore[no-untyped-call]
        cells=[nbformat.v4.new_markdown_cell("prose"), nbformat.v4.new_code_cell("one")]  # type: ignore[no-untyped-call]
    )
    path, out = tmp_path / "a.ipynb", tmp_path / "b.ipynb"
    nbformat.write(source, path)  # type: ignore[no-untyped-call]
    before = path.read_bytes()
    result = invoke("execute", str(path), "--out", str(out))
    assert result.exit_code == 0, result.stderr
    read: Any = nbformat.read(out, as_version=4)  # type: ignore[no-untyped-call]
    assert [cell.cell_type for cell in read.cells] == ["markdown", "code"]
    assert read.cells[1].outputs[0].text == "one\n"
    assert path.read_bytes() == before
    assert asked(services).cells == ("one",)


def test_a_folder_takes_the_files_too(services: RunServices, invoke: Invoke, program: Path) -> None:
    """Into a folder of their own; what was sent and is unchanged stays out."""
    sent = program.parent / "sent.txt"
    sent.write_text("same")
    keep_files(services, {"made/new.txt": b"new", "sent.txt": b"same"})
    out = program.parent / "out"
    result = invoke("execute", str(program), "--file", str(sent), "--out", str(out))
    assert result.exit_code == 0, result.stderr
    assert asked(services).keep
    assert (out / "files" / "made" / "new.txt").read_text() == "new"
    assert sorted(path.name for path in out.rglob("*")) == ["files", "made", "new.txt", "program.ipynb"]
    again = invoke("execute", str(program), "--out", str(out))
    assert again.exit_code == 2
    assert "program.ipynb exists" in again.stderr


def test_files_do_not_leave_their_folder(services: RunServices, invoke: Invoke, program: Path) -> None:
    """A link that stands in the way leads nowhere."""
    keep_files(services, {"made/new.txt": b"new"})
    out, elsewhere = program.parent / "out", program.parent / "elsewhere"
    elsewhere.mkdir()
    (out / "files").mkdir(parents=True)
    (out / "files" / "made").symlink_to(elsewhere)
    result = invoke("execute", str(program), "--force", "--out", str(out))
    assert result.exit_code == 1
    assert "leads out of" in result.stderr
    assert not list(elsewhere.iterdir())


def keep_files(services: RunServices, contents: dict[str, bytes]) -> None:
    """Have the executions keep a sandbox that holds these files."""
    services.runs.files = tuple(
        SandboxFile(path=path, size_bytes=len(content)) for path, content in contents.items()
    )
    run = services.runs.run

    async def keeping(
        request: ExecutionRequest, owner: str, stop: asyncio.Event
    ) -> AsyncIterator[ExecutionEvent]:
        wanted = Wanted("gptoss-python", LimitOverrides(), owner=owner)
        kept = await services.sandboxes.kept.start(wanted)
        kept.session.provisioner.folder.written.update(contents)
        async for event in run(request, owner, stop):
            yield event.model_copy(update={"sandbox": kept.id}) if event.type == "end" else event

    services.runs.run = keeping  # type: ignore[method-assign]


def test_pictures_are_named(services: RunServices, invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    """With their size; text for people goes where the cell sent it, without colours in a file."""

    async def run(
        _self: FakeRuns, request: ExecutionRequest, owner: str, stop: asyncio.Event
    ) -> AsyncIterator[ExecutionEvent]:
        assert owner
        assert not stop.is_set()
        yield Display(cell=0, data={"image/png": PNG, "text/plain": "<Figure>"})
        yield Display(cell=0, data={"image/jpeg": "xx"})
        yield Display(cell=0, data={"text/html": "<table></table>", "text/plain": "a table"})
        yield Stderr(cell=0, text="\x1b[31mred\x1b[0m\n")
        async for event in FakeRuns().run(request, owner, stop):
            if event.type not in {"stdout", "queued"}:
                yield event

    monkeypatch.setattr(services.runs, "run", run.__get__(services.runs))
    result = invoke("execute", "-", stdin="one")
    assert result.stdout == "[image/png 256x128]\n[image/jpeg]\na table\n"
    assert "red\n" in result.stderr
    assert "\x1b" not in result.stderr


def test_a_refusal_is_told(services: RunServices, invoke: Invoke) -> None:
    """With what to do; nothing was run."""
    services.runs.failure = PolicyError("Too much", hint="Ask for less.")
    result = invoke("execute", "-", stdin="one")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "Too much.\n  Ask for less." in result.stderr


def test_a_sandbox_that_fails_is_told(services: RunServices, invoke: Invoke) -> None:
    """The problem of the run is the failure of the program."""
    services.runs.problem = Problem(
        title="Bad", status=502, code="sandbox", detail="It broke", hint="Mend it."
    )
    result = invoke("execute", "-", stdin="one")
    assert result.exit_code == 1
    assert "It broke.\n  Mend it." in result.stderr


def test_ctrl_c_interrupts_the_cell(
    services: RunServices, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run ends by itself, and what was finished is told."""

    async def interrupting(
        request: ExecutionRequest, owner: str, stop: asyncio.Event
    ) -> AsyncIterator[ExecutionEvent]:
        async for event in FakeRuns().run(request, owner, stop):
            yield event
            if event.type == "cell_start" and event.cell == 1:
                os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(services.runs, "run", interrupting)
    result = invoke("execute", "-", stdin="one\n# %%\nhang")
    assert result.exit_code == 130
    assert result.stdout == "one\n"
    assert "1 of 2 cells ran well" in result.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("missing.py",), "cannot be read: No such file"),
        (("folder",), "cannot be read: Is a directory"),
        (("empty.py",), "holds no code"),
        (("a.txt",), "does not say its language"),
        (("bad.ipynb",), "is not a notebook"),
        (("binary.py",), "is not UTF-8"),
        (("a.py", "--timeout", "0"), "--timeout"),
        (("a.py", "--limits", "memory"), "is not NAME=VALUE"),
        (("a.py", "--limits", "privileged=1"), "--limits privileged"),
        (("a.py", "--file", "missing.csv"), "--file: missing.csv cannot be read"),
        (("a.py", "--out", "nowhere/x.ipynb"), "does not exist"),
        (("a.py", "--out", "nowhere/x"), "does not exist"),
        (("a.py", "--out", "a.txt"), "neither a folder nor a .ipynb"),
    ],
)
def test_wrong_use_is_told(
    words: tuple[str, ...],
    told: str,
    services: RunServices,
    invoke: Invoke,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With exit code 2, before anything runs."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    for name, content in (("a.py", b"one"), ("a.txt", b"one"), ("empty.py", b"\n"), ("bad.ipynb", b"{}")):
        (tmp_path / name).write_bytes(content)
    (tmp_path / "binary.py").write_bytes(b"\xff\xfe\x00")
    result = invoke("execute", *words)
    assert result.exit_code == 2, result.output
    assert told in result.stderr
    assert not services.runs.admitted


def test_the_exit_codes_are_in_the_help() -> None:
    """Of the program, and of the verb."""
    result: Result = CliRunner().invoke(app, ["execute", "--help"])
    assert "130" in result.stdout
    assert json.dumps("4 not all cells ran well")[1:-1] in " ".join(result.stdout.split())

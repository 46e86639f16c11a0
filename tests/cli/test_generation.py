"""`jupyter gptoss generate`."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from pathlib import Path
from typing import Any

import nbformat
import pytest

from gptoss_lab.schemas.documents import Citation
from gptoss_lab.schemas.events import CellClose, CellOpen, Done, Event, Failed, Generator, Queued, Warn
from gptoss_lab.schemas.execution import CellVerification, SandboxStatus
from gptoss_lab.schemas.generation import CodeGenerationResponse, GeneratedCell, Problem
from tests.cli.conftest import Invoke
from tests.fakes import services as fakes
from tests.fakes.services import FakeJob, FakeServices

READY = SandboxStatus(available=True, runtime="bubblewrap", image="sha256:0123456789abcdef", image_ready=True)
NONE = SandboxStatus(available=False, reason="bwrap is not installed", hint="Run `apt install bubblewrap`.")


def cell(number: int, status: str | None) -> GeneratedCell:
    """Return a code cell that ran with this status, or did not run."""
    run: dict[str, Any] | None = None
    if status:
        run = {
            "status": status,
            "runtime": "bubblewrap",
            "image": "sha256:0123456789abcdef",
            "execution_count": 1,
        }
        run["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "2\n"}]
    return GeneratedCell(
        id=f"c{number}",
        kind="code",
        language="python",
        source=f"print({number} + 1)",
        sources=(Citation(source="pandas", title="groupby"),),
        verification=CellVerification.model_validate(run) if run else None,
    )


class Play:
    """What the fake jobs play and answer."""

    def __init__(self) -> None:
        self.cells: tuple[GeneratedCell, ...] = (cell(0, "ok"), cell(1, "ok"))
        self.sandbox = READY
        self.end: Event = Done(state="done", cells=2)
        self.hangs = False

    async def play(self, job: FakeJob) -> None:
        """Tell the events of a generation."""
        await job.tell(Queued())
        await job.tell(Generator(generator="examples", sandbox=self.sandbox))
        for number, one in enumerate(self.cells):
            await job.tell(CellOpen(cell=one.id, index=number, kind=one.kind, language="python"))
            await job.tell(CellClose(cell=one.id, source=one.source))
        if self.hangs:
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.sleep(60)
        await job.tell(self.end)

    def response(self, job: FakeJob) -> CodeGenerationResponse:
        """Return the job's outcome."""
        return CodeGenerationResponse(
            job=job.id,
            state="error" if isinstance(self.end, Failed) else job.state,
            task=job.request.task,
            language=job.request.language,
            generator="examples",
            created_at=fakes.CREATED_AT,
            cells=self.cells,
        )


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Play:
    """Direct the fake jobs."""
    director = Play()
    monkeypatch.setattr(fakes, "play", director.play)
    monkeypatch.setattr(FakeJob, "response", lambda job: director.response(job))  # noqa: PLW0108 - binds self
    return director


WORDS = ("generate", "--docs", "pandas", "--task", "mean by group")


def notebook(path: Path) -> Any:
    """Return a notebook that must be valid."""
    read = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(read)
    return read


def test_a_notebook_is_written(play: Play, services: FakeServices, invoke: Invoke, tmp_path: Path) -> None:
    """Cells that ran well are accepted, with outputs; the summary says what ran where."""
    assert play.cells
    out = tmp_path / "a.ipynb"
    result = invoke(*WORDS, "--out", str(out))
    assert result.exit_code == 0, result.output
    assert "Wrote" in result.stdout
    assert "No model writes here" in result.stderr
    assert "Sandbox: bubblewrap, image 0123456789ab, no network." in result.stderr
    assert (
        "2 code cells from the documentation's examples; 2 of 2 ran well in bubblewrap, image 0123456789ab."
        in result.stderr
    )
    read = notebook(out)
    assert [one.metadata.gptoss_lab.review for one in read.cells] == ["accepted", "accepted"]
    assert read.cells[0].outputs[0].text == "2\n"
    assert read.metadata.kernelspec.name == "gptoss-python"
    assert services.jobs.jobs["job-1"].request.sources[0].uri == "pandas"
    assert [path.name for path in tmp_path.glob(".a*")] == []


@pytest.mark.parametrize(
    ("statuses", "words", "code"),
    [
        (("ok", "ok"), (), 0),
        (("ok", "error"), (), 4),
        ((None, None), (), 4),
        ((None, None), ("--no-verify",), 0),
    ],
)
def test_exit_codes_tell_what_ran(
    statuses: tuple[str | None, ...],
    words: tuple[str, ...],
    code: int,
    play: Play,
    invoke: Invoke,
    tmp_path: Path,
) -> None:
    """4 says that cells were made but not all of them are known to run."""
    play.cells = tuple(cell(number, status) for number, status in enumerate(statuses))
    out = tmp_path / "a.ipynb"
    assert invoke(*WORDS, *words, "--out", str(out)).exit_code == code
    reviews = [one.metadata.gptoss_lab.review for one in notebook(out).cells]
    assert reviews == ["accepted" if status == "ok" else "pending" for status in statuses]


def test_no_sandbox_is_said_with_its_cure(play: Play, invoke: Invoke, tmp_path: Path) -> None:
    """The cells are written with verification off."""
    play.sandbox, play.cells = NONE, (cell(0, None),)
    out = tmp_path / "a.ipynb"
    result = invoke(*WORDS, "--out", str(out))
    assert result.exit_code == 4
    assert "the cells are not run: bwrap is not installed. Run `apt install bubblewrap`." in result.stderr
    assert "1 code cell from the documentation's examples; not run." in result.stderr
    assert notebook(out).cells[0].metadata.gptoss_lab.verification.status == "off"


def test_nothing_fits(play: Play, invoke: Invoke, tmp_path: Path) -> None:
    """No notebook is better than nonsense."""
    play.cells, play.end = (), Done(state="done", cells=0)
    out = tmp_path / "a.ipynb"
    assert invoke(*WORDS, "--out", str(out)).exit_code == 3
    assert not out.exists()


def test_a_failure_keeps_what_was_finished(play: Play, invoke: Invoke, tmp_path: Path) -> None:
    """Closed cells are written, the problem and its cure are said, and the code is 1."""
    play.cells = (cell(0, None),)
    play.end = Failed(
        problem=Problem(title="x", status=502, detail="The model broke off.", code="e", hint="Restart.")
    )
    out = tmp_path / "a.ipynb"
    result = invoke(*WORDS, "--out", str(out))
    assert result.exit_code == 1
    assert "The model broke off. Restart." in result.stderr
    assert "the cells that were finished are kept" in result.stderr
    assert len(notebook(out).cells) == 1


def test_ctrl_c_cancels_and_keeps_what_was_finished(play: Play, invoke: Invoke, tmp_path: Path) -> None:
    """The job is cancelled through its service, so that no sandbox is left, and the code is 130."""
    play.hangs = True
    out = tmp_path / "a.ipynb"
    result = invoke(*WORDS, "--out", str(out))
    assert result.exit_code == 130
    assert "ended early (cancelled)" in result.stderr
    assert len(notebook(out).cells) == 2


def test_json_is_the_events_and_nothing_else(play: Play, invoke: Invoke, tmp_path: Path) -> None:
    """Every line of standard output is an event."""
    assert play.cells
    result = invoke(*WORDS, "--json", "--out", str(tmp_path / "a.ipynb"))
    events = [json.loads(line) for line in result.stdout.splitlines()]
    assert [event["type"] for event in events][:2] == ["queued", "generator"]
    assert events[-1]["type"] == "done"
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))


def test_without_a_file_the_cells_are_printed(play: Play, invoke: Invoke) -> None:
    """In the percent format, on standard output alone."""
    play.cells = (
        cell(0, "ok"),
        cell(1, "ok").model_copy(update={"kind": "markdown", "source": "# Title\n\ntext"}),
    )
    result = invoke(*WORDS)
    assert result.exit_code == 0
    assert result.stdout == "# %%\nprint(0 + 1)\n\n# %% [markdown]\n# # Title\n#\n# text\n\n"


def test_the_task_comes_from_standard_input(play: Play, services: FakeServices, invoke: Invoke) -> None:
    """A dash reads it, so that a long task needs no quoting."""
    assert play.cells
    invoke("generate", "--docs", "pandas", "--task", "-", stdin="a long task\nwith lines")
    assert services.jobs.jobs["job-1"].request.task == "a long task\nwith lines"


def test_warnings_are_said(play: Play, invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    """A warning reaches the person, with its hint."""
    play.cells = ()

    async def warned(job: FakeJob) -> None:
        await job.tell(Warn(message="Nothing fits: no example covers it.", hint="Use other words."))
        await job.tell(Done(state="done", cells=0))

    monkeypatch.setattr(fakes, "play", warned)
    result = invoke(*WORDS)
    assert "Warning: Nothing fits: no example covers it. Use other words." in result.stderr
    assert result.exit_code == 3


@pytest.mark.parametrize(
    ("words", "stdin", "said"),
    [
        (("--task", "x", "--docs", ""), "", "--docs"),
        (("--task", ""), "", "--task"),
        (("--task", "-"), "x" * 100_000, "--task"),
        (("--task", "x", "--language", "cobol"), "", "cobol"),
        (("--docs", "pandas"), "", "--task"),
        (("--task", "x", "--out", "/no/such/folder/a.ipynb"), "", "does not exist"),
    ],
)
def test_wrong_use_is_refused_before_anything_runs(
    words: tuple[str, ...], stdin: str, said: str, services: FakeServices, invoke: Invoke
) -> None:
    """Code 2, a sentence that names the option, and no job."""
    result = invoke("generate", *words, stdin=stdin)
    assert result.exit_code == 2
    assert said in result.stderr
    assert not services.jobs.jobs


def test_an_existing_notebook_is_kept(
    play: Play, services: FakeServices, invoke: Invoke, tmp_path: Path
) -> None:
    """Only --force replaces it."""
    assert play.cells
    out = tmp_path / "a.ipynb"
    out.write_text("mine")
    result = invoke(*WORDS, "--out", str(out))
    assert (result.exit_code, out.read_text()) == (2, "mine")
    assert "--force" in result.stderr
    assert not services.jobs.jobs
    assert invoke(*WORDS, "--out", str(out), "--force").exit_code == 0
    assert len(notebook(out).cells) == 2


def test_cells_and_seed(play: Play, services: FakeServices, invoke: Invoke) -> None:
    """How many cells there may be, and the seed, are in the request; nonsense names its option."""
    assert play.cells
    invoke(*WORDS, "--cells", "2", "--seed", "7")
    request = services.jobs.jobs["job-1"].request
    assert (request.max_cells, request.seed) == (2, 7)
    assert "--cells" in invoke(*WORDS, "--cells", "99").stderr


def test_the_prompt_is_shown(invoke: Invoke, services: FakeServices) -> None:
    """`--show-prompt` prints the messages, says what it is of, and asks nobody."""
    result = invoke(*WORDS, "--show-prompt")
    assert result.exit_code == 0
    assert result.stdout == "----- user -----\ncommand-line: mean by group\n\n"
    assert "7 of 4096 tokens for fake" in result.stderr
    assert "1 of 2 cells" in result.stderr
    assert json.loads(invoke(*WORDS, "--show-prompt", "--json").stdout)["prompt_tokens"] == 7
    assert not services.jobs.jobs

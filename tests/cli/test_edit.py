"""`jupyter gptoss edit`."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

from gptoss_lab.schemas.events import CellClose, CellOpen, Done, Generator
from gptoss_lab.schemas.execution import CellVerification, SandboxStatus
from gptoss_lab.schemas.generation import CodeGenerationResponse, GeneratedCell
from tests.cli.conftest import Invoke
from tests.fakes import services as fakes
from tests.fakes.services import FakeJob, FakeServices

CHANGED = GeneratedCell(
    id="n1",
    kind="code",
    language="python",
    source="b = 2",
    change="changed",
    target="b",
    verification=CellVerification(status="ok", runtime="bubblewrap"),
)


class Play:
    """What the fake jobs answer."""

    def __init__(self) -> None:
        self.cells: tuple[GeneratedCell, ...] = (CHANGED,)

    async def play(self, job: FakeJob) -> None:
        """Tell the events of an edit."""
        await job.tell(Generator(generator="model", model="m", sandbox=SandboxStatus(available=True)))
        for number, cell in enumerate(self.cells):
            opened = CellOpen(cell=cell.id, index=number, kind=cell.kind, language="python")
            await job.tell(opened.model_copy(update={"change": cell.change, "target": cell.target}))
            await job.tell(CellClose(cell=cell.id, source=cell.source))
        await job.tell(Done(state="done", cells=len(self.cells)))

    def response(self, job: FakeJob) -> CodeGenerationResponse:
        """Return the job's outcome."""
        return CodeGenerationResponse(
            job=job.id,
            state=job.state,
            task=job.request.task,
            language=job.request.language,
            generator="model",
            model="m",
            created_at=fakes.CREATED_AT,
            cells=self.cells,
        )


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Play:
    """Set what the fake jobs play."""
    chosen = Play()
    monkeypatch.setattr(fakes, "play", chosen.play)
    monkeypatch.setattr(FakeJob, "response", lambda job: chosen.response(job))  # noqa: PLW0108 - binds self
    return chosen


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A notebook of two cells."""
    cells = [nbformat.v4.new_code_cell(f"{name} = 1", id=name) for name in "ab"]  # type: ignore[no-untyped-call]
    path = tmp_path / "book.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)  # type: ignore[no-untyped-call]
    return path


def test_the_notebook_goes_to_standard_output(
    play: Play, services: FakeServices, invoke: Invoke, book: Path
) -> None:
    """With its change pending; the file stays as it is, and what is said goes elsewhere."""
    assert play.cells
    before = book.read_text()
    result = invoke("edit", str(book), "--cell", "b", "--instruction", "make it two")
    assert result.exit_code == 0, result.output
    cells = json.loads(result.stdout)["cells"]
    assert cells[1]["source"] == ["b = 2"]
    assert cells[1]["metadata"]["gptoss_lab"]["review"] == "pending"
    assert cells[1]["metadata"]["gptoss_lab"]["original"] == "b = 1"
    assert "1 code cell by the model m; 1 of 1 ran well" in result.stderr
    assert book.read_text() == before
    request = services.jobs.jobs["job-1"].request
    assert request.task == "make it two"
    assert request.context.cells == ("a = 1",)
    assert request.edit is not None
    assert (request.edit.kind, [cell.id for cell in request.edit.cells]) == ("edit", ["b"])


def test_a_new_file_and_in_place(play: Play, invoke: Invoke, book: Path, tmp_path: Path) -> None:
    """A file that exists is only replaced where that was asked for."""
    assert play.cells
    words = ("edit", str(book), "--cell", "2", "--instruction", "x")
    assert invoke(*words, "--out", str(tmp_path / "new.ipynb")).exit_code == 0
    assert json.loads((tmp_path / "new.ipynb").read_text())["cells"][1]["source"] == ["b = 2"]
    assert "--force" in invoke(*words, "--out", str(book)).stderr
    assert "b = 1" in book.read_text()
    before = book.read_text().splitlines()
    assert invoke(*words, "--in-place").exit_code == 0
    after = book.read_text().splitlines()
    assert '    "b = 2"' in "\n".join(after)
    assert before[:12] == after[:12], "only what changed differs"


def test_kinds_and_options(play: Play, services: FakeServices, invoke: Invoke, book: Path) -> None:
    """Most kinds need no instruction; a port is in the other language."""
    assert play.cells
    invoke("edit", str(book), "--cell", "2", "--kind", "port", "--cells", "2", "--seed", "7")
    request = services.jobs.jobs["job-1"].request
    assert (request.task, request.language, request.kernel) == ("Port this.", "r", "gptoss-r")
    assert (request.max_cells, request.seed) == (2, 7)
    invoke("edit", str(book), "--cell", "1", "--instruction", "-", stdin="from stdin")
    assert services.jobs.jobs["job-2"].request.task == "from stdin"


def test_nothing_changed(play: Play, invoke: Invoke, book: Path, tmp_path: Path) -> None:
    """Without a cell nothing is written, and the exit code says so."""
    play.cells = ()
    out = tmp_path / "new.ipynb"
    result = invoke("edit", str(book), "--cell", "2", "--instruction", "x", "--out", str(out))
    assert result.exit_code == 3
    assert not out.exists()
    assert result.stdout == ""


def test_a_deletion_and_a_text_prove_nothing(play: Play, invoke: Invoke, book: Path) -> None:
    """What cannot run does not spoil the exit code."""
    play.cells = (
        CHANGED.model_copy(update={"change": "deleted", "source": "b = 1", "verification": None}),
        GeneratedCell(id="n2", kind="markdown", language="python", source="Why."),
    )
    result = invoke("edit", str(book), "--cell", "2", "--instruction", "x")
    assert result.exit_code == 0
    assert "0 code cells by the model m, and 1 to delete; not run." in result.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--cell", "9", "--instruction", "x"), "no cell 9"),
        (("--cell", "2"), "--instruction"),
        (("--instruction", "x"), "--cell"),
        (("--cell", "2", "--instruction", "x", "--cells", "0"), "--cells"),
        (("--cell", "2", "--kind", "sing"), "sing"),
        (("--cell", "2", "--instruction", "x", "--in-place", "--out", "y.ipynb"), "exclude"),
    ],
)
def test_wrong_use(
    words: tuple[str, ...], said: str, services: FakeServices, invoke: Invoke, book: Path
) -> None:
    """Code 2, a sentence that names what is wrong, and no job."""
    result = invoke("edit", str(book), *words)
    assert result.exit_code == 2
    assert said in result.stderr
    assert not services.jobs.jobs

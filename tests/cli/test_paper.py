"""`jupyter gptoss paper`."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

from gptoss_lab.cli.paper_view import claim_lines, paper_lines, plain
from gptoss_lab.schemas.events import CellClose, CellOpen, Done, Event, Failed, Generator, PaperEvent, Stage
from gptoss_lab.schemas.execution import CellVerification, SandboxStatus
from gptoss_lab.schemas.generation import CodeGenerationResponse, GeneratedCell, Problem
from gptoss_lab.schemas.papers import Candidate, Claim, PaperReport, PaperSummary, Place, Unit
from tests.cli.conftest import Invoke
from tests.fakes import services as fakes
from tests.fakes.services import FakeJob, FakeServices

READY = SandboxStatus(available=True, runtime="docker", image="sha256:0123456789abcdef", image_ready=True)
SUMMARY = PaperSummary(
    id="p",
    uri="lmer.pdf",
    form="pdf",
    title="Fitting \x1b[31mmodels\x1b[0m",
    authors=("A. Author",),
    files=("lmer.pdf",),
    lost=("Exponents are lost.",),
    pages=51,
    candidates=(Candidate(id="code-1", kind="code", title="Code printed in “1. Fits”", place=Place(page=3)),),
)
CLAIM = Claim(
    id="c1",
    metric="REML criterion at convergence",
    printed="1743.6",
    value=1743.6,
    quote="1743.6",
    block="b",
    computed=1743.62827,
    state="verified",
    place=Place(page=31),
)
REPORT = PaperReport(
    paper=SUMMARY,
    scope=("code-1",),
    claims=(CLAIM, CLAIM.model_copy(update={"id": "c2", "state": "differs", "printed": "9.9"})),
    assumptions=("lme4 was attached.",),
    missing=("One listing is pseudo-code.",),
    units=(
        Unit(
            id="u1", statement="s", quote="q", block="b", status="unresolved", question="Which learning rate?"
        ),
    ),
)


class Play:
    """What the fake jobs play and answer."""

    def __init__(self) -> None:
        self.status = "ok"
        self.cells = 1
        self.end: Event = Done(state="done", cells=1)

    async def play(self, job: FakeJob) -> None:
        """Tell the events of a paper."""
        await job.tell(Stage(stage="load"))
        await job.tell(PaperEvent(paper=SUMMARY))
        await job.tell(Generator(generator="examples", sandbox=READY))
        await job.tell(CellOpen(cell="c0", index=1, kind="code", language="r"))
        await job.tell(CellClose(cell="c0", source="x"))
        await job.tell(Stage(stage="claims"))
        await job.tell(self.end)

    def response(self, job: FakeJob) -> CodeGenerationResponse:
        """Return the job's outcome."""
        run = CellVerification.model_validate({"status": self.status, "runtime": "docker"})
        cell = GeneratedCell(id="c0", kind="code", language="r", source="x", verification=run)
        return CodeGenerationResponse(
            job=job.id,
            state="error" if isinstance(self.end, Failed) else job.state,
            task=job.request.task,
            language=job.request.language,
            generator="examples",
            created_at=fakes.CREATED_AT,
            cells=(cell,) * self.cells,
            paper=REPORT,
        )


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Play:
    """Direct the fake jobs, in an empty folder with a paper in it."""
    director = Play()
    monkeypatch.setattr(fakes, "play", director.play)
    monkeypatch.setattr(FakeJob, "response", lambda job: director.response(job))  # noqa: PLW0108 - binds self
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lmer.pdf").write_bytes(b"%PDF-1.4")
    return director


WORDS = ("paper", "lmer.pdf", "--language", "r")


def test_a_notebook_is_written(play: Play, services: FakeServices, invoke: Invoke, tmp_path: Path) -> None:
    """With the claims printed at the end, and in the metadata."""
    assert play.cells
    result = invoke(*WORDS, "--out", "lmer.ipynb")
    assert result.exit_code == 0, result.output
    assert "reading the paper" in result.stderr
    assert "the cells are the code that the paper prints" in result.stderr
    assert "1 code cell from the paper's own code" in result.stderr
    assert "Claims: 1 differs, 1 verified." in result.stdout
    assert "lme4 was attached." in result.stdout
    assert "Wrote lmer.ipynb" in result.stdout
    notebook = nbformat.read(tmp_path / "lmer.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    assert [claim["state"] for claim in notebook.metadata.gptoss_lab.claims] == ["verified", "differs"]
    request = services.jobs.jobs["job-1"].request
    assert request.paper
    assert (request.paper.uri, request.paper.form, request.paper.scope) == ("lmer.pdf", "auto", ())
    assert (request.context.path, request.kernel) == ("lmer.ipynb", "gptoss-r")


def test_options_reach_the_request(
    play: Play, services: FakeServices, invoke: Invoke, tmp_path: Path
) -> None:
    """A paper elsewhere and its notebook are named from the same ground."""
    assert play.cells
    other = tmp_path.parent / f"{tmp_path.name}-papers"
    other.mkdir()
    (other / "b.pdf").write_bytes(b"%PDF-1.4")
    words = (
        "--scope",
        "code-1",
        "--scope",
        "1. Fits",
        "--form",
        "pdf",
        "--cells",
        "3",
        "--generator",
        "examples",
    )
    result = invoke("paper", str(other / "b.pdf"), "--out", "b.ipynb", *words)
    assert result.exit_code == 0, result.output
    request = services.jobs.jobs["job-1"].request
    assert request.paper
    assert (request.paper.uri, request.paper.scope) == (str(other / "b.pdf"), ("code-1", "1. Fits"))
    assert request.context.path == str(tmp_path / "b.ipynb")
    assert (request.max_cells, request.generator, request.language) == (3, "examples", "python")


def test_ids_are_left_as_they_are(play: Play, services: FakeServices, invoke: Invoke) -> None:
    """An arXiv id is no file."""
    assert play.cells
    assert invoke("paper", "arXiv:2401.01234", "--list").exit_code == 0
    request = services.jobs.jobs["job-1"].request
    assert request.paper
    assert (request.paper.uri, request.paper.read_only) == ("arXiv:2401.01234", True)


def test_looking_writes_nothing(play: Play, invoke: Invoke, tmp_path: Path) -> None:
    """Title, form, parts and open questions are shown."""
    assert play.cells
    result = invoke(*WORDS, "--list")
    assert result.exit_code == 0
    assert "Read from its PDF, 51 pages." in result.stdout
    assert "code-1  Code printed in “1. Fits” (page 3)" in result.stdout
    assert "u1  Which learning rate?" in result.stdout
    assert "\x1b[31m" not in result.stdout
    assert not list(tmp_path.glob("*.ipynb"))


def test_exit_codes(play: Play, invoke: Invoke, tmp_path: Path) -> None:
    """4 for cells that failed, 3 for nothing, 1 for a paper that cannot be read, 2 for no --out."""
    play.status = "error"
    assert invoke(*WORDS, "--out", "a.ipynb").exit_code == 4
    play.status, play.cells = "ok", 0
    assert invoke(*WORDS, "--out", "b.ipynb").exit_code == 3
    play.end = Failed(problem=Problem(title="x", status=422, detail="It is encrypted.", code="document"))
    assert invoke(*WORDS, "--out", "c.ipynb").exit_code == 1
    assert invoke(*WORDS, "--list").exit_code == 1
    missing = invoke(*WORDS)
    assert missing.exit_code == 2
    assert "--out NB.ipynb" in missing.stderr
    assert [path.name for path in tmp_path.glob("*.ipynb")] == ["a.ipynb"]


def test_a_notebook_that_exists_is_kept(play: Play, invoke: Invoke, tmp_path: Path) -> None:
    """Unless --force is given."""
    assert play.cells
    (tmp_path / "lmer.ipynb").write_text("mine")
    assert invoke(*WORDS, "--out", "lmer.ipynb").exit_code == 2
    assert (tmp_path / "lmer.ipynb").read_text() == "mine"
    assert invoke(*WORDS, "--out", "lmer.ipynb", "--force").exit_code == 0


def test_json_is_the_events_and_nothing_else(play: Play, invoke: Invoke) -> None:
    """Every line of standard output is an event."""
    assert play.cells
    result = invoke(*WORDS, "--json", "--out", "lmer.ipynb")
    events = [json.loads(line) for line in result.stdout.splitlines()]
    assert [event["type"] for event in events][:2] == ["stage", "paper"]
    assert events[-1]["type"] == "done"
    assert "Wrote" in result.stderr


def test_help_tells_the_exit_codes(invoke: Invoke) -> None:
    """And what happens without a model."""
    shown = " ".join(invoke("paper", "--help").stdout.split())
    assert "Exit codes" in shown
    assert "Without a model" in shown


def test_tables_are_bounded_and_plain() -> None:
    """A long paper does not flood the terminal, and steers none."""
    many = REPORT.model_copy(
        update={"claims": tuple(CLAIM.model_copy(update={"id": f"c{n}"}) for n in range(300))}
    )
    lines = list(claim_lines(many))
    assert len(lines) < 60
    assert "... and 260 more, all in the notebook's metadata." in lines
    assert plain("a\x1b[2J\nb") == "a?[2J b"
    empty = REPORT.model_copy(update={"claims": ()})
    assert "No number of the paper was compared." in list(claim_lines(empty))
    none = REPORT.model_copy(update={"paper": SUMMARY.model_copy(update={"candidates": ()}), "units": ()})
    assert any("no method" in line for line in paper_lines(none))

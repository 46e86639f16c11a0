from __future__ import annotations

from gptoss_lab.schemas.events import (
    CellClose,
    CellOpen,
    Done,
    EnvironmentEvent,
    Event,
    Failed,
    FindingEvent,
    Generator,
    Queued,
    Repair,
    Stage,
    Usage,
    VerificationEvent,
    Warn,
)
from gptoss_lab.schemas.execution import CellVerification, Environment
from gptoss_lab.schemas.generation import CodeGenerationRequest, Problem, TokenUsage
from gptoss_lab.schemas.review import Finding
from gptoss_lab.services.transcript import Transcript
from tests.fakes.generation import READY

FINDING = Finding(check="names", severity="error", cell="a", message="No such name.")
OPEN = CellOpen(cell="a", index=0, kind="code", language="python")


def folded(*events: Event) -> Transcript:
    """Fold events."""
    transcript = Transcript("job", CodeGenerationRequest(task="x"))
    for event in events:
        transcript.apply(event)
    return transcript


def test_states_follow_the_events() -> None:
    """A job is queued, runs, and ends once."""
    assert folded().response().state == "queued"
    assert folded(Queued()).response().state == "queued"
    assert folded(Queued(), Stage(stage="collect")).response().state == "running"
    ended = folded(Done(state="cancelled", cells=0), Stage(stage="check"))
    assert ended.response().state == "cancelled"
    assert ended.response().stage == ""
    problem = Problem(title="t", status=502, code="engine")
    assert folded(Failed(problem=problem)).response().error == problem


def test_everything_said_is_kept() -> None:
    """Generator, sandbox, usage, repairs and warnings end in the response."""
    answer = folded(
        Generator(generator="model", model="m", sandbox=READY),
        Usage(usage=TokenUsage(prompt_tokens=3)),
        Repair(round=2, cells=()),
        Warn(message="Careful.", hint="Look."),
    ).response()
    assert (answer.generator, answer.model, answer.sandbox) == ("model", "m", READY)
    assert (answer.usage.prompt_tokens, answer.repairs, answer.warnings) == (3, 2, ("Careful. Look.",))


def test_new_text_makes_findings_and_runs_void() -> None:
    """A cell that is closed again starts without findings and unverified."""
    run = VerificationEvent(cell="a", verification=CellVerification(status="error"))
    first = (OPEN, CellClose(cell="a", source="x"), FindingEvent(finding=FINDING), run)
    (cell,) = folded(*first).response().cells
    assert cell.findings == (FINDING,)
    assert cell.verification
    (cell,) = folded(*first, CellClose(cell="a", source="y")).response().cells
    assert (cell.source, cell.findings, cell.verification) == ("y", (), None)


def test_open_and_fallen_cells_are_no_cells() -> None:
    """Only closed cells with text count, in the order of the notebook."""
    late = CellOpen(cell="b", index=0, kind="markdown", language="python")
    answer = folded(
        OPEN.model_copy(update={"index": 1}),
        CellClose(cell="a", source="x"),
        late,
        CellClose(cell="b", source="y"),
        CellOpen(cell="c", index=2, kind="code", language="python"),
        CellOpen(cell="d", index=3, kind="code", language="python"),
        CellClose(cell="d", source=""),
    ).response()
    assert [cell.id for cell in answer.cells] == ["b", "a"]


def test_events_of_unknown_cells_are_ignored() -> None:
    """A finding or a run of a cell that was never opened changes nothing."""
    answer = folded(FindingEvent(finding=FINDING), CellClose(cell="a", source="x")).response()
    assert answer.cells == ()


def test_what_it_ran_in_is_kept_and_told_again() -> None:
    """The last that was said holds."""
    first, last = (
        EnvironmentEvent(environment=Environment(runtime="docker", image=image, tag="python:1"))
        for image in ("a", "b")
    )
    transcript = folded(first, last)
    assert transcript.response().environment == last.environment
    (again,) = [event for event in transcript.catch_up() if isinstance(event, EnvironmentEvent)]
    assert again.environment == last.environment


def test_catching_up_folds_into_the_same() -> None:
    """The events for a late reader lead to the same response, open and fallen cells included."""
    one = folded(
        Generator(generator="examples", sandbox=READY),
        OPEN,
        CellClose(cell="a", source="x"),
        FindingEvent(finding=FINDING),
        VerificationEvent(cell="a", verification=CellVerification(status="ok")),
        Usage(usage=TokenUsage(prompt_tokens=3)),
        Stage(stage="verify"),
    )
    two = folded(*one.catch_up())
    assert two.response().model_dump(exclude={"created_at"}) == one.response().model_dump(
        exclude={"created_at"}
    )

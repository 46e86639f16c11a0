"""Executions folded from their events."""

from __future__ import annotations

from typing import Any

from gptoss_lab.errors import SandboxLostError
from gptoss_lab.schemas.execution import CellVerification, ExecutionRequest, Limits
from gptoss_lab.schemas.review import Finding
from gptoss_lab.schemas.runs import (
    CellEnd,
    CellError,
    CellStart,
    ClearOutput,
    Display,
    ExecutionEvent,
    Result,
    RunEnd,
    RunFinding,
    RunQueued,
    RunStart,
    RunUsage,
    Stderr,
    Stdout,
    Truncated,
    UpdateDisplay,
)
from gptoss_lab.schemas.sandboxes import SandboxUsage
from gptoss_lab.services.run_sheet import RunSheet
from gptoss_lab.services.run_transcript import RunTranscript

REQUEST = ExecutionRequest(cells=("print(1)", "2"))
START = RunStart(
    sandbox="s", language="python", runtime="docker", image="i", limits=Limits(), cells=2, isolation="runc"
)
FINDING = Finding(check="packages", severity="error", cell="0", message="not there")


def text(value: str) -> dict[str, Any]:
    """Return a bundle of text."""
    return {"text/plain": value}


def ended(cell: int, status: Any = "ok") -> CellEnd:
    """Return the end of a cell."""
    return CellEnd(cell=cell, verification=CellVerification(status=status, execution_count=cell + 1))


STORY: tuple[ExecutionEvent, ...] = (
    RunQueued(),
    RunFinding(cell=0, finding=FINDING),
    START,
    CellStart(cell=0),
    Stdout(cell=0, text="a"),
    Stdout(cell=0, text="b"),
    Stderr(cell=0, text="c"),
    Display(cell=0, data=text("old"), display="d"),
    ended(0),
    CellStart(cell=1),
    Stdout(cell=1, text="gone"),
    ClearOutput(cell=1, wait=True),
    UpdateDisplay(cell=1, data=text("new"), display="d"),
    Result(cell=1, data=text("2"), execution_count=2),
    CellError(cell=1, ename="E", evalue="v", traceback=("t",)),
    Truncated(cell=1, what="bytes", limit=9),
    RunUsage(usage=SandboxUsage(pids=3)),
    ended(1, "error"),
)
END = RunEnd(status="error", sandbox="s", duration_s=1.5, usage_peak=SandboxUsage(peak_memory_bytes=7))


def folded(*events: ExecutionEvent) -> RunTranscript:
    """Fold numbered events."""
    transcript = RunTranscript("job", REQUEST)
    for number, event in enumerate(events, 1):
        transcript.apply(event.model_copy(update={"seq": number}) if event.seq == 0 else event)
    return transcript


def test_outputs_are_those_of_a_notebook() -> None:
    """Streams are joined, displays updated in any cell, and a clear waits for the next output."""
    response = folded(*STORY, END).response()
    assert (response.state, response.status, response.duration_s) == ("done", "error", 1.5)
    assert (response.runtime, response.image, response.sandbox) == ("docker", "i", "s")
    assert (response.peak_memory_bytes, response.findings) == (7, (FINDING,))
    first, second = response.cells
    assert first.outputs == (
        {"output_type": "stream", "name": "stdout", "text": "ab"},
        {"output_type": "stream", "name": "stderr", "text": "c"},
        {"output_type": "display_data", "data": text("new"), "metadata": {}},
    )
    assert [output["output_type"] for output in second.outputs] == ["execute_result", "error"]
    assert (second.status, second.execution_count) == ("error", 2)


def test_a_running_one_shows_what_has_ended() -> None:
    """The cell that runs is not among the cells yet, and there is no status."""
    transcript = folded(*STORY[:12])
    assert [cell.status for cell in transcript.response().cells] == ["ok"]
    assert (transcript.response().state, transcript.response().status) == ("running", None)
    assert folded(STORY[0]).response().state == "queued"
    assert not transcript.ended


def test_catching_up_leads_to_the_same() -> None:
    """A reader who folds the unnumbered events stands where the job stands."""
    before = folded(*STORY)
    events = before.catch_up()
    assert {(event.seq, event.job) for event in events} == {(0, "job")}
    again = RunTranscript("job", REQUEST)
    for event in [*events, END]:
        again.apply(event)
    same = folded(*STORY, END).response()
    assert again.response().cells == same.cells
    assert again.response().findings == same.findings
    kinds = [event.type for event in events]
    assert kinds[:3] == ["finding", "start", "cell_start"]
    assert kinds.count("truncated") == 1


def test_catching_up_keeps_displays_alive() -> None:
    """A display that is updated after a reader came back changes for it too."""
    again = RunTranscript("job", REQUEST)
    for event in folded(*STORY[:9]).catch_up():
        again.apply(event)
    again.apply(UpdateDisplay(cell=1, data=text("newest"), display="d"))
    assert again.response().cells[0].outputs[-1]["data"] == text("newest")


def test_nothing_follows_the_end() -> None:
    """Late events change nothing."""
    transcript = folded(*STORY, END, Stdout(cell=0, text="late"), RunEnd(status="ok"))
    assert transcript.response() == folded(*STORY, END).response().model_copy(
        update={key: getattr(transcript.response(), key) for key in ("created_at", "finished_at")}
    )


def test_a_job_that_was_cut_is_ended() -> None:
    """By the person or by a failure; the sandbox that was named then counts as lost."""
    (stopped,) = folded(*STORY).last("cancelled")
    assert (stopped.type, stopped.model_dump()["status"]) == ("end", "canceled")
    assert folded(*STORY, stopped).response().state == "cancelled"
    (failed,) = folded(*STORY).last(SandboxLostError("It went away"))
    response = folded(*STORY, failed).response()
    assert response.state == "error"
    assert response.error is not None
    assert response.error.code == "sandbox_lost"


def test_a_lagging_reader_gets_a_stream_in_one_piece() -> None:
    """Only neighbours of one stream and cell are joined; the last number is kept."""
    transcript = folded()
    batch: list[ExecutionEvent] = [
        Stdout(cell=0, text="a", seq=1),
        Stdout(cell=0, text="b", seq=2),
        Stderr(cell=0, text="c", seq=3),
        Stderr(cell=1, text="d", seq=4),
        Result(cell=1, data=text("r"), seq=5),
        Stdout(cell=1, text="e", seq=6),
        Stdout(cell=1, text="f", seq=7),
    ]
    merged = transcript.merge(batch)
    assert [(event.seq, getattr(event, "text", "")) for event in merged] == [
        (2, "ab"),
        (3, "c"),
        (4, "d"),
        (5, ""),
        (7, "ef"),
    ]


def test_a_summary_is_short() -> None:
    """It has the start of the code and how the run ended."""
    long = RunTranscript("job", ExecutionRequest(code="  x" * 900))
    assert len(long.summary().task) == 200
    summary = folded(*STORY, END).summary()
    assert (summary.kind, summary.task, summary.stage) == ("execute", "print(1)", "error")
    assert (summary.cells, summary.verified) == (2, 1)


def test_outputs_of_all_cells_are_bounded() -> None:
    """What is over the limit is left out; the run goes on."""
    sheet = RunSheet(max_bytes=10)
    for number in range(3):
        sheet.apply(CellStart(cell=number))
        sheet.apply(Stdout(cell=number, text="x" * 6))
        sheet.apply(ended(number))
    assert [len(run.outputs) for run in sheet.verifications()] == [1, 0, 0]


def test_events_are_weighed() -> None:
    """By the texts that they hold, so that a ring of them stays bounded."""
    transcript = folded()
    light = transcript.weigh(CellStart(cell=0))
    assert transcript.weigh(Stdout(cell=0, text="x" * 1000)) == light + 1000
    assert transcript.weigh(Display(cell=0, data=text("x" * 1000))) > light + 1000
    assert transcript.weigh(CellError(cell=0, ename="", evalue="", traceback=("x" * 1000,))) >= light + 1000

"""Executions with sessions that run nothing: order, limits, keeping, stopping."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from typing import Any

import pytest

from gptoss_lab.errors import (
    ConflictError,
    GptossError,
    ImageMissingError,
    NotFoundError,
    PolicyError,
    RequestError,
    SandboxError,
    SandboxUnavailableError,
    TooBusyError,
)
from gptoss_lab.schemas.runs import ExecutionResponse
from gptoss_lab.schemas.sandboxes import SandboxUsage
from gptoss_lab.services import run_flow, runs
from tests.fakes.played_sessions import PlayedSession, PlayedStarts
from tests.fakes.played_station import Station, kinds, soon
from tests.fakes.run_station import asked
from tests.fakes.runtime import FakeRuntime

Make = Callable[..., Station]


@pytest.fixture
def make() -> Make:
    """Make a station; all of a test share what starts sessions."""
    starts = PlayedStarts()

    def station(runtime: FakeRuntime | None = None, **config: Any) -> Station:
        return Station(starts, runtime or FakeRuntime(), **config)

    return station


async def test_cells_are_told_one_after_the_other(make: Make) -> None:
    """A start, then each cell with what it shows, then one end with the peak."""
    station = make()
    events = await station.run("say a", "say b")
    cell = ["cell_start", "stdout", "cell_end"]
    assert kinds(events) == ["start", *cell, *cell, "end"]
    assert [event.text for event in events if event.type == "stdout"] == ["a", "b"]
    assert (events[0].sandbox, events[0].image, events[0].cells) == ("sandbox-1", "image", 2)
    assert events[0].environment is not None
    assert events[0].environment.packages == {"numpy": "2.0"}
    end = events[-1]
    assert (end.status, end.sandbox, end.state_lost) == ("ok", "", False)
    assert end.usage_peak.peak_memory_bytes == 2 << 20
    assert events == sorted(events, key=lambda event: event.t)
    assert station.starts.sessions[0].wanted.purpose == "execute"
    assert station.starts.sessions[0].closed
    await station.close()


async def test_an_error_skips_the_rest_unless_asked(make: Make) -> None:
    """The first status that is not ok is that of the run."""
    station = make()
    events = await station.run("fail", "say b")
    statuses = [event.verification.status for event in events if event.type == "cell_end"]
    assert (statuses, events[-1].status) == (["error", "skipped"], "error")
    going = await station.run("fail", "say b", stop_on_error=False)
    statuses = [event.verification.status for event in going if event.type == "cell_end"]
    assert (statuses, going[-1].status) == (["error", "ok"], "error")
    await station.close()


async def test_a_dead_kernel_ends_the_run(make: Make) -> None:
    """Nothing else can run in it, whatever was asked."""
    station = make()
    end = await station.end("die", "say b", stop_on_error=False)
    assert (end.status, end.state_lost) == ("died", False)
    lost = await station.end("die", keep=True)
    assert (lost.status, lost.sandbox, lost.state_lost) == ("died", "", True)
    await station.close()


async def test_limits_only_narrow(make: Make) -> None:
    """`timeout_s` is the time of each cell; what is wider is refused before anything starts."""
    station = make()
    await station.run("1", timeout_s=2, limits={"output_bytes": 2048})
    (bounds,) = station.starts.sessions[0].bounds
    assert (bounds.timeout_s, bounds.max_bytes) == (2, 2048)
    for wide in ({"timeout_s": 3600}, {"limits": {"memory_bytes": 1 << 40}}):
        with pytest.raises(PolicyError):
            await station.runs.admit(asked("1", **wide), "me")
    assert len(station.starts.sessions) == 1
    await station.close()


async def test_a_wall_clock_bounds_all_cells(make: Make) -> None:
    """The cells that are left over are skipped, and the run was too slow."""
    station = make()
    events = await station.run("1", "2", limits={"wall_clock_s": 1e-9})
    assert [event.verification.status for event in events if event.type == "cell_end"] == ["skipped"] * 2
    assert events[-1].status == "timeout"
    await station.close()


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        ({"kernel": "python3"}, PolicyError),
        ({"kernel": "../evil"}, ImageMissingError),
        ({"image": "sha256:none"}, ImageMissingError),
        ({"sandbox": "nobody"}, NotFoundError),
        ({"files": [{"path": "../up", "content_base64": ""}]}, RequestError),
        ({"files": [{"path": "/etc/x", "content_base64": ""}]}, RequestError),
        ({"files": [{"path": "a", "content_base64": "?"}]}, RequestError),
    ],
)
async def test_what_cannot_run_is_refused(
    more: dict[str, Any], refusal: type[GptossError], make: Make
) -> None:
    """Before anything of it exists."""
    station = make()
    with pytest.raises(refusal):
        await station.runs.admit(asked("1", **more), "me")
    assert not station.starts.sessions


async def test_no_sandbox_no_run(make: Make) -> None:
    """A runtime that is off, and an image that was not built, are said."""
    with pytest.raises(SandboxUnavailableError):
        await make(FakeRuntime(available=False)).runs.admit(asked("1"), "me")
    with pytest.raises(ImageMissingError):
        await make(FakeRuntime(image_ready=False)).runs.admit(asked("1"), "me")


async def test_a_start_that_fails_is_the_end(make: Make) -> None:
    """The problem has the reason and the hint."""
    station = make()
    station.starts.failure = SandboxError("It did not start", hint="Look.")
    (end,) = await station.run("1")
    assert (end.type, end.status, end.problem.detail, end.problem.hint) == (
        "end",
        "error",
        "It did not start",
        "Look.",
    )


async def test_a_fault_of_ours_is_no_silent_end(make: Make) -> None:
    """It reaches whoever reads, who logs it."""
    station = make()
    station.starts.failure = KeyError("a bug")
    with pytest.raises(KeyError):
        await station.run("1")


async def test_checks_come_first(make: Make) -> None:
    """A syntax error ends the run before a sandbox is spent; a missing package is told, and it runs."""
    station = make()
    events = await station.run("if", check=True)
    assert kinds(events) == ["finding", "end"]
    assert (events[0].cell, events[-1].status, events[-1].problem) == (0, "error", None)
    assert not station.starts.sessions
    events = await station.run("if", check=True, stop_on_error=False)
    assert kinds(events) == ["finding", "start", "cell_start", "cell_end", "end"]
    await station.close()


async def runtime_with_r() -> FakeRuntime:
    """Return a runtime that holds an image for R."""
    runtime = FakeRuntime()

    async def report(_text: str, _done: int, _total: int) -> None:
        """Report to nobody."""

    await runtime.build("r", report)
    return runtime


async def test_r_is_checked_where_it_runs(make: Make) -> None:
    """Only R can parse it: its own sandbox does, and then runs no cell after a syntax error."""
    station = make(await runtime_with_r())
    events = await station.run("x <- 1", "x <- (", language="r", check=True)
    assert kinds(events) == ["start", "finding", "end"]
    assert (events[1].cell, events[1].finding.check, events[-1].status) == (1, "syntax", "error")
    (session,) = station.starts.sessions
    assert (len(session.ran), session.bounds[0].history) == (1, False)
    events = await station.run("say hello", language="r", check=True)
    assert kinds(events) == ["start", "cell_start", "stdout", "cell_end", "end"]
    await station.close()


async def test_a_check_of_r_that_fails_forbids_nothing(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cells run, and it is told that they were not checked."""
    monkeypatch.setattr(PlayedSession, "refuses_inspection", True)
    station = make(await runtime_with_r())
    events = await station.run("say hello", language="r", check=True)
    assert kinds(events) == ["start", "finding", "cell_start", "stdout", "cell_end", "end"]
    assert (events[1].finding.severity, events[-1].status) == ("info", "ok")
    await station.close()


async def test_files_go_in_first(make: Make) -> None:
    """They are written before the first cell, and listed at the end of what lives on."""
    station = make()
    files = [{"path": "data/a.csv", "content_base64": base64.b64encode(b"1,2").decode()}]
    end = await station.end("1", files=files, keep=True)
    session = station.starts.sessions[0]
    assert session.provisioner.folder.written == {"data/a.csv": b"1,2"}
    assert [file.path for file in end.files] == ["data/a.csv"]
    await station.close()


async def test_a_kept_sandbox_runs_again(make: Make) -> None:
    """The end names it; the next execution finds the same session, and its owner alone does."""
    station = make()
    kept = (await station.end("say a", keep=True)).sandbox
    assert kept == "sandbox-1"
    again = await station.run("say b", sandbox=kept)
    assert (again[0].sandbox, again[0].warm, again[-1].sandbox) == (kept, True, kept)
    assert station.starts.sessions[0].ran == ["say a", "say b"]
    assert len(station.starts.sessions) == 1
    with pytest.raises(NotFoundError):
        await station.runs.admit(asked("1", sandbox=kept), "you")
    await station.close()


async def test_a_kept_sandbox_stays_what_it_is(make: Make) -> None:
    """It can be narrowed only in what the server itself keeps."""
    station = make()
    kept = (await station.end("1", keep=True)).sandbox
    await station.run("2", sandbox=kept, limits={"output_bytes": 4096}, language="python", image="image")
    assert station.starts.sessions[0].bounds[-1].max_bytes == 4096
    for other in ({"language": "r"}, {"kernel": "other"}, {"image": "other"}, {"limits": {"pids": 9}}):
        with pytest.raises(ConflictError):
            await station.runs.admit(asked("3", sandbox=kept, **other), "me")
    await station.close()


async def test_a_kept_sandbox_that_ended_is_gone(make: Make) -> None:
    """Whoever ended it; what it held is released."""
    station = make()
    kept = (await station.end("1", keep=True)).sandbox
    session = station.starts.sessions[0]
    await session.provisioner.kill()
    while not session.closed:  # noqa: ASYNC110 - another task closes it
        await asyncio.sleep(0.01)
    with pytest.raises(NotFoundError):
        await station.runs.admit(asked("1", sandbox=kept), "me")


async def test_only_so_many_are_kept(make: Make) -> None:
    """One more is refused with what to do."""
    station = make(max_sandboxes=1)
    await station.end("1", keep=True)
    with pytest.raises(TooBusyError) as refused:
        await station.runs.admit(asked("1", keep=True), "me")
    assert "End one" in refused.value.hint
    assert (await station.end("1")).status == "ok"
    await station.close()


async def test_two_executions_on_one_sandbox_follow_one_another(make: Make) -> None:
    """The second waits, says its place, and does not hold others up; their outputs do not mix."""
    station = make()
    kept = (await station.end("1", keep=True)).sandbox
    session = station.starts.sessions[0]
    first, second = (station.submit("hang", "say x", sandbox=kept), station.submit("say y", sandbox=kept))
    await soon(session.hanging.wait())
    assert station.jobs.get(second, "me").state == "queued"
    reader = station.jobs.events(second, "me")
    assert (await soon(reader.__anext__())).model_dump()["position"] == 1
    other = await soon(station.jobs.finished(station.submit("say z"), "me"))
    assert other.state == "done"
    await soon(station.jobs.cancel(first, "me"))
    done = await soon(station.jobs.finished(second, "me"))
    assert done.state == "done"
    assert session.ran == ["1", "hang", "say y"]
    await station.close()


async def test_a_sandbox_has_a_bounded_queue(make: Make) -> None:
    """Beyond it the answer is "too busy"."""
    station = make()
    kept = (await station.end("1", keep=True)).sandbox
    station.submit("hang", sandbox=kept)
    for _ in range(8):
        station.submit("2", sandbox=kept)
    with pytest.raises(TooBusyError, match="8 jobs wait for this sandbox"):
        station.submit("2", sandbox=kept)
    await station.close()


async def test_a_full_server_refuses(make: Make) -> None:
    """The refusal says how many run and wait."""
    station = make(max_sandboxes=1)
    for _ in range(9):
        station.submit("hang")
    with pytest.raises(TooBusyError, match="1 jobs run and 8 of yours wait"):
        station.submit("hang")
    await station.close()


async def test_a_stop_interrupts_the_cell(make: Make) -> None:
    """The run then ends by itself: canceled, the rest skipped, the kept sandbox alive."""
    station = make()
    kept = (await station.end("1", keep=True)).sandbox
    session = station.starts.sessions[0]
    job = station.submit("hang", "say b", sandbox=kept)
    await soon(session.hanging.wait())
    await soon(station.jobs.cancel(job, "me"))
    response = station.jobs.get_as(ExecutionResponse, job, "me")
    assert (response.state, response.status, response.sandbox) == ("cancelled", "canceled", kept)
    assert [cell.status for cell in response.cells] == ["canceled", "skipped"]
    assert session.stops == ["canceled"]
    assert (await station.end("2", sandbox=kept)).status == "ok"
    await station.close()


async def test_a_stop_before_the_sandbox_is_there(make: Make) -> None:
    """The start is given up, and nothing is left."""
    station = make()
    station.starts.hold = asyncio.Event()
    job = station.submit("say a", keep=True)
    await soon(station.starts.holding.wait())
    await soon(station.jobs.cancel(job, "me"))
    response = station.jobs.get_as(ExecutionResponse, job, "me")
    assert (response.state, response.status, response.error) == ("cancelled", "canceled", None)
    assert not station.starts.sessions
    await station.close()


async def test_a_stopped_run_keeps_no_new_sandbox(make: Make) -> None:
    """Whoever would have used it has left."""
    station = make()
    job = station.submit("hang", keep=True)
    session = await soon(station.session(0))
    await soon(session.hanging.wait())
    await soon(station.jobs.cancel(job, "me"))
    assert session.closed
    assert station.jobs.get_as(ExecutionResponse, job, "me").sandbox == ""
    await station.close()


async def test_a_server_that_stops_ends_all(make: Make) -> None:
    """Running, waiting and kept ones; each job has its end."""
    station = make(max_sandboxes=1)
    await station.end("1", keep=True)
    jobs = [station.submit("hang"), station.submit("say b")]
    await soon((await soon(station.session(1))).hanging.wait())
    await soon(station.close())
    assert [station.jobs.get(job, "me").state for job in jobs] == ["cancelled", "cancelled"]


async def test_a_silent_run_says_that_it_goes_on(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while without an event."""
    monkeypatch.setattr(runs, "KEEPALIVE_S", 0.02)
    station = make()
    station.starts.hold = asyncio.Event()
    events = station.runs.run(asked("1"), "me", asyncio.Event())
    assert (await soon(events.__anext__())).type == "keepalive"
    station.starts.hold.set()
    rest = [event.type async for event in events]
    assert rest[-1] == "end"
    await station.close()


async def test_the_use_is_told_while_cells_run(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """The registry's figures, and at the end the highest of each."""
    monkeypatch.setattr(run_flow, "USAGE_EVERY_S", 0.01)
    station = make()
    figures = iter([5, 9, 4])
    monkeypatch.setattr(run_flow, "usage_now", lambda _name: SandboxUsage(pids=next(figures, 4)))
    job = station.submit("hang")
    reader = station.jobs.events(job, "me")
    told: list[int | None] = []
    while len(told) < 3:
        event = await soon(reader.__anext__())
        if event.type == "usage":
            told.append(event.usage.pids)
    await soon(station.jobs.cancel(job, "me"))
    assert told == [5, 9, 4]
    assert station.jobs.get_as(ExecutionResponse, job, "me").usage_peak.pids == 9
    await station.close()

"""Executions in real sandboxes: what is told, what is bounded, and what survives."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest

from gptoss_lab.sandbox.catalog import make_runtimes
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.config import SandboxConfig
from gptoss_lab.schemas.execution import LimitOverrides, Limits
from gptoss_lab.schemas.runs import ExecutionResponse
from gptoss_lab.services.execution import ExecutionService
from gptoss_lab.services.kernel_session import KernelSession
from gptoss_lab.services.kernel_start import start_session
from tests.fakes.run_station import RunStation
from tests.sandbox.conformance import RUNTIMES, require_image

pytestmark = pytest.mark.timeout(900)  # the first test of a runtime may have to build its image

LIMITS = Limits(memory_bytes=512 << 20, pids=96, disk_bytes=64 << 20, cell_timeout_s=60)
BUSY = "while True: pass"
DEAF = "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: time.sleep(1)"
READY = "print('on', flush=True)\n"


async def station_of(runtime: str, language: Language = "python") -> RunStation:
    """Put executions together over one runtime, its image built."""
    await require_image(runtime, language)
    config = SandboxConfig.model_validate({"runtime": runtime, "limits": LIMITS})
    execution = ExecutionService(config=config, runtimes=make_runtimes(config))
    return RunStation(execution, config, partial(start_session, config=config))


@pytest.fixture(params=RUNTIMES)
async def station(request: pytest.FixtureRequest) -> AsyncIterator[RunStation]:
    """Executions over each runtime."""
    made = await station_of(request.param)
    yield made
    await made.close()


def text(events: list[Any], cell: int | None = None, kind: str = "stdout") -> str:
    """Join what was written."""
    return "".join(event.text for event in events if event.type == kind and cell in {None, event.cell})


def statuses(events: list[Any]) -> list[str]:
    """Return how the cells did."""
    return [event.verification.status for event in events if event.type == "cell_end"]


async def reached(station: RunStation, job: str, kind: str = "stdout") -> Any:
    """Wait for the first event of a kind."""
    async for event in station.jobs.events(job, "me"):
        if event.type == kind:
            return event
    raise AssertionError(f"the job ended without {kind}")


async def kept_sandbox(station: RunStation, *cells: str, **more: Any) -> str:
    """Keep a sandbox."""
    end = await station.end(*(cells or ("x = 1",)), keep=True, **more)
    assert end.status == "ok", end
    return end.sandbox


async def still_works(station: RunStation, sandbox: str) -> None:
    """Run something in it; what came before is not among its outputs."""
    events = await station.run("print(x + 1)", sandbox=sandbox)
    assert (events[-1].status, text(events)) == ("ok", "2\n")


async def test_tells_cells_as_they_run(station: RunStation) -> None:
    """Text, values, displays and their updates, in order; the image and the use are named."""
    events = await station.run(
        "import sys\nprint('a')\nprint('b', file=sys.stderr)\n40 + 2",
        "from IPython.display import display\nh = display('one', display_id=True)\nh.update('two')",
    )
    kinds = [event.type for event in events if event.type != "usage"]
    assert kinds[:2] == ["start", "cell_start"]
    assert kinds[-5:] == ["cell_start", "display", "update_display", "cell_end", "end"]
    assert (text(events), text(events, kind="stderr")) == ("a\n", "b\n")
    (result,) = [event for event in events if event.type == "result"]
    assert (result.data, result.execution_count) == ({"text/plain": "42"}, 1)
    start, end = events[0], events[-1]
    assert start.image
    assert start.isolation
    assert start.limits == LIMITS
    assert end.status == "ok"
    assert 10 << 20 < (end.usage_peak.peak_memory_bytes or 0) < LIMITS.memory_bytes


async def test_text_comes_while_the_cell_runs(station: RunStation) -> None:
    """The first line is told long before the cell ends."""
    job = station.submit(f"{READY}import time; time.sleep(600)")
    assert (await reached(station, job)).text == "on\n"
    response = await station.jobs.cancel(job, "me")
    assert isinstance(response, ExecutionResponse)
    assert [cell.status for cell in response.cells] == ["canceled"]


async def test_a_slow_cell_is_interrupted_and_its_state_kept(station: RunStation) -> None:
    """The next execution finds what the first one made."""
    sandbox = await kept_sandbox(station)
    events = await station.run(BUSY, "1", sandbox=sandbox, timeout_s=1.5)
    assert statuses(events) == ["timeout", "skipped"]
    assert (events[-1].status, events[-1].state_lost, events[-1].sandbox) == ("timeout", False, sandbox)
    await still_works(station, sandbox)


async def test_a_cell_that_does_not_heed_costs_its_state(station: RunStation) -> None:
    """It is killed, and the loss is said; a new sandbox works."""
    sandbox = await kept_sandbox(station)
    events = await station.run(DEAF, "1", sandbox=sandbox, timeout_s=1.5)
    assert statuses(events) == ["timeout", "skipped"]
    assert (events[-1].status, events[-1].state_lost, events[-1].sandbox) == ("timeout", True, "")
    await still_works(station, await kept_sandbox(station))


async def test_a_stop_keeps_the_state(station: RunStation) -> None:
    """A person's stop is an interrupt, not a kill."""
    sandbox = await kept_sandbox(station)
    job = station.submit(f"{READY}{BUSY}", "1", sandbox=sandbox)
    await reached(station, job)
    response = await station.jobs.cancel(job, "me")
    assert isinstance(response, ExecutionResponse)
    assert (response.status, response.sandbox) == ("canceled", sandbox)
    assert [cell.status for cell in response.cells] == ["canceled", "skipped"]
    await still_works(station, sandbox)


async def test_an_interrupt_from_elsewhere_is_named(station: RunStation) -> None:
    """Someone pressed interrupt in the list of sandboxes."""
    sandbox = await kept_sandbox(station)
    job = station.submit(f"{READY}{BUSY}", sandbox=sandbox)
    await reached(station, job)
    await station.kept.find(sandbox, "me").interrupt()
    assert (await station.finished(job)).status == "interrupted"
    await still_works(station, sandbox)


async def test_two_executions_on_one_sandbox_do_not_mix(station: RunStation) -> None:
    """They share the state and nothing else, whichever is first."""
    sandbox = await kept_sandbox(station)
    cells = [f"for i in range(200): print({name!r})\nx += 1" for name in ("a", "b")]
    jobs = [station.submit(cell, sandbox=sandbox) for cell in cells]
    for job, name in zip(jobs, "ab", strict=True):
        response = await station.finished(job)
        (output,) = response.cells[0].outputs
        assert output["text"] == f"{name}\n" * 200
    events = await station.run("print(x)", sandbox=sandbox)
    assert text(events) == "3\n"


async def test_a_sandbox_that_dies_is_told_apart(station: RunStation) -> None:
    """By itself, for its memory, or because someone ended it; another one works."""
    died = await station.end("import os; os._exit(3)", "1", keep=True)
    assert (died.status, died.state_lost, died.sandbox) == ("died", True, "")
    bomb = "blocks = []\nwhile True: blocks.append(bytearray(b'x') * (8 << 20))"
    assert (await station.end(bomb, limits={"memory_bytes": 256 << 20})).status == "oom"
    sandbox = await kept_sandbox(station)
    job = station.submit(f"{READY}{BUSY}", sandbox=sandbox)
    await reached(station, job)
    await station.kept.find(sandbox, "me").end()
    response = await station.finished(job)
    assert (response.status, response.state_lost) == ("died", True)
    assert (await station.end("1")).status == "ok"


async def test_much_text_is_cut_and_the_cell_goes_on(station: RunStation) -> None:
    """20 MB are read to the end; what is kept and told is bounded."""
    code = "line = 'x' * 99\nfor _ in range(200_000): print(line)\n'done'"
    job = station.submit(code, "print('next')", limits={"output_bytes": 4 << 20})
    response = await station.finished(job)
    assert [cell.status for cell in response.cells] == ["ok", "ok"]
    assert response.cells[0].truncated
    assert len(response.cells[0].outputs[0]["text"]) <= 4 << 20
    assert response.cells[1].outputs[0]["text"] == "next\n"
    events = [event async for event in station.jobs.events(job, "me")]
    assert [event.type for event in events].count("truncated") == 1


@pytest.mark.parametrize(
    "flood",
    [
        "import sys\nwhile True: sys.stdout.write('x' * 1000 + '\\n')",
        "from IPython.display import display\nwhile True: display(1)",
        "import sys\nfor i in range(1_000_000): print(i, flush=True)",
    ],
)
async def test_a_flood_ends_the_cell(station: RunStation, flood: str) -> None:
    """Text without end, displays without end, a million small messages: interrupted, and the next works."""
    limits = LimitOverrides(output_bytes=64 << 10, output_messages=200)
    events = await station.run(flood, limits=limits, keep=True)
    assert events[-1].status in {"output_limit", "timeout"}
    told = [event for event in events if event.type in {"stdout", "display", "truncated"}]
    assert len(told) <= 201
    assert told[-1].type == "truncated"
    assert (await station.end("1")).status == "ok"


async def test_a_slow_reader_holds_nobody_up(station: RunStation) -> None:
    """It gets the state instead of what was dropped, then the end."""
    code = "for i in range(3000): print(i, flush=True)"
    job = station.submit(code, limits={"output_messages": 1000})
    reader = station.jobs.events(job, "me")
    await reader.__anext__()
    response = await station.finished(job)
    rest = [event async for event in reader]
    assert rest[-1].type == "end"
    assert response.cells[0].status == "ok"


async def test_what_is_forged_is_not_believed(station: RunStation) -> None:
    """Messages that answer other requests, an early idle, and a made-up reply change nothing."""
    code = """
import time
kernel = get_ipython().kernel
parent = kernel.get_parent()
def send(kind, content, header):
    kernel.session.send(kernel.iopub_socket, kind, content, parent=header)
other = {**parent, "header": {**parent["header"], "msg_id": "other"}}
send("stream", {"name": "stdout", "text": "FORGED"}, other)
send("status", {"execution_state": "idle"}, parent)
send("comm_open", {"comm_id": "c", "target_name": "t", "data": {}}, parent)
send("display_data", {"data": {"application/javascript": "alert(1)"}, "metadata": {}}, parent)
time.sleep(0.5)
print("after")
"""
    events = await station.run(code, "print('second')")
    assert statuses(events) == ["ok", "ok"]
    assert text(events, 0) == "after\n"
    assert text(events, 1) == "second\n"
    shown = [event.data for event in events if event.type == "display"]
    assert shown == [{"text/plain": "[not shown: application/javascript]"}]


async def test_nobody_is_asked_for_input(station: RunStation) -> None:
    """The cell fails at once; it does not wait for an answer that never comes."""
    events = await station.run("input('name?')")
    assert statuses(events) == ["error"]
    (error,) = [event for event in events if event.type == "error"]
    assert error.ename == "StdinNotImplementedError"


async def test_files_go_in_and_are_listed(station: RunStation) -> None:
    """Modules among them can be imported; what the cell writes is there at the end."""
    files = [
        {"path": "helper.py", "content_base64": base64.b64encode(b"def twice(x): return 2 * x").decode()},
        {"path": "data/a.csv", "content_base64": base64.b64encode(b"1,2\n").decode()},
    ]
    code = (
        "import helper\nprint(helper.twice(21), open('data/a.csv').read())\n"
        "with open('out.txt', 'w') as file: file.write('x')"
    )
    events = await station.run(code, files=files, keep=True)
    assert text(events) == "42 1,2\n\n"
    assert not [event for event in events if event.type == "finding"]
    assert {file.path for file in events[-1].files} >= {"helper.py", "data/a.csv", "out.txt"}


async def test_chatter_between_executions_is_dropped(station: RunStation) -> None:
    """A thread that goes on printing is not among the outputs of the next execution."""
    chatter = """
import threading, time
x = 1
def chat():
    while True:
        print("chatter")
        time.sleep(0.001)
threading.Thread(target=chat, daemon=True).start()
"""
    sandbox = await kept_sandbox(station, chatter)
    await asyncio.sleep(0.5)
    events = await station.run("y = x + 1\nprint(y)", sandbox=sandbox)
    assert events[-1].status == "ok"
    assert "2\n" in text(events)


async def test_a_session_reads_no_stale_stop(station: RunStation) -> None:
    """A stop that came when the cell had ended already does not hit the next one."""
    sandbox = await kept_sandbox(station)
    session = station.kept.find(sandbox, "me").session
    assert isinstance(session, KernelSession)
    await session.stop("canceled")
    await still_works(station, sandbox)


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_r_is_an_equal(runtime: str) -> None:
    """Text, values, errors and an interrupted loop, in R's own words."""
    station = await station_of(runtime, "r")
    try:
        events = await station.run("x <- 1\ncat('a\\n')\nx + 1", "stop('no')", language="r", keep=True)
        assert statuses(events) == ["ok", "error"]
        assert text(events) == "a\n"
        assert [event.type for event in events if event.type in {"result", "display"}]
        sandbox = events[-1].sandbox
        slow = await station.run("repeat {}", sandbox=sandbox, timeout_s=2)
        assert (slow[-1].status, slow[-1].state_lost) == ("timeout", False)
        again = await station.run("cat(x, '\\n')", sandbox=sandbox)
        assert (again[-1].status, text(again)) == ("ok", "1 \n")
    finally:
        await station.close()

"""What every runtime must do for R, one property each, against real sandboxes."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gptoss_lab.checks.cells import Cell
from gptoss_lab.checks.r import r_findings, r_payload, r_script
from gptoss_lab.sandbox.catalog import make_runtimes
from gptoss_lab.schemas.config import SandboxConfig
from gptoss_lab.schemas.execution import ExecutionRequest, LimitOverrides
from gptoss_lab.services.execution import ExecutionService
from tests.sandbox.conformance import (
    LIMITS,
    RUNTIMES,
    Kernel,
    marker,
    require_image,
    sleepers,
    until,
)

pytestmark = pytest.mark.timeout(900)

MODEL = """
suppressPackageStartupMessages({library(tidyverse); library(lme4); library(data.table)})
fit <- lmer(Reaction ~ Days + (Days | Subject), sleepstudy)
slope <- mtcars |> group_by(cyl) |> summarise(mpg = mean(mpg)) |> pull(mpg)
print(ggplot(mtcars, aes(wt, mpg)) + geom_point() + ggtitle("a title"))
cat(round(fixef(fit)[["Days"]], 2), length(slope))
"""


@pytest.fixture(params=RUNTIMES)
async def runtime(request: pytest.FixtureRequest) -> str:
    """The name of a runtime that has R."""
    name: str = request.param
    await require_image(name, "r")
    return name


@pytest.fixture
async def kernel(runtime: str) -> AsyncIterator[Kernel]:
    """An R kernel that has started."""
    kernel = Kernel(runtime, language="r")
    try:
        await kernel.start()
        yield kernel
    finally:
        await kernel.stop()


@pytest.mark.docker
async def test_the_packages_are_there() -> None:
    """A mixed model, a summary and a plot by the packages that people expect."""
    await require_image("docker", "r")
    kernel = Kernel("docker", language="r")
    try:
        await kernel.start()
        said = await kernel.out(MODEL, 60)
        assert "10.47 3" in said
        assert "plot without title" in said
    finally:
        await kernel.stop()


@pytest.mark.docker
async def test_the_help_pages_are_there() -> None:
    """What documentation is read from stays in the image, though other texts were left out."""
    await require_image("docker", "r")
    kernel = Kernel("docker", language="r")
    try:
        await kernel.start()
        code = "cat(length(tools::Rd_db('dplyr')) > 100, nchar(paste(capture.output(help(lm)), collapse='')))"
        assert (await kernel.out(code)).startswith("TRUE")
    finally:
        await kernel.stop()


async def test_an_interrupt_keeps_the_state(kernel: Kernel) -> None:
    """R says `abort` of what was interrupted, shows no error, and remembers what it had."""
    await kernel.out("x <- 41")
    busy = asyncio.ensure_future(kernel.run("cat('begun\\n'); repeat {}"))
    await asyncio.sleep(1)
    await kernel.manager.interrupt_kernel()
    status, said = await asyncio.wait_for(busy, 30)
    assert (status, said) == ("abort", "begun\n")
    assert await kernel.out("cat(x + 1)") == "42"


async def test_no_interrupt_comes_at_a_bad_time(kernel: Kernel) -> None:
    """On the way to a cell, in the middle of a message or between cells: R lives, with its state."""
    await kernel.out("x <- 41")
    for number in range(24):
        busy = asyncio.ensure_future(kernel.run("repeat cat('x\\n')" if number % 2 else "repeat {}"))
        await asyncio.sleep(number / 400)
        while not busy.done():  # one that comes before the cell is not meant for it
            await kernel.manager.interrupt_kernel()
            await asyncio.wait({busy}, timeout=1)
            assert await kernel.manager.is_alive()
        assert busy.result()[0] == "abort"
    await kernel.manager.interrupt_kernel()
    if (await kernel.run("cat(x + 1)"))[0] == "abort":  # signals and requests arrive by different ways
        assert await kernel.manager.is_alive()
    assert await kernel.out("cat(x + 1)") == "42"


async def test_an_error_shows_nothing_of_ours(kernel: Kernel) -> None:
    """The traceback begins in the cell, not in how the kernel was started."""
    kernel.client.execute("f <- function() stop('no'); f()")
    while (message := await kernel.client.get_iopub_msg(timeout=30))["msg_type"] != "error":
        pass
    traceback = "\n".join(message["content"]["traceback"])
    assert 'stop("no")' in traceback
    assert not [word for word in ("Interrupts", "original") if word in traceback]


async def test_a_busy_kernel_is_alive(kernel: Kernel) -> None:
    """R answers no heartbeat while it works; nobody takes it for dead."""
    kernel.client.hb_channel.unpause()
    busy = asyncio.ensure_future(kernel.run("t <- Sys.time() + 4; while (Sys.time() < t) {}; cat('done')"))
    await until(lambda: not kernel.client.hb_channel.is_beating(), 30)
    assert await kernel.manager.is_alive()
    assert await kernel.client.is_alive()
    assert await asyncio.wait_for(busy, 60) == ("ok", "done")


async def test_a_restart_forgets(kernel: Kernel) -> None:
    """A restarted kernel answers the same client and has lost its state."""
    await kernel.out("x <- 1")
    await kernel.manager.restart_kernel()
    await kernel.client.wait_for_ready(timeout=60)
    status, said = await kernel.run("x")
    assert (status, "object 'x' not found" in said) == ("error", True)


async def test_a_polite_shutdown_leaves_nothing(kernel: Kernel) -> None:
    """R knows of its control channel only that it ends; its children end with it."""
    mark = marker()
    await kernel.out(f"system('sleep {mark}', wait = FALSE)")
    await until(lambda: len(sleepers(mark)) == 1, 15)
    kernel.client.stop_channels()
    kernel.client = None
    await kernel.manager.shutdown_kernel()
    await until(lambda: not sleepers(mark), 15)
    assert not await kernel.manager.is_alive()


async def test_an_exit_is_seen(kernel: Kernel) -> None:
    """A kernel that leaves is known to be dead."""
    kernel.send("tools::pskill(Sys.getpid(), 9)")
    ended = await kernel.ended()
    assert (ended.code, ended.oom) == (137, False)


async def test_too_much_memory_ends_it(kernel: Kernel) -> None:
    """A memory bomb ends the sandbox and is known as such."""
    kernel.send("x <- rep(1, 2e8)")
    ended = await kernel.ended(60)
    assert ended.oom


async def test_there_is_no_network(kernel: Kernel) -> None:
    """Neither the internet nor a service of this machine can be reached, by R or by its programs."""
    with socket.create_server(("0.0.0.0", 0)) as server:  # noqa: S104 - the sandbox must not reach it anywhere
        port = server.getsockname()[1]
        address = socket.gethostbyname(socket.gethostname())
        code = (
            "try_one <- function(host, port) tryCatch({\n"
            "  suppressWarnings(close(socketConnection(host, port, timeout = 2))); 'reached'\n"
            "}, error = function(e) 'no')\n"
            f"cat(try_one('1.1.1.1', 53), try_one('{address}', {port}), try_one('127.0.0.1', {port}),\n"
            "  is.null(suppressWarnings(nsl('example.com'))))"
        )
        assert (await kernel.out(code, 60)).split() == ["no", "no", "no", "TRUE"]


async def test_the_system_is_read_only(kernel: Kernel, tmp_path: Path) -> None:
    """Only the working folder and /tmp can be written, and no file of this machine is seen."""
    canary = tmp_path / "canary.txt"
    canary.write_text("hush")
    code = (
        "writes <- function(path) suppressWarnings(file.create(path))\n"
        "cat(writes('/etc/x'), writes('/usr/x'), writes(file.path(R.home(), 'x')),\n"
        f"  writes('note.txt'), writes('/tmp/note.txt'), file.exists('{canary}'))"
    )
    assert (await kernel.out(code)).split() == ["FALSE"] * 3 + ["TRUE"] * 2 + ["FALSE"]


async def test_the_environment_is_ours(runtime: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the server's environment is seen inside."""
    monkeypatch.setenv("SECRET_CANARY", "hush-hush")
    kernel = Kernel(runtime, language="r")
    try:
        await kernel.start(env={"SECRET_CANARY": "hush-hush"})
        code = (
            "cat(any(grepl('hush|CANARY', Sys.getenv())), Sys.getenv('HOME'), Sys.getenv('OMP_NUM_THREADS'))"
        )
        assert await kernel.out(code) == "FALSE /tmp/home 1"
    finally:
        await kernel.stop()


async def test_executions_run_in_r(runtime: str) -> None:
    """A request's cells share a state; a plot, an error and a time-out come back as they are."""
    config = SandboxConfig.model_validate({"runtime": runtime, "limits": LIMITS.model_dump()})
    service = ExecutionService(config=config, runtimes=make_runtimes(config))
    cells = ("x <- 20", "plot(1:x)", "x + 1", "stop('on purpose')", "repeat {}", "cat(x)")
    request = ExecutionRequest(
        cells=cells, language="r", stop_on_error=False, limits=LimitOverrides(cell_timeout_s=5)
    )
    try:
        answer = await service.execute(request)
    finally:
        await service.close()
    assert [cell.status for cell in answer.cells] == ["ok", "ok", "ok", "error", "timeout", "ok"]
    _, plot, value, error, _, printed = answer.cells
    assert "image/png" in plot.outputs[0]["data"]
    assert value.outputs[0]["data"]["text/plain"] == "[1] 21"
    assert "on purpose" in error.error
    assert printed.outputs[0]["text"] == "20"
    assert (answer.runtime, bool(answer.image)) == (runtime, True)


async def test_cells_are_checked_by_r_itself(runtime: str) -> None:
    """Before anything runs: what is no R, and which packages are not there, in the words of this R."""
    config = SandboxConfig.model_validate({"runtime": runtime})
    service = ExecutionService(config=config, runtimes=make_runtimes(config))
    cells = [Cell("a", "x <- 'é😀'\nx <- ("), Cell("b", "library(nosuchpackage); library(jsonlite)")]
    try:
        answer = await service.inspect("r", r_script(), r_payload(cells))
    finally:
        await service.close()
    found = [(one.cell, one.check, one.line, one.symbol) for one in r_findings(answer, cells)]
    assert found == [("a", "syntax", 2, ""), ("b", "packages", 1, "nosuchpackage")]

"""Two real servers: a front without a sandbox, and behind it one that has them, reached by --gateway-url."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from tests.integration.backs import TOKEN, Behind, Kind, behind
from tests.integration.conftest import NONE_WARM, MakeStation, ensure_built, nothing_left
from tests.integration.server import API, Server, server
from tests.integration.station import Station, soon, until
from tests.routes.page import Page, contents

pytestmark = [pytest.mark.timeout(300), pytest.mark.docker]
GENERATE = {"task": "mean of one column grouped by another", "sources": [{"uri": "pandas"}]}
HOSTILE = "from IPython.display import *\ndisplay(Javascript('alert(1)'), HTML('<script>alert(1)</script>x'))"
ENDLESS = "import time\nprint('on', flush=True)\nwhile True: time.sleep(0.1)"


@pytest.fixture
def places(stations: MakeStation, data_dir: Path) -> tuple[Station, Station]:
    """Where the server behind runs, and where the front does: it has no sandbox."""
    ensure_built("docker", data_dir)
    return stations(sandbox={"runtime": "docker", "warm": NONE_WARM}), stations(sandbox={"runtime": "none"})


async def open_page(front: Server, kernel: str) -> Page:
    """Connect a page of the front to a kernel."""
    address = str(front.http.base_url).replace("http", "ws", 1) + f"/api/kernels/{kernel}/channels"
    headers = {"Authorization": front.http.headers["Authorization"]}
    return Page(await websocket_connect(HTTPRequest(address, headers=headers)), binary=False)


async def check_generation(front: Server) -> None:
    """Generate and verify, resume, and send a request twice."""
    key = {"Idempotency-Key": "once"}
    sent = [await front.http.post(f"{API}/code/generate", json=GENERATE, headers=key) for _ in range(2)]
    assert {answer.status_code for answer in sent} == {202}, sent[0].text
    (job,) = {answer.json()["job"] for answer in sent}
    assert sent[0].headers["Location"] == f"{API}/code/jobs/{job}"
    events = await soon(front.story(job), 120)
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert (events[-1]["type"], events[-1]["verified"] > 0) == ("done", True), events[-1]
    assert await front.story(job, after=len(events) - 2) == events[-2:]
    cells = [cell for cell in (await front.job(job))["cells"] if cell["kind"] == "code"]
    assert all(cell["verification"]["runtime"] == "docker" for cell in cells)


async def check_execution(front: Server) -> None:
    """Run cells with a file of the person's, and stop one that does not end."""
    file = {"path": "in.txt", "content_base64": "aGVsbG8="}
    body = {"cells": ["print(open('in.txt').read())"], "files": [file]}
    outcome = (await front.http.post(f"{API}/code/execute?wait=true", json=body)).json()
    assert outcome["status"] == "ok", outcome
    assert outcome["cells"][0]["outputs"][0]["text"] == "hello\n"
    job = (await front.http.post(f"{API}/code/execute", json={"cells": [ENDLESS]})).json()["job"]
    await soon(front.reached(job, "stdout"), 60)
    assert (await front.http.delete(f"{API}/code/jobs/{job}")).status_code == httpx.codes.NO_CONTENT
    assert (await front.job(job))["state"] == "cancelled"


async def check_kernel(front: Server) -> str:
    """Use a kernel as a notebook does: run, interrupt, restart; return its id."""
    started = await front.http.post("/api/kernels", json={"name": "gptoss-python"})
    kernel = str(started.raise_for_status().json()["id"])
    page = await open_page(front, kernel)
    told = await soon(page.run(HOSTILE), 60)
    assert contents(told, "execute_reply")[0]["status"] == "ok"
    shown = [mime for bundle in contents(told, "display_data") for mime in bundle["data"]]
    assert not set(shown) - {"text/plain", "text/html"}
    assert "alert" not in json.dumps(contents(told, "display_data"))
    running = asyncio.ensure_future(page.run(ENDLESS))
    await asyncio.sleep(1)
    assert (await front.http.post(f"/api/kernels/{kernel}/interrupt")).status_code == httpx.codes.NO_CONTENT
    (failure,) = contents(await soon(running, 30), "error")
    assert failure["ename"] == "KeyboardInterrupt"
    await page.run("kept = 1")
    (await front.http.post(f"/api/kernels/{kernel}/restart")).raise_for_status()
    (failure,) = contents(await soon(page.run("kept"), 60), "error")
    assert failure["ename"] == "NameError"
    await page.close()
    return kernel


@pytest.mark.parametrize("kind", ["serve", "kernel gateway"])
async def test_the_work_is_done_behind(places: tuple[Station, Station], kind: Kind) -> None:
    """Generations, executions and notebooks use the other machine's sandboxes, as if they were here."""
    back, front = places
    gateway = {"JUPYTER_GATEWAY_AUTH_TOKEN": TOKEN}
    async with behind(back, kind) as other, server(front, f"--gateway-url={other.url}", **gateway) as running:
        health: dict[str, Any] = (await running.http.get(f"{API}/health")).json()
        assert health["sandbox"]["runtime"] == "docker"
        await check_generation(running)
        await check_execution(running)
        kernel = await check_kernel(running)
        assert back.containers(running=True)
        (await running.http.delete(f"/api/kernels/{kernel}")).raise_for_status()
        await until(lambda: not back.containers(), "the kernel's container is left", 20)
        if kind == "serve":
            await check_end(running, other)
    await nothing_left(front, docker=False)
    await nothing_left(back, docker=True, within_s=20)


async def check_end(front: Server, other: Behind) -> None:
    """The other machine loses its power in the midst of a run: that is told, and then, too."""
    lines = {"Accept": "application/x-ndjson"}
    told: list[dict[str, Any]] = []
    body = {"cells": [ENDLESS]}
    async with front.http.stream("POST", f"{API}/code/execute", json=body, headers=lines) as answer:
        async for line in answer.aiter_lines():
            if line.strip():
                told.append(json.loads(line))
            if line.strip() and told[-1]["type"] == "stdout":
                other.kill()
    assert (told[-1]["type"], told[-1]["problem"]["code"]) == ("error", "remote_lost")
    refused = await front.http.post(f"{API}/code/generate", json=GENERATE)
    assert (refused.status_code, refused.json()["code"]) == (503, "remote_unreachable")
    assert other.url in refused.json()["detail"]

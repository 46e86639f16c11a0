"""Executions as people ask for them: over HTTP, and from a shell."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import signal
from typing import Any

import httpx
import pytest

from tests.integration.command import command, started
from tests.integration.conftest import GONE_WITHIN_S, nothing_left
from tests.integration.server import API, Server, server
from tests.integration.station import Station, soon, until

pytestmark = pytest.mark.timeout(300)
EXECUTE = f"{API}/code/execute"
LINES = {"Accept": "application/x-ndjson"}


async def outcome(running: Server, *cells: str, **more: Any) -> dict[str, Any]:
    """Run cells and return what came of it."""
    body = {"cells": cells, **more}
    answer = await running.http.post(f"{EXECUTE}?wait=true", json=body, timeout=120)
    assert answer.status_code == httpx.codes.OK, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_kept_sandbox_over_http(station: Station) -> None:
    """It is listed, runs again with its state and files, is interrupted by whoever leaves, and ended."""
    async with server(station) as running:
        sent = [{"path": "a.txt", "content_base64": base64.b64encode(b"hello").decode()}]
        first = await outcome(running, "x = open('a.txt').read()", files=sent, keep=True)
        assert (first["status"], first["state"]) == ("ok", "done"), first
        sandbox = first["sandbox"]
        (listed,) = [
            one
            for one in (await running.http.get(f"{API}/sandboxes")).json()["sandboxes"]
            if one["id"] == sandbox
        ]
        assert (listed["purpose"], listed["phase"]) == ("execute", "idle")
        await leave_in_the_middle(running, sandbox)
        again = await outcome(running, "print(x)", sandbox=sandbox)
        assert again["cells"][0]["outputs"][0]["text"] == "hello\n"
        file = await running.http.get(f"{API}/sandboxes/{sandbox}/files/a.txt")
        assert file.content == b"hello"
        assert (await running.http.delete(f"{API}/sandboxes/{sandbox}")).is_success
        gone = await running.http.post(EXECUTE, json={"code": "1", "sandbox": sandbox})
        assert gone.status_code == httpx.codes.NOT_FOUND


async def leave_in_the_middle(running: Server, sandbox: str) -> None:
    """Read a stream until the cell runs, then go; the job must end, canceled."""
    body = {"code": "print('on', flush=True)\nwhile True: pass", "sandbox": sandbox}
    job = ""
    async with running.http.stream("POST", EXECUTE, json=body, headers=LINES) as stream:
        async for line in stream.aiter_lines():
            event = json.loads(line) if line else {}
            job = event.get("job", job)
            if event.get("type") == "stdout":
                break
    ended = (await soon(running.story(job), 30))[-1]
    assert (ended["type"], ended["status"], ended["state_lost"]) == ("end", "canceled", False)


async def test_a_job_goes_on_and_is_read_later(station: Station) -> None:
    """Without a stream nobody holds it; its events can be read from any number."""
    async with server(station) as running:
        answer = await running.http.post(EXECUTE, json={"cells": ["1 + 1", "print('b')"]})
        assert answer.status_code == httpx.codes.ACCEPTED
        job = answer.json()["job"]
        events = await soon(running.story(job), 60)
        assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
        assert (events[-1]["type"], events[-1]["status"]) == ("end", "ok")
        assert await running.story(job, after=events[-3]["seq"]) == events[-2:]
        assert (await running.job(job))["kind"] == "execute"


async def test_refusals_leave_nothing(station: Station, runtime: str) -> None:
    """Too much memory, unknown keys and local kernels: no job, no sandbox."""
    async with server(station) as running:
        for body, status in (
            ({"code": "1", "limits": {"memory_bytes": 1 << 40}}, 403),
            ({"code": "1", "kernel": "python3"}, 403),
            ({"code": "1", "privileged": True}, 422),
            ({"code": "1", "binds": ["/:/host"]}, 422),
            ({"code": "1", "image": "sha256:" + "0" * 64}, 503),
        ):
            assert (await running.http.post(EXECUTE, json=body)).status_code == status, body
        assert (await running.http.get(f"{API}/code/jobs")).json() == {"jobs": [], "next": ""}
        assert not (station.containers() if runtime == "docker" else is_bubble(station))


async def test_a_program_from_a_shell(station: Station) -> None:
    """Output where it belongs, an exit code, an executed notebook and the files that it wrote."""
    program = (
        "import sys\nprint('out')\nprint('err', file=sys.stderr)\n# %%\nopen('made.txt', 'w').write('x')"
    )
    (station.folder / "a.py").write_text(program)
    ended = await command(station, "execute", "a.py", "--out", "results")
    assert (ended.code, ended.out) == (0, "out\n1\n"), ended.said
    assert "err\n" in ended.said
    assert (station.folder / "results" / "files" / "made.txt").read_text() == "x"
    assert (station.folder / "results" / "a.ipynb").is_file()
    failed = await command(station, "execute", "-", stdin=b"1/0")
    assert (failed.code, failed.out) == (4, ""), failed.said
    assert "ZeroDivisionError" in failed.said


async def test_ctrl_c_in_a_shell(station: Station, runtime: str) -> None:
    """The cell is interrupted, what it said is kept, and nothing is left."""
    async with started(station, "execute", "-") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"print('on', flush=True)\nwhile True: pass\n")
        process.stdin.close()
        assert await soon(process.stdout.readline(), 60) == b"on\n"
        os.kill(process.pid, signal.SIGINT)
        assert await soon(process.wait(), 30) == 130
    assert await nothing_left(station, docker=runtime == "docker") < GONE_WITHIN_S


async def test_a_shell_that_goes_away(station: Station, runtime: str) -> None:
    """Kill -9 of the command leaves no sandbox behind."""
    async with started(station, "execute", "-") as process:
        assert process.stdin is not None
        process.stdin.write(b"while True: pass\n")
        process.stdin.close()
        await until(
            lambda: bool(station.containers()) if runtime == "docker" else is_bubble(station), "no", 60
        )
        await asyncio.sleep(0.5)
        process.kill()
        await soon(process.wait(), 10)
        await nothing_left(station, docker=runtime == "docker")


def is_bubble(station: Station) -> bool:
    """Say whether a bubblewrap sandbox runs."""
    return any("bwrap" in line for line in station.left())

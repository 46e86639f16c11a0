"""`POST /api/v1/code/execute` and the jobs that it makes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError, HTTPResponse

from gptoss_lab.errors import GptossError, ImageMissingError, NotFoundError, PolicyError
from gptoss_lab.extension import GptossLabApp
from gptoss_lab.routes.code import MAX_FILES_BYTES
from gptoss_lab.schemas.runs import EXECUTION_EVENT, ExecutionEvent
from tests.fakes.runs import RunServices

Fetch = Callable[..., Awaitable[HTTPResponse]]
EXECUTE = ("api", "v1", "code", "execute")
JOBS = ("api", "v1", "code", "jobs")
SSE = "text/event-stream"
NDJSON = "application/x-ndjson"


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> RunServices:
    """The real jobs with executions that run nothing."""
    fake = RunServices()
    monkeypatch.setattr(GptossLabApp, "_assemble", lambda _self: fake)
    return fake


def body(*cells: str, **more: Any) -> str:
    """Return a request's body."""
    return json.dumps({"cells": cells, **more})


def lines(text: bytes) -> list[ExecutionEvent]:
    """Return the events of a stream of lines; each one is valid."""
    return [EXECUTION_EVENT.validate_json(line) for line in text.splitlines() if line]


async def refusal(call: Awaitable[HTTPResponse]) -> tuple[int, dict[str, Any]]:
    """Return the status and problem of a call that must be refused."""
    with pytest.raises(HTTPClientError) as caught:
        await call
    response = caught.value.response
    assert response is not None
    return response.code, json.loads(response.body)


async def test_an_execution_is_accepted_and_goes_on(services: RunServices, jp_fetch: Fetch) -> None:
    """Without a wish the answer is the job, which runs although nobody reads it."""
    response = await jp_fetch(*EXECUTE, method="POST", body=body("1", "fail"))
    accepted = json.loads(response.body)
    assert response.code == 202
    assert response.headers["Location"].endswith(f"/api/v1/code/jobs/{accepted['job']}")
    assert accepted["events"] == response.headers["Location"] + "/events"
    read = await jp_fetch(*JOBS, accepted["job"], "events", headers={"Accept": NDJSON})
    assert lines(read.body)[-1].type == "end"
    job = json.loads((await jp_fetch(*JOBS, accepted["job"])).body)
    assert (job["kind"], job["state"], job["status"]) == ("execute", "done", "error")
    assert [cell["status"] for cell in job["cells"]] == ["ok", "error"]
    assert job["cells"][0]["outputs"] == [{"output_type": "stream", "name": "stdout", "text": "1\n"}]
    assert services.runs.stopped == 0


async def test_the_outcome_comes_at_once_when_asked(services: RunServices, jp_fetch: Fetch) -> None:
    """`?wait=true` answers when it has ended."""
    response = await jp_fetch(*EXECUTE, method="POST", body=body("1", keep=True), params={"wait": "true"})
    answer = json.loads(response.body)
    assert (response.code, answer["status"], answer["sandbox"]) == (200, "ok", "fake-1")
    assert answer["state"] == "done"
    assert services.runs.admitted[0].keep


@pytest.mark.parametrize("form", [SSE, NDJSON])
async def test_events_stream_when_asked(form: str, services: RunServices, jp_fetch: Fetch) -> None:
    """As server-sent events with their numbers, or as lines of JSON."""
    assert not services.closed
    response = await jp_fetch(*EXECUTE, method="POST", body=body("1"), headers={"Accept": form})
    assert response.headers["Content-Type"] == form
    if form is SSE:
        blocks = [block for block in response.body.decode().split("\n\n") if block.startswith("id: ")]
        seen = [EXECUTION_EVENT.validate_json(block.split("data: ")[1]) for block in blocks]
        assert [block.splitlines()[0] for block in blocks] == [f"id: {event.seq}" for event in seen]
    else:
        seen = lines(response.body)
    assert [event.type for event in seen] == ["queued", "start", "cell_start", "stdout", "cell_end", "end"]
    assert [event.seq for event in seen] == [1, 2, 3, 4, 5, 6]


async def test_events_resume(services: RunServices, jp_fetch: Fetch) -> None:
    """A reader that was cut off gets what came after the last event that it saw."""
    assert not services.closed
    job = json.loads((await jp_fetch(*EXECUTE, method="POST", body=body("1"))).body)["job"]
    read = await jp_fetch(*JOBS, job, "events", headers={"Accept": NDJSON, "Last-Event-ID": "4"})
    assert [event.seq for event in lines(read.body)] == [5, 6]


async def test_executions_are_listed_with_their_kind(services: RunServices, jp_fetch: Fetch) -> None:
    """The start of the code stands for the task."""
    assert not services.closed
    await jp_fetch(*EXECUTE, method="POST", body=body("print(1)"), params={"wait": "true"})
    (job,) = json.loads((await jp_fetch(*JOBS)).body)["jobs"]
    assert (job["kind"], job["task"], job["cells"], job["verified"]) == ("execute", "print(1)", 1, 1)


async def test_delete_interrupts(services: RunServices, jp_fetch: Fetch) -> None:
    """The cell ends, the job says so itself, and what was finished is kept."""
    job = json.loads((await jp_fetch(*EXECUTE, method="POST", body=body("1", "hang"))).body)["job"]
    await asyncio.wait_for(services.runs.hanging.wait(), 10)
    assert (await jp_fetch(*JOBS, job, method="DELETE")).code == 204
    answer = json.loads((await jp_fetch(*JOBS, job)).body)
    assert (answer["state"], answer["status"]) == ("cancelled", "canceled")
    assert [cell["status"] for cell in answer["cells"]] == ["ok", "canceled"]
    assert services.runs.stopped == 1


@pytest.mark.parametrize("accept", [SSE, NDJSON, "application/json"])
async def test_a_client_that_leaves_stops_its_execution(
    accept: str, services: RunServices, jp_fetch: Fetch
) -> None:
    """Whoever waits for the events or the outcome and goes does not leave a sandbox at work."""
    how: dict[str, Any] = {"headers": {"Accept": accept}, "params": {"wait": "true"}}
    with pytest.raises(HTTPClientError):
        await jp_fetch(*EXECUTE, method="POST", body=body("hang"), request_timeout=0.5, **how)
    for _ in range(200):
        if services.runs.stopped:
            break
        await asyncio.sleep(0.02)
    assert services.runs.stopped == 1
    (job,) = json.loads((await jp_fetch(*JOBS)).body)["jobs"]
    assert job["state"] == "cancelled"


@pytest.mark.parametrize(
    ("failure", "status"),
    [(PolicyError("Too much"), 403), (ImageMissingError("No image"), 503), (NotFoundError("No such"), 404)],
)
async def test_what_cannot_run_makes_no_job(
    failure: GptossError, status: int, services: RunServices, jp_fetch: Fetch
) -> None:
    """A refusal is the answer of the request itself, with its hint."""
    services.runs.failure = failure
    code, problem = await refusal(jp_fetch(*EXECUTE, method="POST", body=body("1")))
    assert (code, problem["code"], problem["detail"]) == (status, failure.code, failure.message)
    assert problem["hint"]
    assert json.loads((await jp_fetch(*JOBS)).body)["jobs"] == []


@pytest.mark.parametrize(
    ("sent", "named"),
    [
        ("{}", "the body"),
        (json.dumps({"code": "1", "cells": ["1"]}), "the body"),
        (body("1", privileged=True), "`privileged`"),
        (body("1", binds=["/:/host"]), "`binds`"),
        (body("1", limits={"memory": "1t"}), "`limits.memory`"),
        (body("1", limits={"memory_bytes": 1}), "`limits.memory_bytes`"),
        (body("1", timeout_s=0), "`timeout_s`"),
        (body(*["1"] * 201), "`cells`"),
    ],
)
async def test_what_is_no_request_is_refused(
    sent: str, named: str, services: RunServices, jp_fetch: Fetch
) -> None:
    """The problem names the field; nothing is made."""
    code, problem = await refusal(jp_fetch(*EXECUTE, method="POST", body=sent))
    assert code == 422
    assert named in problem["detail"]
    assert not services.runs.admitted


async def test_files_may_be_larger_than_code(services: RunServices, jp_fetch: Fetch) -> None:
    """A body of several megabytes is taken, and one over the limit refused."""
    some = [{"path": "a.bin", "content_base64": "A" * (3 << 20)}]
    response = await jp_fetch(*EXECUTE, method="POST", body=body("1", files=some))
    assert response.code == 202
    huge = [{"path": "a.bin", "content_base64": "A" * MAX_FILES_BYTES}]
    code, problem = await refusal(jp_fetch(*EXECUTE, method="POST", body=body("1", files=huge)))
    assert (code, problem["detail"]) == (413, "The body is larger than 16 MB")
    assert len(services.runs.admitted) == 1


async def test_nobody_runs_code_unasked(services: RunServices, jp_fetch: Fetch) -> None:
    """Without the token there is no answer but a refusal."""
    code, _ = await refusal(
        jp_fetch(*EXECUTE, method="POST", body=body("1"), headers={"Authorization": "token wrong"})
    )
    assert code == 401
    assert not services.runs.admitted

"""The handlers of `/api/v1/code`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError, HTTPResponse
from tornado.iostream import IOStream

from gptoss_lab.errors import TooBusyError
from gptoss_lab.routes.base import MAX_BODY_BYTES
from tests.fakes.services import FakeServices, play

Fetch = Callable[..., Awaitable[HTTPResponse]]
GENERATE = ("api", "v1", "code", "generate")
JOBS = ("api", "v1", "code", "jobs")


def body(**changes: Any) -> str:
    """Return a request's body."""
    return json.dumps({"task": "add two numbers", **changes})


def frames(text: bytes) -> list[dict[str, str]]:
    """Return the frames of an event stream, comments dropped."""
    blocks = [block for block in text.decode().split("\n\n") if block and not block.startswith(":")]
    return [dict(line.split(": ", 1) for line in block.splitlines()) for block in blocks]


async def refusal(call: Awaitable[HTTPResponse]) -> tuple[int, dict[str, Any]]:
    """Return the status and problem of a call that must be refused."""
    with pytest.raises(HTTPClientError) as caught:
        await call
    response = caught.value.response
    assert response is not None
    assert response.headers["Content-Type"] == "application/problem+json"
    problem = json.loads(response.body)
    assert problem["status"] == response.code
    assert problem["title"]
    assert problem["hint"]
    return response.code, problem


async def test_a_generation_is_accepted(services: FakeServices, jp_fetch: Fetch) -> None:
    """A request starts a job and says where it is."""
    response = await jp_fetch(*GENERATE, method="POST", body=body())
    accepted = json.loads(response.body)
    assert response.code == 202
    assert response.headers["Location"].endswith("/api/v1/code/jobs/job-1")
    assert accepted["job"] == "job-1"
    assert accepted["events"] == response.headers["Location"] + "/events"
    assert services.jobs.jobs["job-1"].request.task == "add two numbers"


async def test_a_prompt_is_shown(services: FakeServices, jp_fetch: Fetch) -> None:
    """The messages are the answer, for this person, and no job begins; nonsense is refused."""
    place = ("api", "v1", "code", "prompt")
    response = await jp_fetch(*place, method="POST", body=body(effort="low"))
    shown = json.loads(response.body)
    assert shown["messages"] == [{"role": "user", "content": "shared-token: add two numbers"}]
    assert (shown["prompt_tokens"], shown["effort"]) == (7, "low")
    assert not services.jobs.jobs
    assert (await refusal(jp_fetch(*place, method="POST", body="{}")))[0] == 422


async def test_a_setting_beyond_the_maximum_is_cut(services: FakeServices, jp_fetch: Fetch) -> None:
    """A person's settings never fail a generation: they are cut to what the server allows."""
    limits = {"cell_timeout_s": 86_400, "memory_bytes": 512 << 20}
    await jp_fetch(*GENERATE, method="POST", body=body(limits=limits))
    held = services.jobs.jobs["job-1"].request.limits
    assert held.model_dump(exclude_none=True) == {"cell_timeout_s": 60.0, "memory_bytes": 512 << 20}


async def test_a_generation_streams_when_asked(services: FakeServices, jp_fetch: Fetch) -> None:
    """With an event-stream Accept header the answer is the job's events."""
    response = await jp_fetch(*GENERATE, method="POST", body=body(), headers={"Accept": "text/event-stream"})
    assert services.jobs.readers == 0
    assert response.code == 200
    assert response.headers["Content-Type"] == "text/event-stream"
    assert response.headers["Cache-Control"] == "no-cache"
    assert response.headers["X-Accel-Buffering"] == "no"
    assert "Content-Encoding" not in response.headers
    seen = frames(response.body)
    assert [frame["event"] for frame in seen] == [
        "queued",
        "stage",
        "cell_open",
        "cell_delta",
        "cell_close",
        "done",
    ]
    assert [frame["id"] for frame in seen] == ["1", "2", "3", "4", "5", "6"]
    assert json.loads(seen[4]["data"])["source"] == "1 + 1"


async def test_a_stream_holds_no_token_back(jp_fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small pieces are sent at once also on a connection that is kept, where readers acknowledge late."""
    asked: list[bool] = []
    monkeypatch.setattr(IOStream, "set_nodelay", lambda _, value: asked.append(value))
    await jp_fetch(*GENERATE, method="POST", body=body())
    plain = len(asked)
    await jp_fetch(*GENERATE, method="POST", body=body(), headers={"Accept": "text/event-stream"})
    assert asked[:plain].count(True) + 1 == asked[plain:].count(True), "one more than a plain answer has"


@pytest.mark.parametrize("how", ["header", "query"])
async def test_events_resume(how: str, services: FakeServices, jp_fetch: Fetch) -> None:
    """A reader that was cut off gets what came after the last event that it saw."""
    assert services.jobs.auto
    await jp_fetch(*GENERATE, method="POST", body=body())
    extra: dict[str, Any] = (
        {"headers": {"Last-Event-ID": "4"}} if how == "header" else {"params": {"after": "4"}}
    )
    response = await jp_fetch(*JOBS, "job-1", "events", **extra)
    assert [frame["id"] for frame in frames(response.body)] == ["5", "6"]


@pytest.mark.parametrize("last", ["four", "-1", "9" * 40, "\u0664"])
async def test_a_bad_last_event_is_refused(last: str, jp_fetch: Fetch) -> None:
    """What is no event's number is a bad request, not a crash."""
    await jp_fetch(*GENERATE, method="POST", body=body())
    code, problem = await refusal(jp_fetch(*JOBS, "job-1", "events", params={"after": last}))
    assert (code, problem["code"]) == (400, "bad_request")


async def test_a_reader_that_leaves_does_not_cancel_the_job(services: FakeServices, jp_fetch: Fetch) -> None:
    """The stream of a vanished reader is closed, and the job goes on for the next reader."""
    services.jobs.auto = False
    got = asyncio.Event()
    headers = {"Accept": "text/event-stream"}
    with pytest.raises(HTTPClientError):
        await jp_fetch(
            *GENERATE,
            method="POST",
            body=body(),
            headers=headers,
            request_timeout=0.6,
            streaming_callback=lambda _chunk: got.set(),
        )
    assert got.is_set()
    for _ in range(50):
        if services.jobs.readers == 0:
            break
        await asyncio.sleep(0.02)
    assert services.jobs.readers == 0
    await play(services.jobs.jobs["job-1"])
    response = await jp_fetch(*JOBS, "job-1", "events")
    assert frames(response.body)[-1]["event"] == "done"


async def test_jobs_are_listed_and_shown(services: FakeServices, jp_fetch: Fetch) -> None:
    """Requests without a cookie that hold the server's token share their jobs."""
    assert not services.jobs.jobs
    await jp_fetch(*GENERATE, method="POST", body=body())
    await jp_fetch(*GENERATE, method="POST", body=body(task="second"))
    listed = json.loads((await jp_fetch(*JOBS)).body)
    assert [job["job"] for job in listed["jobs"]] == ["job-2", "job-1"]
    assert json.loads((await jp_fetch(*JOBS, "job-2")).body)["task"] == "second"


async def test_a_page_of_jobs_is_asked_for(services: FakeServices, jp_fetch: Fetch) -> None:
    """With where it begins and how many there are to be."""
    await jp_fetch(*JOBS, params={"limit": "5", "before": "17"})
    await jp_fetch(*JOBS)
    assert services.archive.pages == [("5", "17"), ("200", "")]


async def test_a_request_with_a_key_is_done_once(services: FakeServices, jp_fetch: Fetch) -> None:
    """A client that lost the answer sends it again and gets the same job; a key is not used twice."""
    headers = {"Idempotency-Key": "k1"}
    first = await jp_fetch(*GENERATE, method="POST", body=body(), headers=headers)
    again = await jp_fetch(*GENERATE, method="POST", body=body(), headers=headers)
    assert json.loads(again.body) == json.loads(first.body)
    assert len(services.jobs.jobs) == 1
    await jp_fetch(*GENERATE, method="POST", body=body(), headers={"Idempotency-Key": "k2"})
    assert len(services.jobs.jobs) == 2
    call = jp_fetch(*GENERATE, method="POST", body=body(task="other"), headers=headers)
    assert (await refusal(call))[0] == 409
    long = {"Idempotency-Key": "k" * 201}
    assert (await refusal(jp_fetch(*GENERATE, method="POST", body=body(), headers=long)))[0] == 400


async def test_a_job_is_cancelled(services: FakeServices, jp_fetch: Fetch) -> None:
    """DELETE cancels and answers with nothing."""
    services.jobs.auto = False
    await jp_fetch(*GENERATE, method="POST", body=body())
    response = await jp_fetch(*JOBS, "job-1", method="DELETE")
    assert (response.code, response.body) == (204, b"")
    assert json.loads((await jp_fetch(*JOBS, "job-1")).body)["state"] == "cancelled"


@pytest.mark.parametrize(("method", "tail"), [("GET", ()), ("DELETE", ()), ("GET", ("events",))])
async def test_an_unknown_job_is_not_found(method: str, tail: tuple[str, ...], jp_fetch: Fetch) -> None:
    """A job that is not there, or not the asker's, is a 404 problem."""
    code, problem = await refusal(jp_fetch(*JOBS, "nope", *tail, method=method))
    assert (code, problem["code"], problem["detail"]) == (404, "not_found", "There is no job nope")


@pytest.mark.parametrize(
    ("sent", "status", "code", "named"),
    [
        ("", 400, "bad_json", "not JSON"),
        ("{", 400, "bad_json", "not JSON"),
        (b"\xff\xfe", 400, "bad_json", "not JSON"),
        ("[]", 422, "invalid", "the body"),
        ("{}", 422, "invalid", "`task`"),
        (body(task=""), 422, "invalid", "`task`"),
        (body(task="x" * 100_000), 422, "invalid", "`task`"),
        (body(tusk="x"), 422, "invalid", "`tusk`"),
        (body(limits={"pids": 1}), 422, "invalid", "`limits.pids`"),
        (body(sources=[{"uri": ""}]), 422, "invalid", "`sources.0.uri`"),
    ],
)
async def test_bad_bodies_are_refused(
    sent: str | bytes, status: int, code: str, named: str, services: FakeServices, jp_fetch: Fetch
) -> None:
    """The problem names the field and never repeats what was sent."""
    found, problem = await refusal(jp_fetch(*GENERATE, method="POST", body=sent))
    assert (found, problem["code"]) == (status, code)
    assert named in problem["detail"]
    assert "xxxx" not in problem["detail"]
    assert not services.jobs.jobs


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_huge_body_is_refused(chunked: bool, services: FakeServices, jp_fetch: Fetch) -> None:
    """Over 2 MB is a 413 with a clear sentence, also where the length is not announced."""
    huge = body(context={"cells": ["x" * (MAX_BODY_BYTES + 1)]}).encode()

    async def produce(write: Callable[[bytes], Awaitable[None]]) -> None:
        for start in range(0, len(huge), 65536):
            await write(huge[start : start + 65536])

    how: dict[str, Any] = {"body_producer": produce} if chunked else {"body": huge}
    code, problem = await refusal(jp_fetch(*GENERATE, method="POST", **how))
    assert (code, problem["code"], problem["detail"]) == (413, "too_large", "The body is larger than 2 MB")
    assert not services.jobs.jobs


async def test_own_errors_keep_their_status(services: FakeServices, jp_fetch: Fetch) -> None:
    """An error of ours becomes its status, code, sentence and hint."""
    services.jobs.failure = TooBusyError("4 jobs are running", hint="Stop one.")
    code, problem = await refusal(jp_fetch(*GENERATE, method="POST", body=body()))
    assert code == 429
    assert problem["code"] == "too_busy"
    assert (problem["detail"], problem["hint"]) == ("4 jobs are running", "Stop one.")


async def test_other_errors_say_nothing_of_the_inside(services: FakeServices, jp_fetch: Fetch) -> None:
    """A fault of ours is a 500 without its text; the log has it."""
    services.jobs.failure = RuntimeError("secret path /home/me")
    code, problem = await refusal(jp_fetch(*GENERATE, method="POST", body=body()))
    assert (code, problem["code"]) == (500, "internal")
    assert "secret" not in json.dumps(problem)


async def test_relative_folders_start_at_the_servers_root(
    services: FakeServices, jp_fetch: Fetch, jp_root_dir: Path
) -> None:
    """A folder is named as JupyterLab shows it; packages and addresses stay as they are."""
    (jp_root_dir / "guide").mkdir()
    sources = [
        {"uri": "guide"},
        {"uri": "pandas"},
        {"uri": "https://example.org/x"},
        {"kind": "file", "uri": "a.md"},
    ]
    await jp_fetch(*GENERATE, method="POST", body=body(sources=sources))
    uris = [source.uri for source in services.jobs.jobs["job-1"].request.sources]
    assert uris == [str(jp_root_dir / "guide"), "pandas", "https://example.org/x", str(jp_root_dir / "a.md")]


async def test_data_is_shown_by_the_request_alone(
    services: FakeServices, jp_fetch: Fetch, jp_root_dir: Path
) -> None:
    """A path of the root reaches the job as an absolute one; without one the job shows nothing."""
    (jp_root_dir / "study").mkdir()
    await jp_fetch(*GENERATE, method="POST", body=body(data=["study"]))
    await jp_fetch(*GENERATE, method="POST", body=body())
    shown = str(jp_root_dir / "study")
    assert services.jobs.jobs["job-1"].request.data == (shown,)
    assert services.jobs.jobs["job-2"].request.data == ()
    assert services.execution.shown == [shown]


@pytest.mark.parametrize(("path", "status"), [("..", 403), ("/etc", 403), ("none", 404), ("forbidden", 403)])
@pytest.mark.parametrize("verb", ["generate", "execute"])
async def test_data_that_may_not_be_shown_starts_nothing(
    services: FakeServices, jp_fetch: Fetch, jp_root_dir: Path, path: str, status: int, verb: str
) -> None:
    """What leads out of the root, is missing or is refused by the policy makes no job."""
    (jp_root_dir / "forbidden").mkdir()
    sent = {"data": [path], **({"task": "x"} if verb == "generate" else {"code": "1"})}
    call = jp_fetch("api", "v1", "code", verb, method="POST", body=json.dumps(sent))
    assert (await refusal(call))[0] == status
    assert services.jobs.jobs == {}

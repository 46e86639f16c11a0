"""A front server, and behind it one that does the work, on a real socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from jupyter_server.serverapp import ServerApp
from tornado.httpclient import AsyncHTTPClient, HTTPRequest

from gptoss_lab.errors import RemoteLostError
from gptoss_lab.routes.forward import MAX_FRAME_BYTES, OWN, _Frames
from gptoss_lab.routes.table import ROUTES
from gptoss_lab.services.owners import OWNER_HEADER
from tests.fakes.back import Back, BackHandler
from tests.fakes.services import FakeServices

GENERATE = json.dumps({"task": "t", "sources": [{"uri": "pandas"}]})
JOB = "0f8fad5b-d9cb-469f-a165-70867728950e"
FRAME = 'id: 1\nevent: queued\ndata: {"type":"queued","seq":1,"job":"j","position":0}\n\n'
Fetch = Callable[..., Any]


async def accepted(handler: BackHandler) -> None:
    """Accept a job."""
    handler.set_header("Location", f"/deep/api/v1/code/jobs/{JOB}")
    events = f"/deep/api/v1/code/jobs/{JOB}/events"
    handler.tell({"job": JOB, "events": events, "state": "queued"}, status=202)


async def test_a_request_goes_there_and_its_answer_comes_back(
    services: FakeServices, back: Back, fetch: Fetch
) -> None:
    """As it came, without the front's secrets, and with addresses that lead to the front."""
    back.answers["POST /api/v1/code/generate"] = accepted
    headers = {"Idempotency_Key": "k1", "Accept": "application/json", "X_Other": "o", "Cookie": "c=1"}
    answer = await fetch("POST", "api/v1/code/generate", GENERATE, **headers)
    assert (answer.code, json.loads(answer.body)) == (
        202,
        {"job": JOB, "events": f"/front/api/v1/code/jobs/{JOB}/events", "state": "queued"},
    )
    assert answer.headers["Location"] == f"/front/api/v1/code/jobs/{JOB}"
    sent = back.last
    assert (sent.path, sent.body.decode()) == ("/deep/api/v1/code/generate", GENERATE)
    assert sent.headers["Idempotency-Key"] == "k1"
    assert sent.headers["Authorization"] == f"token {back.token}"
    assert not {"X-Other", "Cookie", OWNER_HEADER} & set(sent.headers)
    assert not services.jobs.jobs


async def test_the_token_of_the_front_stays_there(
    back: Back, jp_serverapp: ServerApp, http_server_client: Any
) -> None:
    """Also where a page sends it in the address."""
    back.answers["GET /api/v1/code/jobs"] = told_nothing
    token = jp_serverapp.identity_provider.token
    answer = await http_server_client.fetch(f"/front/api/v1/code/jobs?limit=3&token={token}")
    assert answer.code == 200
    assert back.last.uri == "/deep/api/v1/code/jobs?limit=3"


async def told_nothing(handler: BackHandler) -> None:
    """Answer with an empty object."""
    handler.tell({})


async def test_events_come_through_as_they_are_told(
    back: Back, listening: int, jp_auth_header: dict[str, str]
) -> None:
    """Each at once, whole, after the one that was seen last; the end is an end."""
    going = asyncio.Event()

    async def events(handler: BackHandler) -> None:
        handler.set_header("Content-Type", "text/event-stream")
        await handler.say(FRAME + "id: 2\nda")
        await going.wait()
        await handler.say('ta: {"type":"done"}\n\n')

    back.answers[f"GET /api/v1/code/jobs/{JOB}/events"] = events
    told: list[str] = []

    def heard(piece: bytes) -> None:
        told.append(piece.decode())
        going.set()

    url = f"http://127.0.0.1:{listening}/front/api/v1/code/jobs/{JOB}/events"
    request = HTTPRequest(
        url, headers={**jp_auth_header, "Last-Event-ID": "7"}, streaming_callback=heard, request_timeout=20
    )
    answer = await AsyncHTTPClient().fetch(request)
    assert told[0] == FRAME
    assert "".join(told) == FRAME + 'id: 2\ndata: {"type":"done"}\n\n'
    assert answer.headers["Content-Type"] == "text/event-stream"
    assert back.last.headers["Last-Event-ID"] == "7"


@pytest.mark.parametrize(
    ("path", "kind", "last"),
    [
        ("execute", "text/event-stream", "error"),
        ("execute", "application/x-ndjson", "error"),
        ("generate", "text/event-stream", "warning"),
    ],
)
async def test_a_server_that_goes_away_midway_is_told(
    back: Back, fetch: Fetch, path: str, kind: str, last: str
) -> None:
    """In the form of the stream, after whole events alone; a generation may be taken up again."""

    async def cut(handler: BackHandler) -> None:
        handler.set_header("Content-Type", kind)
        handler.set_header("Location", f"/deep/api/v1/code/jobs/{JOB}")
        end = "\n" if kind == "application/x-ndjson" else ""
        await handler.say(f'data: {{"type":"queued"}}\n{end}\ndata: {{"ty')
        handler.hang_up()

    back.answers[f"POST /api/v1/code/{path}"] = cut
    body = GENERATE if path == "generate" else json.dumps({"cells": ["1"]})
    answer = await fetch("POST", f"api/v1/code/{path}", body, Accept=kind)
    assert answer.code == 200
    *_, line = [line for line in answer.body.decode().splitlines() if line.strip()]
    event = json.loads(line.removeprefix("data: "))
    assert (event["type"], event["seq"], event["job"]) == (last, 0, JOB)
    said = event["problem"]["detail"] if last == "error" else event["message"]
    assert "went away" in said
    assert b'{"ty\n' not in answer.body


async def test_a_client_that_leaves_is_one_that_leaves_there(
    back: Back, listening: int, jp_auth_header: dict[str, str]
) -> None:
    """An execution whose reader left is stopped: the other server must hear it."""
    began = asyncio.Event()

    async def endless(handler: BackHandler) -> None:
        handler.set_header("Content-Type", "application/x-ndjson")
        await handler.say("{}\n")
        began.set()
        await handler.back.left.wait()

    back.answers["POST /api/v1/code/execute"] = endless
    reader, writer = await asyncio.open_connection("127.0.0.1", listening)
    body = json.dumps({"cells": ["1"]})
    lines = [
        "POST /front/api/v1/code/execute HTTP/1.1",
        f"Host: 127.0.0.1:{listening}",
        f"Authorization: {jp_auth_header['Authorization']}",
        "Accept: application/x-ndjson",
        f"Content-Length: {len(body)}",
        "",
        body,
    ]
    writer.write("\r\n".join(lines).encode())
    await asyncio.wait_for(began.wait(), 10)
    assert b"200" in await reader.readline()
    writer.close()
    await asyncio.wait_for(back.left.wait(), 10)


async def test_one_that_does_not_answer_is_told(back: Back, fetch: Fetch) -> None:
    """With its address and what to do; it is asked again as soon as it is there."""
    back.answers["GET /api/v1/code/jobs"] = told_nothing
    assert (await fetch("GET", "api/v1/code/jobs")).code == 200
    await back.stop()
    answer = await fetch("GET", "api/v1/code/jobs")
    problem = json.loads(answer.body)
    assert (answer.code, problem["code"]) == (503, "remote_unreachable")
    assert back.url in problem["detail"]
    assert problem["hint"]
    async with back:
        assert (await fetch("GET", "api/v1/code/jobs")).code == 200


async def test_a_refusal_of_the_front_is_not_one_of_the_person(back: Back, fetch: Fetch) -> None:
    """A page that saw a 401 would take its own login for lost."""
    back.token = "changed"
    answer = await fetch("GET", "api/v1/code/jobs")
    assert (answer.code, json.loads(answer.body)["code"]) == (502, "remote_auth")


async def test_another_version_is_refused(back: Back, fetch: Fetch) -> None:
    """Both are named: requests might mean something else there."""
    back.version = "99.0.0"
    answer = await fetch("POST", "api/v1/code/generate", GENERATE)
    problem = json.loads(answer.body)
    assert (answer.code, problem["code"]) == (502, "remote_version")
    assert "99.0.0" in problem["detail"]


async def test_problems_files_and_empty_answers_come_through(back: Back, fetch: Fetch) -> None:
    """With their status, their headers and each byte."""
    data = bytes(range(256)) * 4000

    async def file(handler: BackHandler) -> None:
        handler.set_header("Content-Type", "application/octet-stream")
        handler.set_header("Content-Disposition", "attachment; filename*=UTF-8''a")
        handler.set_header("X-Secret-Of-The-Back", "s")
        handler.write(data)

    async def gone(handler: BackHandler) -> None:
        handler.set_status(204)

    back.answers["GET /api/v1/sandboxes/s1/files/a%20b/c"] = file
    back.answers["GET /api/v1/sandboxes/s1/files/a b/c"] = file
    back.answers["DELETE /api/v1/sandboxes/s1"] = gone
    answer = await fetch("GET", "api/v1/sandboxes/s1/files/a%20b/c")
    assert (answer.code, answer.body) == (200, data)
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''a"
    assert "X-Secret-Of-The-Back" not in answer.headers
    assert ((await fetch("DELETE", "api/v1/sandboxes/s1")).code, back.last.method) == (204, "DELETE")
    missing = await fetch("GET", "api/v1/code/jobs/none")
    assert (missing.code, json.loads(missing.body)["hint"]) == (404, "Look.")
    assert missing.headers["Content-Type"] == "application/problem+json"


async def test_a_page_is_no_answer(back: Back, fetch: Fetch) -> None:
    """Were the other server not what it should be, nothing of it would run as this one's page."""

    async def page(handler: BackHandler) -> None:
        handler.set_header("Content-Type", "text/html; charset=UTF-8")
        handler.write("<script>alert(1)</script>")

    back.answers["GET /api/v1/corpora"] = page
    answer = await fetch("GET", "api/v1/corpora")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_the_front_answers_itself_what_is_its_own(
    services: FakeServices, back: Back, fetch: Fetch
) -> None:
    """Reviews, reports and its own figures are where the notebooks are."""
    assert (await fetch("GET", "api/v1/feedback")).code == 200
    assert (await fetch("GET", "api/v1/openapi.json")).code == 200
    assert not back.asked
    assert not services.closed
    assert set(OWN) <= {route.path for route in ROUTES}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("code/generate", {"task": "t", "sources": [{"uri": "docs/manual.pdf"}]}),
        ("code/prompt", {"task": "t", "paper": {"uri": "paper.pdf"}}),
        ("corpora", {"uri": "x", "kind": "folder"}),
        ("code/execute", {"cells": ["1"], "data": ["table.csv"]}),
    ],
)
async def test_files_of_the_front_are_not_looked_for_there(
    back: Back, fetch: Fetch, path: str, body: dict[str, Any]
) -> None:
    """It would take another file of that name, or say that there is none."""
    answer = await fetch("POST", f"api/v1/{path}", json.dumps(body))
    assert answer.code == 403, answer.body
    assert "another machine" in json.loads(answer.body)["detail"]
    assert all(request.path == "/deep/api/v1/health" for request in back.asked)


async def test_a_huge_body_is_refused_here(back: Back, fetch: Fetch) -> None:
    """By the limit of its address, before it is sent on."""
    answer = await fetch("POST", "api/v1/code/generate", "x" * (3 << 20))
    assert answer.code == 413
    assert all(request.path == "/deep/api/v1/health" for request in back.asked)


def test_frames_are_bounded() -> None:
    """A server that never ends an event does not fill the memory."""
    frames = _Frames(b"\n\n")
    assert frames.feed(b"a\n") == b""
    assert frames.feed(b"\nb\n\nc") == b"a\n\nb\n\n"
    with pytest.raises(RemoteLostError):
        frames.feed(b"x" * (MAX_FRAME_BYTES + 1))

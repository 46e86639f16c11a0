"""How often one person may ask, how many may wait for events, and for how long one may take nothing."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError, HTTPResponse
from tornado.iostream import StreamClosedError

from gptoss_lab.errors import NotFoundError
from gptoss_lab.routes import limits
from gptoss_lab.schemas.access_config import AccessConfig
from gptoss_lab.schemas.events import CellDelta, Done
from gptoss_lab.services.access import Access
from tests.fakes.people import PERSON, Named
from tests.fakes.services import FakeServices

Fetch = Callable[..., Awaitable[HTTPResponse]]
GENERATE = ("api", "v1", "code", "generate")
JOBS = ("api", "v1", "code", "jobs")
TASK = '{"task": "x"}'
STREAM = {"Accept": "text/event-stream"}
WITHIN_S = 20


@pytest.fixture
def jp_server_config(services: FakeServices) -> dict[str, Any]:
    """A server that knows persons."""
    assert not services.closed
    return {
        "ServerApp": {
            "jpserver_extensions": {"gptoss_lab": True, "jupyter_server_terminals": False},
            "allow_unauthenticated_access": False,
            "reraise_server_extension_failures": True,
            "disable_check_xsrf": True,
            "identity_provider_class": Named,
        }
    }


def allow(services: FakeServices, **limits: float) -> None:
    """Set the limits."""
    services.access = Access(AccessConfig.model_validate(limits))


def person(name: str, **headers: str) -> dict[str, str]:
    """Return the headers of a person's request."""
    return {PERSON: name, **headers}


async def refusal(call: Awaitable[HTTPResponse]) -> tuple[HTTPResponse, dict[str, Any]]:
    """Return the answer and the problem of a call that must be refused for now."""
    with pytest.raises(HTTPClientError) as caught:
        await call
    response = caught.value.response
    assert response is not None
    assert response.headers["Content-Type"] == "application/problem+json"
    assert int(response.headers["Retry-After"]) >= 1
    return response, json.loads(response.body)


async def until(true: Callable[[], bool], what: str) -> None:
    """Wait for something."""
    for _ in range(WITHIN_S * 50):
        if true():
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"not within {WITHIN_S} s: {what}")


async def test_too_many_requests_are_refused_for_a_while(services: FakeServices, jp_fetch: Fetch) -> None:
    """By person and by whether they change something; the answer says when to come again, and hangs up."""
    allow(services, reads_per_minute=2, writes_per_minute=1)
    for _ in range(2):
        await jp_fetch(*JOBS, headers=person("ada"))
    response, problem = await refusal(jp_fetch(*JOBS, headers=person("ada")))
    assert (response.code, problem["code"]) == (429, "limit_reached")
    assert response.headers["Connection"] == "close", "the body of such a request is never read"
    assert 25 <= int(response.headers["Retry-After"]) <= 31
    assert "c.GptossLabApp.access" in problem["hint"]
    await jp_fetch(*JOBS, headers=person("bob"))
    await jp_fetch(*GENERATE, method="POST", body=TASK, headers=person("ada"))
    await refusal(jp_fetch(*GENERATE, method="POST", body=TASK, headers=person("ada")))
    assert len(services.jobs.jobs) == 1


async def test_an_hours_generations_are_used_up(services: FakeServices, jp_fetch: Fetch) -> None:
    """A request that starts nothing, or comes again under its key, costs none of them."""
    allow(services, generations_per_hour=2)
    services.jobs.failure = NotFoundError("It was not to be")
    with pytest.raises(HTTPClientError):
        await jp_fetch(*GENERATE, method="POST", body=TASK, headers=person("ada"))
    services.jobs.failure = None
    once = person("ada", **{"Idempotency-Key": "k"})
    for _ in range(3):
        await jp_fetch(*GENERATE, method="POST", body=TASK, headers=once)
    await jp_fetch(*JOBS, "job-1", "replay", method="POST", body="", headers=person("ada"))
    _, problem = await refusal(jp_fetch(*GENERATE, method="POST", body=TASK, headers=person("ada")))
    assert problem["detail"].startswith("2 generations in an hour")
    assert list(services.jobs.jobs) == ["job-1", "job-2"]


@pytest.mark.parametrize(
    ("limit", "asks", "code"),
    [({"readers": 1}, "ada", 429), ({"readers": 5, "readers_in_all": 1}, "bob", 503)],
)
async def test_readers_beyond_the_limit_are_refused(
    limit: dict[str, float], asks: str, code: int, services: FakeServices, jp_fetch: Fetch
) -> None:
    """Before anything begins; the job can still be asked for, and a place that is left is free again."""
    allow(services, **limit)
    services.jobs.auto = False
    first = asyncio.ensure_future(
        jp_fetch(*GENERATE, method="POST", body=TASK, headers=person("ada", **STREAM))
    )
    await until(lambda: services.jobs.readers == 1, "the first reader follows its job")
    again = jp_fetch(*GENERATE, method="POST", body=TASK, headers=person(asks, **STREAM))
    response, _ = await refusal(again)
    assert response.code == code
    assert list(services.jobs.jobs) == ["job-1"], "it was refused, and has begun all the same"
    await jp_fetch(*JOBS, "job-1", headers=person("ada"))
    await refusal(jp_fetch(*JOBS, "job-1", "events", headers=person(asks)))
    await services.jobs.jobs["job-1"].tell(Done(state="done", cells=0))
    await first
    assert (await jp_fetch(*JOBS, "job-1", "events", headers=person("ada"))).code == 200
    assert services.access.readers.count == 0


async def test_a_refused_reader_takes_no_place(services: FakeServices, jp_fetch: Fetch) -> None:
    """Neither does one who asks for events that are not there."""
    for _ in range(3):
        with pytest.raises(HTTPClientError):
            await jp_fetch(*JOBS, "nothing", "events", headers=person("ada"))
    assert services.access.readers.count == 0


async def test_who_takes_nothing_is_hung_up_on(
    services: FakeServices, jp_fetch: Fetch, jp_http_port: int, jp_base_url: str
) -> None:
    """A reader that stops reading holds its place no longer than allowed; the job and other readers go on."""
    allow(services, reader_timeout_s=0.5)
    services.jobs.auto = False
    await jp_fetch(*GENERATE, method="POST", body=TASK, headers=person("ada"))
    job = services.jobs.jobs["job-1"]
    end = socket.create_connection(("127.0.0.1", jp_http_port))
    end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    path = f"{jp_base_url}api/v1/code/jobs/job-1/events"
    end.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{PERSON}: ada\r\n\r\n".encode())
    await until(lambda: services.jobs.readers == 1, "the reader follows")
    for _ in range(16):
        await job.tell(CellDelta(cell="c", text="x" * (1 << 20)))
    await until(lambda: services.jobs.readers == 0, "the reader that takes nothing is cut")
    assert services.access.readers.count == 0
    end.close()
    await job.tell(Done(state="done", cells=0))
    followed = await jp_fetch(*JOBS, "job-1", "events", headers=person("ada"))
    assert followed.body.count(b"event: cell_delta") == 16
    assert followed.body.endswith(b"\n\n")


def test_the_system_notices_a_connection_that_lost_its_network() -> None:
    """What nobody acknowledges ends it; a connection of another kind is left alone."""
    with socket.socket() as tcp, socket.socket(socket.AF_UNIX) as unix:
        limits.notice_half_open(SimpleNamespace(socket=tcp), 60.0)
        assert tcp.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 60_000
        limits.notice_half_open(SimpleNamespace(socket=tcp), 0)
        limits.notice_half_open(SimpleNamespace(socket=unix), 60.0)
        limits.notice_half_open(SimpleNamespace(socket=None), 60.0)
        assert tcp.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 60_000


async def test_waiting_for_room_ends() -> None:
    """With what the other end did, or with the time, and then the connection is closed."""
    closed: list[bool] = []
    connection = SimpleNamespace(close=lambda: closed.append(True))
    await limits.taken(asyncio.sleep(0), connection, 0)
    with pytest.raises(StreamClosedError):
        await limits.taken(asyncio.sleep(60), connection, 0.01)
    assert closed == [True]


def test_only_who_knows_says_when() -> None:
    """An error without a time has no header; a time is rounded up to a second."""
    assert limits.retry_after(NotFoundError("x")) == ""
    assert limits.retry_after(None) == ""
    error = NotFoundError("x")
    error.retry_after_s = 0.2  # type: ignore[attr-defined] # as those have that know
    assert limits.retry_after(error) == "1"

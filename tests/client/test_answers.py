"""What else a server may answer, and where the token goes."""

from __future__ import annotations

import socket

import pytest

from gptoss_lab.client import answers
from gptoss_lab.client.errors import (
    FaultError,
    ProtocolError,
    RedirectedError,
    RefusedError,
    ServerUnreachableError,
    UnauthenticatedError,
)
from gptoss_lab.errors import GptossError, LimitReachedError, SandboxUnavailableError, TooBusyError
from gptoss_lab.schemas.generation import CodeGenerationRequest
from tests.client.driver import FAST, Driver, Kind
from tests.fakes.raw_server import RawServer, Script, head

TASK = CodeGenerationRequest(task="x")
ACCEPTED = (head("202 Accepted", "Content-Type: application/json"), b'{"job": "j", "events": "/e"}')
PROBLEM = "Content-Type: application/problem+json"


def problem(status: int, code: str) -> Script:
    """Return a problem."""
    body = f'{{"title": "t", "status": {status}, "code": "{code}", "detail": "It is so", "hint": "Do it."}}'
    return (head(f"{status} X", PROBLEM, "X-Request-ID: r-1"), body.encode())


@pytest.mark.parametrize(
    ("script", "expected", "words"),
    [
        (problem(429, "too_busy"), TooBusyError, "It is so"),
        (problem(503, "sandbox_unavailable"), SandboxUnavailableError, "It is so"),
        (problem(418, "teapot"), RefusedError, "It is so"),
        (problem(429, "not_found"), RefusedError, "It is so"),
        (problem(500, "internal"), FaultError, "It is so"),
        (problem(401, "unauthenticated"), UnauthenticatedError, "does not know us"),
        ((head("401 Unauthorized"), b"<html>"), UnauthenticatedError, "401"),
        ((head("403 Forbidden", PROBLEM), b"[]"), RefusedError, "403"),
        ((head("404 Not Found"), b"<html>"), ProtocolError, "no gptoss_lab is there"),
        ((head("500 Oh", PROBLEM), b"{"), FaultError, "500"),
        ((head("200 OK"), b"<html>"), ProtocolError, "is no Health"),
        ((head("200 OK"), b'{"generator": "tulips"}'), ProtocolError, "is no Health"),
        ((head("200 OK"), b'{"x": "\xff"}'), ProtocolError, "is no Health"),
        ((head("200 OK", "Content-Encoding: gzip"), b"no gzip"), ServerUnreachableError, "Nothing answers"),
        ((head("200 OK", "Content-Length: 9"), b"{}"), ServerUnreachableError, "Nothing answers"),
    ],
)
async def test_answers_that_are_no_replies(
    kind: Kind, script: Script, expected: type[GptossError], words: str
) -> None:
    """Each is an error with a hint; none shows what came."""
    with RawServer(script) as server, pytest.raises(expected, match=words) as caught:
        await Driver(kind, server.url).ask("get_health")
    assert type(caught.value) is expected
    assert caught.value.hint
    assert "tulips" not in str(caught.value)


async def test_an_error_names_its_request(kind: Kind) -> None:
    """So that an administrator finds it in the log."""
    with RawServer(problem(429, "too_busy")) as server, pytest.raises(TooBusyError) as caught:
        await Driver(kind, server.url).ask("list_jobs")
    assert (caught.value.request_id, caught.value.status, caught.value.hint) == ("r-1", 429, "Do it.")
    assert "x-request-id: " in server.asked[0].lower()


async def test_a_limit_says_when_to_come_again(kind: Kind) -> None:
    """As the server says it; what is no number of seconds is left out."""
    body = b'{"title": "t", "status": 429, "code": "limit_reached", "detail": "x", "hint": "Wait."}'
    for said, expected in (("7", 7.0), ("Fri, 27 Nov 2026 00:00:00 GMT", None)):
        limited = (head("429 X", PROBLEM, f"Retry-After: {said}"), body)
        with RawServer(limited) as server, pytest.raises(LimitReachedError) as caught:
            await Driver(kind, server.url).ask("list_jobs")
        assert caught.value.retry_after_s == expected


async def test_the_token_is_sent_to_no_other_host(kind: Kind) -> None:
    """A redirect is told, not followed; also that of a stream. Its query may be secret and is not told."""
    with RawServer((head("200 OK"), b"{}")) as thief:
        away = (head("302 Found", f"Location: {thief.url}?token=t0ken"),)
        with RawServer(away) as server:
            for name, args in (("get_health", ()), ("generate", (TASK,)), ("events", ("j",))):
                with pytest.raises(RedirectedError) as caught:
                    await Driver(kind, server.url, "t0ken").ask(name, *args)
                assert thief.url in str(caught.value)
                assert "t0ken" not in str(caught.value)
        assert not thief.asked
    assert all("authorization: token t0ken" in asked.lower() for asked in server.asked)


async def test_a_lost_answer_is_asked_for_again_under_the_same_key(kind: Kind) -> None:
    """The server may have done it; the key says that it is the same."""
    with RawServer((), (head("503 Gone"), b""), ACCEPTED) as server:
        assert (await Driver(kind, server.url).ask("generate", TASK)).job == "j"
    keys = {line for asked in server.asked for line in asked.split("\r\n") if "idempotency" in line.lower()}
    assert (len(server.asked), len(keys)) == (3, 1)


async def test_what_has_no_key_is_sent_once(kind: Kind) -> None:
    """A lost answer may mean that it was done: it is not done twice."""
    with RawServer(()) as server, pytest.raises(ServerUnreachableError):
        await Driver(kind, server.url).ask("stop_model")
    assert len(server.asked) == 1


async def test_reading_is_tried_so_often(kind: Kind) -> None:
    """Bounded, and then told."""
    with RawServer(()) as server, pytest.raises(ServerUnreachableError, match="Nothing answers"):
        await Driver(kind, server.url).ask("get_health")
    assert len(server.asked) == 1 + FAST.retries


async def test_where_nothing_listens(kind: Kind) -> None:
    """The message names the address, and the hint what to look at."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}/"
    with pytest.raises(ServerUnreachableError, match=url) as caught:
        await Driver(kind, url).ask("stop_model")
    assert "jupyter server list" in caught.value.hint
    assert not caught.value.sent


async def test_an_answer_without_end_is_not_taken(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than an answer can be is not held."""
    monkeypatch.setattr(answers, "MAX_REPLY_BYTES", 1000)
    with RawServer((head("200 OK"), b"x" * 5000)) as server, pytest.raises(ProtocolError, match="more than"):
        await Driver(kind, server.url).ask("get_metrics")

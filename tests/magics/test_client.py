"""The HTTP API over urllib, against a server that answers as ours does."""

from __future__ import annotations

import pytest
from IPython.core.error import UsageError

from gptoss_lab.magics.client import Client
from gptoss_lab.magics.server import Server
from tests.fakes.magic_api import EVENTS, JOB, MagicApi


def client_of(api: MagicApi) -> Client:
    """Return a client that does not wait between its attempts."""
    return Client(Server(api.url, "made-up"), retry_after_s=(0.0, 0.0))


def test_a_job_is_started_read_and_stopped(api: MagicApi) -> None:
    """Under the base address, with the token in a header."""
    client = client_of(api)
    assert client.generate({"task": "mean"}) == JOB
    assert [event["type"] for event in client.events(JOB)] == [event["type"] for event in EVENTS]
    client.cancel(JOB)
    assert [(asked.method, asked.path) for asked in api.asked] == [
        ("POST", "/user/ada/api/v1/code/generate"),
        ("GET", f"/user/ada/api/v1/code/jobs/{JOB}/events"),
        ("DELETE", f"/user/ada/api/v1/code/jobs/{JOB}"),
    ]
    assert {asked.headers["authorization"] for asked in api.asked} == {"token made-up"}
    assert api.asked[0].body == {"task": "mean"}


def test_a_stream_that_breaks_is_taken_up(api: MagicApi) -> None:
    """No event is lost, and none comes twice."""
    api.cut_after = 3
    assert [event["seq"] for event in client_of(api).events(JOB)] == list(range(1, len(EVENTS) + 1))
    assert [asked.headers["last-event-id"] for asked in api.asked] == ["0", "3"]


def test_a_stream_that_never_ends_well_is_given_up(api: MagicApi) -> None:
    """With a sentence, after the last attempt."""
    api.events = ({"type": "stage", "stage": "collect"},)
    with pytest.raises(UsageError, match="does not answer"):
        list(client_of(api).events(JOB))
    assert len(api.asked) == 3


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (401, {"code": "unauthenticated", "title": "Unauthorized"}, "wants another token"),
        (403, b"<html>", "wants another token"),
        (302, b"", "wants another token"),
        (404, b"<html>", "answered 404. Is gptoss-lab installed"),
        (500, b"", "answered 500"),
        (
            403,
            {"code": "source_refused", "detail": "A policy forbids it.", "hint": "Ask."},
            "A policy forbids it.\n  Ask.",
        ),
        (200, b"<html>It works!</html>", "is not gptoss_lab"),
        (200, [1], "is not gptoss_lab"),
    ],
)
def test_a_refusal_says_what_to_do(api: MagicApi, status: int, body: object, words: str) -> None:
    """In the words of the server where it is ours; a redirect is never followed with the token."""
    api.replies["health"] = (status, body)
    with pytest.raises(UsageError) as refused:
        client_of(api).get("health")
    assert words in str(refused.value)
    assert "made-up" not in str(refused.value)


def test_a_server_that_is_not_there_is_named() -> None:
    """No traceback of urllib."""
    with pytest.raises(UsageError, match=r"http://127.0.0.1:9/ does not answer"):
        Client(Server("http://127.0.0.1:9/")).get("health")

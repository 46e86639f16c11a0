"""The handlers of `/api/v1/feedback`."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError, HTTPResponse

from gptoss_lab.schemas.config import FeedbackConfig
from gptoss_lab.services.feedback import FeedbackService
from tests.fakes.services import FakeServices

Fetch = Callable[..., Awaitable[HTTPResponse]]
FEEDBACK = ("api", "v1", "feedback")
ITEM: dict[str, Any] = {
    "at": "2026-01-02T03:04:05.678Z",
    "job": "j1",
    "cell": "c1",
    "generator": "examples",
    "verdict": "accepted",
}


def body(*items: dict[str, Any]) -> str:
    """Return the body of a request."""
    return json.dumps({"items": list(items)})


async def refused(jp_fetch: Fetch, text: str) -> dict[str, Any]:
    """Return the problem that a body is refused with."""
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch(*FEEDBACK, method="POST", body=text)
    response = caught.value.response
    assert response is not None
    problem: dict[str, Any] = json.loads(response.body)
    return problem


async def test_what_is_told_is_counted(jp_fetch: Fetch) -> None:
    """204, and from then on in the summary."""
    told = await jp_fetch(*FEEDBACK, method="POST", body=body(ITEM, {**ITEM, "cell": "c2"}))
    assert (told.code, told.body) == (204, b"")
    found = json.loads((await jp_fetch(*FEEDBACK)).body)
    assert [(one["generator"], one["cells"]) for one in found["counts"]] == [("examples", 2)]


@pytest.mark.parametrize("text", [body(), body({**ITEM, "source": "x = 1"}), body(*[ITEM] * 501), "{}"])
async def test_what_is_no_feedback_is_refused(text: str, jp_fetch: Fetch) -> None:
    """With 422, and nothing of it is kept."""
    assert (await refused(jp_fetch, text))["status"] == 422
    assert json.loads((await jp_fetch(*FEEDBACK)).body)["counts"] == []


async def test_a_server_that_keeps_none_says_so(
    services: FakeServices, jp_fetch: Fetch, tmp_path: Path
) -> None:
    """A client learns that it may stop to send."""
    services.feedback = FeedbackService(folder=tmp_path, config=FeedbackConfig(enabled=False))
    problem = await refused(jp_fetch, body(ITEM))
    assert (problem["status"], problem["code"]) == (403, "feedback_off")
    assert json.loads((await jp_fetch(*FEEDBACK)).body)["enabled"] is False


async def test_a_full_disk_is_told(services: FakeServices, jp_fetch: Fetch, tmp_path: Path) -> None:
    """As a storage problem, so that the client tries again later."""
    blocked = tmp_path / "file"
    blocked.write_text("")
    services.feedback = FeedbackService(folder=blocked / "feedback", config=FeedbackConfig())
    assert (await refused(jp_fetch, body(ITEM)))["status"] == 507

"""What a job was asked, and the same once more."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.fakes.services import FakeServices
from tests.routes.test_code import GENERATE, JOBS, Fetch, body, refusal


async def test_the_request_as_it_was_sent(services: FakeServices, jp_fetch: Fetch, jp_root_dir: Path) -> None:
    """Paths are told as the person gave them, so that a form can be filled with them."""
    (jp_root_dir / "study").mkdir()
    sent = {"data": ["study"], "sources": [{"kind": "folder", "uri": "study"}], "max_cells": 3}
    await jp_fetch(*GENERATE, method="POST", body=body(**sent))
    told = json.loads((await jp_fetch(*JOBS, "job-1", "request")).body)
    assert told["task"] == "add two numbers"
    assert (told["data"], told["sources"], told["max_cells"]) == (sent["data"], sent["sources"], 3)
    assert services.jobs.jobs["job-1"].request.data == (str(jp_root_dir / "study"),)


async def test_a_replay_is_a_new_job(services: FakeServices, jp_fetch: Fetch, jp_root_dir: Path) -> None:
    """It is accepted like a generation, has the seed, and its paths are resolved anew."""
    (jp_root_dir / "study").mkdir()
    await jp_fetch(*GENERATE, method="POST", body=body(data=["study"]))
    response = await jp_fetch(*JOBS, "job-1", "replay", method="POST", body="")
    assert response.code == 202
    assert json.loads(response.body)["job"] == "job-2"
    assert response.headers["Location"].endswith("/api/v1/code/jobs/job-2")
    request = services.jobs.jobs["job-2"].request
    assert (request.task, request.seed) == ("add two numbers", 7)
    assert request.data == (str(jp_root_dir / "study"),)
    assert services.execution.shown == [str(jp_root_dir / "study")] * 2


async def test_a_replay_shows_no_more_than_is_allowed_now(
    services: FakeServices, jp_fetch: Fetch, jp_root_dir: Path
) -> None:
    """What a person agreed to show, and is gone since, starts nothing."""
    (jp_root_dir / "study").mkdir()
    await jp_fetch(*GENERATE, method="POST", body=body(data=["study"]))
    (jp_root_dir / "study").rmdir()
    code, _ = await refusal(jp_fetch(*JOBS, "job-1", "replay", method="POST", body=""))
    assert code == 404
    assert list(services.jobs.jobs) == ["job-1"]


@pytest.mark.parametrize(("tail", "method"), [("request", "GET"), ("replay", "POST")])
async def test_an_unknown_job(tail: str, method: str, jp_fetch: Fetch) -> None:
    """A job that is not there is a 404 problem."""
    sent = {"body": ""} if method == "POST" else {}
    code, problem = await refusal(jp_fetch(*JOBS, "nope", tail, method=method, **sent))
    assert (code, problem["code"]) == (404, "not_found")

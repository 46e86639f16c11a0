"""What a job's cells lack, added over HTTP."""

from __future__ import annotations

import json

import pytest

from gptoss_lab.schemas.generation import CodeGenerationResponse
from tests.fakes.services import FakeJob, FakeServices
from tests.routes.test_code import GENERATE, JOBS, Fetch, body, refusal
from tests.services.test_needs import cell, job


@pytest.fixture
def lacking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every job have a cell that lacks two packages, of which one is offered."""

    def response(asked: FakeJob) -> CodeGenerationResponse:
        found = job(cell("import polars, nothere"))
        return found.model_copy(update={"job": asked.id})

    monkeypatch.setattr(FakeJob, "response", response)


@pytest.mark.usefixtures("lacking")
async def test_the_packages_are_added_as_a_new_job(services: FakeServices, jp_fetch: Fetch) -> None:
    """Without a body all that are offered; the cells and the request are those of the job."""
    await jp_fetch(*GENERATE, method="POST", body=body())
    response = await jp_fetch(*JOBS, "job-1", "packages", method="POST", body="")
    assert response.code == 202
    assert json.loads(response.body)["job"] == "job-2"
    request = services.jobs.jobs["job-2"].request
    assert (request.of, request.packages) == ("job-1", ("polars",))  # type: ignore[attr-defined]
    assert request.request.task == "add two numbers"  # type: ignore[attr-defined]


@pytest.mark.usefixtures("lacking")
@pytest.mark.parametrize("packages", [["nothere"], ["requests"]])
async def test_only_what_is_offered(services: FakeServices, jp_fetch: Fetch, packages: list[str]) -> None:
    """A package that the findings do not offer starts nothing."""
    await jp_fetch(*GENERATE, method="POST", body=body())
    sent = json.dumps({"packages": packages})
    code, problem = await refusal(jp_fetch(*JOBS, "job-1", "packages", method="POST", body=sent))
    assert (code, problem["code"]) == (422, "package_refused")
    assert list(services.jobs.jobs) == ["job-1"]


async def test_an_unknown_job(jp_fetch: Fetch) -> None:
    """A job that is not there is a 404 problem."""
    code, problem = await refusal(jp_fetch(*JOBS, "nope", "packages", method="POST", body=""))
    assert (code, problem["code"]) == (404, "not_found")

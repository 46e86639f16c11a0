"""The handler of `/api/v1/health`."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from tornado.httpclient import HTTPResponse

from gptoss_lab._version import __version__
from tests.fakes.services import FakeServices

Fetch = Callable[..., Awaitable[HTTPResponse]]


async def test_health_says_who_answers_and_where_cells_run(services: FakeServices, jp_fetch: Fetch) -> None:
    """With nothing configured the examples answer."""
    health = json.loads((await jp_fetch("api", "v1", "health")).body)
    assert (health["status"], health["version"]) == ("ok", __version__)
    assert (health["generator"], health["model"], health["data_writable"]) == ("examples", "", True)
    assert health["sandbox"]["runtime"] == "bubblewrap"
    services.execution.available = False
    health = json.loads((await jp_fetch("api", "v1", "health")).body)
    assert (health["sandbox"]["available"], health["sandbox"]["hint"]) == (False, "Install bubblewrap.")


async def test_health_tells_of_a_data_folder_that_cannot_be_made(
    jp_fetch: Fetch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file where the folder should be is found, also by an administrator who may write anywhere."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GPTOSS_LAB_DATA_DIR", str(tmp_path / "file" / "inside"))
    health = json.loads((await jp_fetch("api", "v1", "health")).body)
    assert health["data_writable"] is False


async def test_health_tells_why_jobs_are_not_kept(services: FakeServices, jp_fetch: Fetch) -> None:
    """A full disk stops no job, so somebody must say it."""
    assert json.loads((await jp_fetch("api", "v1", "health")).body)["jobs_fault"] == ""
    services.archive.fault = "The store of jobs cannot be written: disk is full"
    assert "full" in json.loads((await jp_fetch("api", "v1", "health")).body)["jobs_fault"]


async def test_health_names_the_model_that_would_answer(services: FakeServices, jp_fetch: Fetch) -> None:
    """It is asked of the live state: a model that was started answers, one that was stopped does not."""
    await services.models.start()
    health = json.loads((await jp_fetch("api", "v1", "health")).body)
    assert (health["generator"], health["model"]) == ("model", "gpt-oss-20b")
    await services.models.stop()
    health = json.loads((await jp_fetch("api", "v1", "health")).body)
    assert (health["generator"], health["model"]) == ("examples", "")


async def test_health_tells_how_the_server_does(services: FakeServices, jp_fetch: Fetch) -> None:
    """What fails makes it degraded, with what to do; a sandbox that is not there does not."""
    services.execution.available = False
    health = json.loads((await jp_fetch("api", "v1", "health")).body)
    assert health["status"] == "ok"
    assert (health["answers"]["count"], health["answers"]["error_rate"]) == (0, 0)
    for _ in range(10):
        services.monitor.recent.note(500, 0.2)
    services.archive.fault = "The store of jobs cannot be written: disk is full"
    health = json.loads((await jp_fetch("api", "v1", "health")).body)
    assert health["status"] == "degraded"
    assert health["answers"]["error_rate"] > 0.9
    failed = {state["name"]: state["fix"] for state in health["services"] if state["status"] == "fail"}
    assert set(failed) == {"jobs", "answers"}
    assert all(failed.values())

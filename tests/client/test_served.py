"""The clients against a real server with our extension."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.serverapp import ServerApp

from gptoss_lab.client import Client
from gptoss_lab.client.errors import UnauthenticatedError
from gptoss_lab.errors import ConflictError, NotFoundError, PolicyError
from gptoss_lab.schemas.documents import DocSource
from gptoss_lab.schemas.generation import CodeGenerationRequest, CodeGenerationResponse, JobList
from tests.client.driver import Driver, Kind
from tests.fakes.services import FakeServices, play

TASK = CodeGenerationRequest(task="Plant TULIPS")


@pytest.fixture(autouse=True)
def _serving(http_server: object) -> None:
    """Have the server listen."""
    assert http_server


@pytest.fixture
def driver(kind: Kind, jp_serverapp: ServerApp) -> Driver:
    """A client of the server, with its token, under the prefix that the tests of Jupyter give it."""
    return Driver(kind, jp_serverapp.connection_url + "lab?x=1", jp_serverapp.identity_provider.token)


async def test_a_generation_from_the_request_to_its_cells(driver: Driver, services: FakeServices) -> None:
    """Sent, followed, waited for, fetched and found in the list; each answer with its type."""
    accepted = await driver.ask("generate", TASK)
    events = await driver.ask("events", accepted.job)
    assert [event.type for event in events][-2:] == ["cell_close", "done"]
    assert [event.seq for event in events] == list(range(1, 7))
    response = await driver.ask("wait", accepted.job, timeout_s=20)
    assert isinstance(response, CodeGenerationResponse)
    assert (response.state, response.task) == ("done", TASK.task)
    assert await driver.ask("get_job_request", accepted.job) == TASK
    assert [job.job for job in await driver.ask("all_jobs")] == [accepted.job]
    assert len(services.jobs.jobs) == 1


async def test_one_key_starts_one_job(driver: Driver, services: FakeServices) -> None:
    """What is sent again is the same job; another request under the key is a conflict."""
    first = await driver.ask("generate", TASK, key="k")
    assert await driver.ask("generate", TASK, key="k") == first
    assert (await driver.ask("generate", TASK)).job != first.job
    with pytest.raises(ConflictError):
        await driver.ask("generate", CodeGenerationRequest(task="other"), key="k")
    assert len(services.jobs.jobs) == 2


async def test_a_running_job_is_cancelled(driver: Driver, services: FakeServices) -> None:
    """It ends as cancelled, and a reader learns of it."""
    services.jobs.auto = False
    job = (await driver.ask("generate", TASK)).job
    reading = asyncio.ensure_future(driver.ask("events", job))
    assert await driver.ask("cancel_job", job) is None
    assert [event.type for event in await reading] == ["done"]
    assert (await driver.ask("get_job", job)).state == "cancelled"


async def test_events_after_one(driver: Driver) -> None:
    """A reader that knows some asks for the rest."""
    job = (await driver.ask("generate", TASK)).job
    assert [event.seq for event in await driver.ask("events", job, after=4)] == [5, 6]


async def test_errors_are_those_of_the_server(driver: Driver) -> None:
    """By their class, with the hint; both clients raise what the services raised."""
    with pytest.raises(NotFoundError, match="There is no job nope") as caught:
        await driver.ask("get_job", "nope")
    assert caught.value.hint == NotFoundError.default_hint
    with pytest.raises(NotFoundError):
        await driver.ask("events", "nope")


async def test_without_the_token_nothing_is_told(kind: Kind, jp_serverapp: ServerApp) -> None:
    """It is an error of its own, which says where a token may stand."""
    with pytest.raises(UnauthenticatedError) as caught:
        await Driver(kind, jp_serverapp.connection_url, "wrong").ask("get_health")
    assert caught.value.status == 401
    assert "GPTOSS_LAB_TOKEN" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("get_health", ()),
        ("get_metrics", ()),
        ("get_openapi", ()),
        ("get_model", ()),
        ("get_model_plan", ()),
        ("get_model_logs", ()),
        ("get_feedback", ()),
        ("list_corpora", ()),
        ("index_source", (DocSource(uri="numpy"),)),
        ("list_sandboxes", ()),
        ("get_sandbox_capabilities", ()),
        ("preview_prompt", (TASK,)),
        ("add_sandbox_packages", ("mine", ["emoji"])),
    ],
)
async def test_every_answer_is_read(driver: Driver, name: str, args: tuple[Any, ...]) -> None:
    """As its model; a text as text."""
    assert await driver.ask(name, *args)


async def test_pages_follow_one_another(
    driver: Driver, services: FakeServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is asked for with the `next` of the one before, until none is named."""
    for _ in range(3):
        await driver.ask("generate", TASK)
    every = services.jobs.list("shared-token").jobs

    async def page(_owner: str, *, limit: str = "", before: str = "") -> JobList:
        at = int(before or "0")
        more = str(at + int(limit)) if at + int(limit) < len(every) else ""
        return JobList(jobs=every[at : at + int(limit)], next=more)

    monkeypatch.setattr(services.archive, "list", page)
    assert tuple(await driver.ask("all_jobs", page=2)) == every


async def test_a_refusal_of_ours_keeps_its_class(driver: Driver, jp_root_dir: Path) -> None:
    """What a policy forbids is no mere 403."""
    (jp_root_dir / "forbidden.csv").touch()
    with pytest.raises(PolicyError):
        await driver.ask("generate", TASK.model_copy(update={"data": ("forbidden.csv",)}))


async def test_neither_words_nor_tokens_are_logged(
    driver: Driver, jp_serverapp: ServerApp, caplog: pytest.LogCaptureFixture
) -> None:
    """At the level where everything is said, ours and that of the libraries below."""
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore", "gptoss_lab.client"):
        caplog.set_level(logging.DEBUG, logger=name)
    accepted = await driver.ask("generate", TASK)
    await driver.ask("events", accepted.job)
    await driver.ask("search_corpora", "DAFFODILS")
    ours = [
        record for record in caplog.records if record.name.startswith(("httpx", "httpcore", "gptoss_lab."))
    ]
    told = "\n".join(record.getMessage() for record in ours)
    assert "/api/v1/corpora/search" in told
    for secret in ("TULIPS", "DAFFODILS", jp_serverapp.identity_provider.token):
        assert secret not in told


async def test_a_server_without_a_token_can_be_steered(
    kind: Kind, jp_serverapp: ServerApp, services: FakeServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody needs one, Jupyter still asks for the word against other sites' forms."""
    monkeypatch.setattr(jp_serverapp.identity_provider, "token", "")
    open_server = Driver(kind, jp_serverapp.connection_url)
    job = (await open_server.ask("generate", TASK)).job
    assert await open_server.ask("cancel_job", job) is None
    assert services.jobs.jobs[job].state == "cancelled"


async def test_a_client_may_be_shared_by_threads(jp_serverapp: ServerApp, services: FakeServices) -> None:
    """One blocking client, many readers at a time."""
    services.jobs.auto = False
    with Client(jp_serverapp.connection_url, token=jp_serverapp.identity_provider.token) as client:
        jobs = [(await asyncio.to_thread(client.generate, TASK)).job for _ in range(4)]
        reading = [asyncio.to_thread(list, client.events(job)) for job in jobs]
        both = asyncio.gather(*reading)
        await asyncio.gather(*(play(services.jobs.jobs[job]) for job in jobs))
        assert [len(events) for events in await both] == [6, 6, 6, 6]

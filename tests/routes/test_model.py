"""The handlers of `/api/v1/model`."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError, HTTPResponse

from gptoss_lab.errors import EngineLoadError
from gptoss_lab.schemas.model import EngineProgress
from tests.fakes.models import OLLAMA, until
from tests.fakes.services import FakeServices

Fetch = Callable[..., Awaitable[HTTPResponse]]
MODEL = ("api", "v1", "model")


async def got(fetch: Fetch, *words: str) -> dict[str, Any]:
    """Return what an address answers."""
    found: dict[str, Any] = json.loads((await fetch(*MODEL, *words)).body)
    return found


async def posted(fetch: Fetch, verb: str, **body: object) -> dict[str, Any]:
    """Return what a POST answers; with nothing in it there is no body."""
    sent = json.dumps(body) if body else ""
    found: dict[str, Any] = json.loads((await fetch(*MODEL, verb, method="POST", body=sent)).body)
    return found


async def test_a_model_is_started_watched_and_stopped(services: FakeServices, jp_fetch: Fetch) -> None:
    """The start answers at once with the phase that it is in; the state tells how far it has come."""
    assert (await got(jp_fetch))["can_start"] is True
    services.parts.reports = [("downloading", EngineProgress(done_bytes=1, total_bytes=4))]
    state = await posted(jp_fetch, "start")
    assert (state["phase"], state["can_start"], state["can_stop"]) == ("resolving", False, True)
    await until(lambda: services.parts.supervisors)
    services.parts.supervisor.reach("loading_weights", percent=43, left_s=20)
    state = await got(jp_fetch)
    assert (state["phase"], state["progress"]["percent"], state["hosted"]) == ("loading_weights", 43, True)
    services.parts.supervisor.reach("ready")
    assert (await got(jp_fetch))["phase"] == "ready"
    assert (await got(jp_fetch, "logs"))["lines"] == ["INFO loading", "INFO ready"]
    state = await posted(jp_fetch, "stop")
    assert (state["phase"], state["can_start"]) == ("stopped", True)


async def test_a_start_that_fails_is_told_by_the_state(services: FakeServices, jp_fetch: Fetch) -> None:
    """The server goes on; the state says what happened and what to do."""
    services.parts.error = EngineLoadError("No engine.", reason="engine_missing", hint="Install it.")
    await posted(jp_fetch, "start")
    await until(lambda: services.models.state().failure)
    state = await got(jp_fetch)
    assert (state["phase"], state["failure"]["code"]) == ("failed", "engine_missing")
    assert (state["failure"]["message"], state["failure"]["hint"]) == ("No engine.", "Install it.")


async def test_a_server_that_was_found_is_attached(services: FakeServices, jp_fetch: Fetch) -> None:
    """By its address; what was not found on this machine is refused."""
    state = await posted(jp_fetch, "start", attach=OLLAMA.url)
    assert (state["engine"], state["source"], state["hosted"]) == ("attached", OLLAMA.url, False)
    assert services.models.engine() is services.parts.engines[-1]
    for url, status in (("http://192.168.1.9:8000/v1", 400), ("http://127.0.0.1:9/v1", 404)):
        with pytest.raises(HTTPClientError) as caught:
            await posted(jp_fetch, "start", attach=url)
        assert caught.value.code == status


async def test_what_the_state_forbids_is_a_conflict(services: FakeServices, jp_fetch: Fetch) -> None:
    """A server is not attached while a model is hosted."""
    await posted(jp_fetch, "start")
    await until(lambda: services.parts.supervisors)
    with pytest.raises(HTTPClientError) as caught:
        await posted(jp_fetch, "start", attach=OLLAMA.url)
    assert caught.value.code == 409


async def test_the_plan_names_what_was_found(services: FakeServices, jp_fetch: Fetch) -> None:
    """Hardware, options and servers to attach come together."""
    plan = await got(jp_fetch, "plan")
    assert (plan["summary"], plan["hardware"]["cores"]) == ("It fits.", 2)
    assert plan["found"] == [{"name": "Ollama", "url": OLLAMA.url, "models": ["gpt-oss:20b"]}]
    assert services.models.state().found == (OLLAMA,)


async def test_a_body_that_is_no_request_is_refused(services: FakeServices, jp_fetch: Fetch) -> None:
    """Nothing is started by a misspelt key."""
    with pytest.raises(HTTPClientError) as caught:
        await posted(jp_fetch, "start", atach=OLLAMA.url)
    assert caught.value.code == 422
    assert not services.parts.supervisors

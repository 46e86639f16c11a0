"""The handlers of `/api/v1/sandboxes`."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from tornado.httpclient import HTTPClientError, HTTPResponse

from gptoss_lab.routes.base import SHARED_OWNER
from gptoss_lab.sandbox.registry import Registry
from gptoss_lab.services.sandboxes import SandboxService
from tests.fakes.records import make_record
from tests.fakes.services import FakeServices

Fetch = Callable[..., Awaitable[HTTPResponse]]
SANDBOXES = ("api", "v1", "sandboxes")


@pytest.fixture
def registry(services: FakeServices) -> Registry:
    """The sandboxes that the server's service sees."""
    made = Registry()
    services.sandboxes = SandboxService(made)
    return made


async def test_sandboxes_are_listed_and_looked_up(
    registry: Registry, jp_fetch: Fetch, tmp_path: Path
) -> None:
    """Those of the person who asks, in full."""
    registry.enter(make_record(tmp_path, "mine", owner=SHARED_OWNER))
    registry.enter(make_record(tmp_path, "other", owner="someone"))
    listed = json.loads((await jp_fetch(*SANDBOXES)).body)
    assert [state["id"] for state in listed["sandboxes"]] == ["mine"]
    found = json.loads((await jp_fetch(*SANDBOXES, "mine")).body)
    assert (found["phase"], found["runtime"], found["usage"]["executions"]) == ("starting", "docker", 0)
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch(*SANDBOXES, "other")
    assert caught.value.code == 404

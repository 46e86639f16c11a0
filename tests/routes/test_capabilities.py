"""The handler of `/api/v1/sandboxes/capabilities`."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

from tornado.httpclient import HTTPResponse

from tests.fakes.services import FakeServices

Fetch = Callable[..., Awaitable[HTTPResponse]]
ADDRESS = ("api", "v1", "sandboxes", "capabilities")


async def test_capabilities_are_told(services: FakeServices, jp_fetch: Fetch) -> None:
    """What is in force, also where nothing is: that is an answer with a reason."""
    told = json.loads((await jp_fetch(*ADDRESS)).body)
    assert (told["runtime"], told["languages"], told["max_sandboxes"]) == ("bubblewrap", ["python"], 4)
    services.execution.available = False
    told = json.loads((await jp_fetch(*ADDRESS)).body)
    assert (told["runtime"], told["reason"]) == ("none", "nothing is installed")

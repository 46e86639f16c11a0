"""What every handler does: owners, verbs, limits. Who may do what is in test_authorisation."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest
from jupyter_server.auth import IdentityProvider
from tornado.httpclient import HTTPClientError, HTTPResponse
from tornado.web import RequestHandler

from gptoss_lab.routes.base import SHARED_OWNER, GptossHandler
from gptoss_lab.routes.table import ROUTES
from tests.fakes.people import Named
from tests.fakes.services import FakeServices

Fetch = Callable[..., Awaitable[HTTPResponse]]


@pytest.fixture
def provider() -> type[IdentityProvider] | None:
    """The identity provider of the server; Jupyter's own by default."""
    return None


@pytest.fixture
def jp_server_config(services: FakeServices, provider: type[IdentityProvider] | None) -> dict[str, Any]:
    """Enable the extension with the chosen doors."""
    assert not services.closed
    server: dict[str, Any] = {
        "jpserver_extensions": {"gptoss_lab": True, "jupyter_server_terminals": False},
        "allow_unauthenticated_access": False,
        "reraise_server_extension_failures": True,
        "disable_check_xsrf": True,
    }
    if provider:
        server["identity_provider_class"] = provider
    return {"ServerApp": server}


def request(verb: str) -> dict[str, Any]:
    """Return the arguments of a request with this verb."""
    return {"method": verb, **({"body": "{}"} if verb == "POST" else {})}


@pytest.mark.parametrize("verb", ["PUT", "PATCH"])
async def test_other_verbs_are_not_allowed(verb: str, jp_fetch: Fetch) -> None:
    """A verb that a route does not know is a 405 problem."""
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch("api", "v1", "health", method=verb, body="{}")
    response = caught.value.response
    assert response is not None
    assert response.code == 405
    assert json.loads(response.body)["code"] == "method_not_allowed"


@pytest.mark.parametrize("provider", [Named])
async def test_two_people_see_only_their_own_jobs(services: FakeServices, jp_fetch: Fetch) -> None:
    """Where a provider names people, a job belongs to one of them."""
    body = '{"task": "x"}'
    await jp_fetch("api", "v1", "code", "generate", method="POST", body=body, headers={"X-Person": "ada"})
    assert services.jobs.jobs["job-1"].owner == "ada"
    mine = await jp_fetch("api", "v1", "code", "jobs", headers={"X-Person": "ada"})
    assert len(json.loads(mine.body)["jobs"]) == 1
    for path, verb in (
        ("jobs/job-1", "GET"),
        ("jobs/job-1/events", "GET"),
        ("jobs/job-1", "DELETE"),
        ("jobs/job-1/request", "GET"),
        ("jobs/job-1/replay", "POST"),
    ):
        with pytest.raises(HTTPClientError) as caught:
            await jp_fetch(
                "api", "v1", "code", *path.split("/"), **request(verb), headers={"X-Person": "bob"}
            )
        assert caught.value.code == 404
    assert list(services.jobs.jobs) == ["job-1"]
    theirs = await jp_fetch("api", "v1", "code", "jobs", headers={"X-Person": "bob"})
    assert json.loads(theirs.body)["jobs"] == []


async def test_the_shared_token_is_one_owner(services: FakeServices, jp_fetch: Fetch) -> None:
    """Jupyter names every request without a cookie anew; its jobs must still be found."""
    await jp_fetch("api", "v1", "code", "generate", method="POST", body='{"task": "x"}')
    assert services.jobs.jobs["job-1"].owner == SHARED_OWNER


def test_every_handler_is_ours() -> None:
    """Each verb of the table is implemented, and by the one base that maps errors."""
    for route in ROUTES:
        assert issubclass(route.handler, GptossHandler)
        for op in route.operations:
            assert (
                getattr(route.handler, op.verb.lower())
                is not cast("Any", RequestHandler)._unimplemented_method
            )

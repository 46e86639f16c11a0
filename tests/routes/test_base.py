"""What every handler does: authentication, authorization, owners."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest
from jupyter_server.auth import Authorizer, IdentityProvider, User
from tornado.httpclient import HTTPClientError, HTTPResponse
from tornado.web import RequestHandler

from gptoss_lab.routes.base import AUTH_RESOURCE, SHARED_OWNER, GptossHandler
from gptoss_lab.routes.table import ROUTES
from tests.fakes.services import FakeServices

Fetch = Callable[..., Awaitable[HTTPResponse]]
EVERY_OPERATION = [
    pytest.param(route.path, op.verb, id=f"{op.verb} {route.path}")
    for route in ROUTES
    for op in route.operations
]
SEEN: list[tuple[str, str]] = []


class Refusing(Authorizer):
    """Refuses everything of ours."""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        """Note what was asked and refuse it."""
        del handler, user
        SEEN.append((action, resource))
        return not resource.startswith(AUTH_RESOURCE)


class Named(IdentityProvider):
    """A provider that knows persons by a header."""

    async def get_user(self, handler: Any) -> User | None:
        """Return who the header names."""
        name = handler.request.headers.get("X-Person", "")
        return User(name) if name else None


@pytest.fixture
def provider() -> type[IdentityProvider] | None:
    """The identity provider of the server; Jupyter's own by default."""
    return None


@pytest.fixture
def authorizer() -> type[Authorizer] | None:
    """The authorizer of the server; Jupyter's own by default."""
    return None


@pytest.fixture
def jp_server_config(
    services: FakeServices, provider: type[IdentityProvider] | None, authorizer: type[Authorizer] | None
) -> dict[str, Any]:
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
    if authorizer:
        server["authorizer_class"] = authorizer
    return {"ServerApp": server}


def parts(path: str) -> list[str]:
    """Return a route's path as `jp_fetch` takes it, parameters filled."""
    return [part if "{" not in part else "abc" for part in path.strip("/").split("/")]


def request(verb: str) -> dict[str, Any]:
    """Return the arguments of a request with this verb."""
    return {"method": verb, **({"body": "{}"} if verb == "POST" else {})}


@pytest.mark.parametrize(("path", "verb"), EVERY_OPERATION)
async def test_every_operation_needs_the_token(
    path: str, verb: str, services: FakeServices, jp_fetch: Fetch
) -> None:
    """Without the server's token nothing is answered, and nothing is done."""
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch(*parts(path), **request(verb), headers={"Authorization": "token wrong"})
    response = caught.value.response
    assert response is not None
    assert response.code == 401
    assert response.headers["WWW-Authenticate"].startswith("token")
    assert json.loads(response.body)["code"] == "unauthenticated"
    assert not services.jobs.jobs
    assert not services.corpora.known


@pytest.mark.parametrize("authorizer", [Refusing])
@pytest.mark.parametrize(("path", "verb"), EVERY_OPERATION)
async def test_every_operation_asks_the_authorizer(path: str, verb: str, jp_fetch: Fetch) -> None:
    """Who has the token but not the permission gets a 403 problem."""
    SEEN.clear()
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch(*parts(path), **request(verb))
    response = caught.value.response
    assert response is not None
    assert response.code == 403
    assert json.loads(response.body)["hint"]
    resource = f"{AUTH_RESOURCE}.metrics" if path.endswith("/metrics") else AUTH_RESOURCE
    assert SEEN[-1] == (action_of(verb, path), resource)


def action_of(verb: str, path: str) -> str:
    """Return what an operation must be allowed: who steers a sandbox, or reads its files, executes."""
    runs = ("/execute", "/sandboxes", "/packages")
    if "/files" in path or (verb == "POST" and any(part in path for part in runs)):
        return "execute"
    return "read" if verb == "GET" else "write"


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

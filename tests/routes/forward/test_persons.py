"""Who asks through a front server, and what the one behind it is told of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from jupyter_server.auth.authorizer import Authorizer
from jupyter_server.auth.identity import IdentityProvider, User
from jupyter_server.serverapp import ServerApp

from gptoss_lab.routes.table import ROUTES
from gptoss_lab.services.owners import OWNER_HEADER, OWNER_KEY_HEADER
from gptoss_lab.services.remote import RemoteServer
from tests.fakes.back import Back, BackHandler
from tests.fakes.services import FakeServices

GENERATE = json.dumps({"task": "t", "sources": [{"uri": "pandas"}]})
Fetch = Callable[..., Any]


async def told_nothing(handler: BackHandler) -> None:
    """Answer with an empty object."""
    handler.tell({})


class Asked(Authorizer):
    """Remembers what it is asked, and allows nothing."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.asked: list[tuple[str, str]] = []

    def is_authorized(self, _handler: Any, _user: Any, action: str, resource: str) -> bool:
        """Refuse."""
        self.asked.append((action, resource))
        return False


async def test_the_front_asks_its_authorizer_the_same(
    back: Back, jp_serverapp: ServerApp, fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For each address and verb, whether this server answers or the other one; nothing is passed on."""
    guard = jp_serverapp.web_app.settings["authorizer"] = Asked(parent=jp_serverapp)
    for route in ROUTES:
        path = route.path
        for name in route.parameters:
            path = path.replace(f"{{{name}}}", "x1")
        for operation in route.operations:
            body = None if operation.verb in {"GET", "DELETE"} else "{}"
            guard.asked.clear()
            assert (await fetch(operation.verb, path, body)).code == 403
            with monkeypatch.context() as patch:
                patch.setattr(RemoteServer, "works", nobody_works)
                assert (await fetch(operation.verb, path, body)).code == 403
            passed, own = guard.asked
            assert passed == own, operation
    assert all(request.path == "/deep/api/v1/health" for request in back.asked)


async def nobody_works(_remote: RemoteServer) -> bool:
    """Leave the work to the front."""
    return False


class People(IdentityProvider):
    """Names people by a header."""

    def get_user(self, handler: Any) -> User | None:
        """Return whoever the request names."""
        return User(username=handler.request.headers.get("X-Person", "ada"))


class TestPeople:
    """A front that knows persons."""

    @pytest.fixture
    def jp_server_config(self, jp_server_config: dict[str, Any]) -> dict[str, Any]:
        """Name people."""
        server = {**jp_server_config["ServerApp"], "identity_provider_class": People}
        return {**jp_server_config, "ServerApp": server}

    async def test_without_a_key_they_are_not_thrown_together(self, back: Back, fetch: Fetch) -> None:
        """The other server would show each the jobs of all."""
        answer = await fetch("GET", "api/v1/code/jobs")
        assert (answer.code, json.loads(answer.body)["code"]) == (502, "remote_auth")
        assert "owner_key" in json.loads(answer.body)["hint"]
        assert all(request.path == "/deep/api/v1/health" for request in back.asked)

    async def test_with_a_key_each_is_named(
        self, back: Back, fetch: Fetch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whatever letters the name has, and whatever the person sends."""
        monkeypatch.setenv("GPTOSS_LAB_OWNER_KEY", "shared")
        back.answers["GET /api/v1/code/jobs"] = told_nothing
        forged = {"X_Person": "Zoe", "X_Gptoss_Owner": "root", "X_Gptoss_Owner_Key": "guess"}
        assert (await fetch("GET", "api/v1/code/jobs", **forged)).code == 403
        assert (await fetch("GET", "api/v1/code/jobs", X_Person="Z/e")).code == 200
        assert back.last.headers[OWNER_HEADER] == "Z%2Fe"
        assert back.last.headers[OWNER_KEY_HEADER] == "shared"


class TestBack:
    """The other end: a server that is told for whom another asks."""

    @pytest.fixture
    def jp_server_config(
        self, jp_server_config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> dict[str, Any]:
        """Work itself, and know the key."""
        monkeypatch.setenv("GPTOSS_LAB_OWNER_KEY", "shared")
        return {**jp_server_config, "GptossLabApp": {}}

    async def test_each_owner_sees_their_own(self, services: FakeServices, fetch: Fetch) -> None:
        """One label's job is not there for another, nor for the token itself."""
        ada = {"X_Gptoss_Owner": "ada", "X_Gptoss_Owner_Key": "shared"}
        job = json.loads((await fetch("POST", "api/v1/code/generate", GENERATE, **ada)).body)["job"]
        assert services.jobs.jobs
        place = f"api/v1/code/jobs/{job}"
        assert (await fetch("GET", place, **ada)).code == 200
        assert (await fetch("GET", place, **{**ada, "X_Gptoss_Owner": "bob"})).code == 404
        assert (await fetch("GET", place)).code == 404
        answer = await fetch("GET", place, **{**ada, "X_Gptoss_Owner_Key": "wrong"})
        assert (answer.code, json.loads(answer.body)["code"]) == (403, "policy")

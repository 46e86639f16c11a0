"""Who may do what: every endpoint of the table, asked by everyone, on a server with its real services."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.serverapp import ServerApp
from tornado.httpclient import HTTPClientError, HTTPResponse

from gptoss_lab.routes.base import AUTH_RESOURCE
from gptoss_lab.routes.operation import Operation, Route
from gptoss_lab.routes.table import ROUTES
from gptoss_lab.sandbox.registry import REGISTRY
from gptoss_lab.schemas.feedback import FeedbackItem
from tests.fakes.people import PERSON, Denying, Named
from tests.fakes.records import make_record

Fetch = Callable[..., Awaitable[HTTPResponse]]
SECRET = "adas-harvest"
KEPT_OUT = frozenset({401, 403, 404, 405, 429, 500})
FEEDBACK = FeedbackItem(
    at="2026-01-01T00:00:00Z", job=SECRET, cell="c", generator="examples", verdict="accepted"
)
TASK = {
    "task": f"count the {SECRET}",
    "sources": [{"kind": "folder", "uri": SECRET}],
    "generator": "examples",
    "verify": False,
}
BODIES: dict[str, Any] = {
    "/api/v1/code/generate": {"task": "anything", "generator": "examples", "verify": False},
    "/api/v1/sandboxes/{sandbox}/packages": {"packages": ["emoji"]},
    "/api/v1/feedback": {"items": [FEEDBACK.model_dump(mode="json")]},
}
# What takes things away comes last.
EVERYTHING = sorted(
    ((route, op) for route in ROUTES for op in route.operations), key=lambda one: one[1].verb == "DELETE"
)


@dataclass(frozen=True)
class Door:
    """Asks one server, as whoever one likes."""

    fetch: Fetch
    ids: dict[str, str]

    async def ask(
        self, route: Route, op: Operation, person: str, ids: dict[str, str] | None = None
    ) -> HTTPResponse:
        """Return the answer to one operation, whatever it is."""
        names = {"path": "a.txt", **(self.ids if ids is None else ids)}
        path = route.path.format(**names) if route.parameters else route.path
        body = {"body": json.dumps(BODIES.get(route.path, {}))} if op.verb == "POST" else {}
        query = {"params": {"q": SECRET}} if "search" in route.path else {}
        headers = {PERSON: person} if person else {}
        return await answer(
            self.fetch(*path.strip("/").split("/"), method=op.verb, headers=headers, **body, **query)
        )


async def answer(call: Awaitable[HTTPResponse]) -> HTTPResponse:
    """Return an answer, also where it is a refusal."""
    try:
        return await call
    except HTTPClientError as error:
        if error.response is None:
            raise
        return error.response


@pytest.fixture
def jp_server_config() -> dict[str, Any]:
    """A server for several persons, without a sandbox and without a model."""
    return {
        "ServerApp": {
            "jpserver_extensions": {"gptoss_lab": True, "jupyter_server_terminals": False},
            "allow_unauthenticated_access": False,
            "reraise_server_extension_failures": True,
            "disable_check_xsrf": True,
            "identity_provider_class": Named,
            "authorizer_class": Denying,
        },
        "GptossLabApp": {"sandbox": {"runtime": "none"}, "model": {"engine": "none"}},
    }


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Callable[[], str]]:
    """Ada's sandbox, once the loop runs."""
    made = []

    def make() -> str:
        record = make_record(tmp_path, uuid.uuid4().hex, owner="ada", purpose="execute")
        made.append(record)
        REGISTRY.enter(record)
        return record.id

    yield make
    for record in made:
        REGISTRY.forget(record)


@pytest.fixture
async def door(jp_fetch: Fetch, jp_root_dir: Path, sandbox: Callable[[], str]) -> Door:
    """A server on which Ada has a job, a corpus, a sandbox and a review of her own."""
    (jp_root_dir / SECRET).mkdir()
    (jp_root_dir / SECRET / "guide.md").write_text(
        f"# {SECRET}\n\nCount the {SECRET}:\n\n```python\nsum([1, 2])\n```\n"
    )
    ada = {PERSON: "ada"}
    place = ("api", "v1", "code", "generate")
    events = {**ada, "Accept": "text/event-stream"}
    streamed = await jp_fetch(*place, method="POST", body=json.dumps(TASK), headers=events)
    assert b"event: done" in streamed.body, "Ada's generation did not come to its end"
    body = json.dumps(BODIES["/api/v1/feedback"])
    await jp_fetch("api", "v1", "feedback", method="POST", body=body, headers=ada)
    jobs = json.loads((await jp_fetch("api", "v1", "code", "jobs", headers=ada)).body)["jobs"]
    corpora = json.loads((await jp_fetch("api", "v1", "corpora", headers=ada)).body)["corpora"]
    return Door(jp_fetch, {"job": jobs[0]["job"], "corpus": corpora[0]["id"], "sandbox": sandbox()})


def name(route: Route, op: Operation) -> str:
    """Return what a failure calls an operation."""
    return f"{op.verb} {route.path}"


async def test_strangers_get_nothing(door: Door) -> None:
    """Who is not logged in gets a 401 problem from every endpoint, and learns nothing else."""
    for route, op in EVERYTHING:
        told = await door.ask(route, op, "")
        assert told.code == 401, name(route, op)
        assert json.loads(told.body)["code"] == "unauthenticated", name(route, op)
        assert told.headers["WWW-Authenticate"].startswith("token"), name(route, op)


async def test_their_owner_is_let_in(door: Door) -> None:
    """Ada gets past the door of every endpoint; what is wrong with the request itself is another matter."""
    codes = {name(route, op): (await door.ask(route, op, "ada")).code for route, op in EVERYTHING}
    assert not {what: code for what, code in codes.items() if code in KEPT_OUT}


async def test_others_see_nothing_of_it(door: Door) -> None:
    """To Bob what is Ada's is not there: the same status and words as for what never was."""
    for route, op in EVERYTHING:
        told = await door.ask(route, op, "bob")
        body = anonymous(told.body.decode(), door.ids)
        assert SECRET not in body.replace(f'"query":"{SECRET}"', ""), name(route, op)
        if set(route.parameters) - {"path"}:
            invented = {key: uuid.uuid4().hex for key in door.ids}
            never = await door.ask(route, op, "bob", invented)
            assert (told.code, never.code) == (404, 404), name(route, op)
            assert body == anonymous(never.body.decode(), invented), name(route, op)
        else:
            assert told.code not in KEPT_OUT, name(route, op)


def anonymous(body: str, ids: dict[str, str]) -> str:
    """Return a problem without the name that it was asked about, and without that of its request."""
    body = re.sub(r'"request_id":"[0-9a-f]{32}"', "", body)
    for kind, known in ids.items():
        body = body.replace(known, kind)
    return body


async def test_what_others_tried_left_everything_in_place(door: Door) -> None:
    """After Bob has asked for all of it, Ada still has all of it."""
    for route, op in EVERYTHING:
        await door.ask(route, op, "bob")
    for path, key in (("code/jobs/{job}", "job"), ("sandboxes/{sandbox}", "sandbox")):
        route = next(one for one in ROUTES if one.path == f"/api/v1/{path}")
        assert (await door.ask(route, route.operations[0], "ada")).code == 200, key
    listed = await door.fetch("api", "v1", "corpora", headers={PERSON: "ada"})
    assert [one["id"] for one in json.loads(listed.body)["corpora"]] == [door.ids["corpus"]]


async def test_what_two_have_indexed_each_removes_for_themselves(door: Door) -> None:
    """An index that two persons asked for is kept once, and goes with the second of them."""
    corpora = ("api", "v1", "corpora")
    body = json.dumps(TASK["sources"][0])  # type: ignore[index]
    shared = await door.fetch(*corpora, method="POST", body=body, headers={PERSON: "bob"})
    assert json.loads(shared.body)["id"] == door.ids["corpus"]
    assert json.loads(shared.body)["cached"]
    await door.fetch(*corpora, door.ids["corpus"], method="DELETE", headers={PERSON: "ada"})
    for person, count in (("ada", 0), ("bob", 1)):
        found = await door.fetch(*corpora, headers={PERSON: person})
        assert len(json.loads(found.body)["corpora"]) == count
    await door.fetch(*corpora, door.ids["corpus"], method="DELETE", headers={PERSON: "bob"})
    built = await door.fetch(*corpora, method="POST", body=body, headers={PERSON: "ada"})
    assert not json.loads(built.body)["cached"]


async def test_each_resource_can_be_denied_alone(door: Door, jp_serverapp: ServerApp) -> None:
    """Who is denied a resource gets a 403 problem wherever it is, and nowhere else; the table says where."""
    authorizer = jp_serverapp.authorizer
    assert isinstance(authorizer, Denying)
    for resource in sorted({route.resource for route in ROUTES}):
        authorizer.denied = frozenset({resource})
        for route, op in EVERYTHING:
            if op.verb == "DELETE" and route.resource != resource:
                continue
            before = len(authorizer.asked)
            told = await door.ask(route, op, "ada")
            denied = told.code == 403 and json.loads(told.body)["code"] == "forbidden"
            assert denied == (route.resource == resource), f"{name(route, op)} without {resource}"
            assert authorizer.asked[before] == (op.permission, route.resource), name(route, op)


def test_each_endpoint_names_its_resource() -> None:
    """No handler falls back on the name that all share: an administrator could not tell them apart."""
    shared = [route.path for route in ROUTES if not route.resource.startswith(f"{AUTH_RESOURCE}.")]
    assert not shared, f"give the handlers of {shared} an auth_resource of their own"

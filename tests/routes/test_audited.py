"""What an audit is told, on a server with its real services."""

from __future__ import annotations

import hashlib
import json
import logging
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.serverapp import ServerApp
from tornado.httpclient import HTTPClientError, HTTPResponse

from gptoss_lab.routes.table import ROUTES
from tests.fakes.people import PERSON, Denying, Named

Fetch = Callable[..., Awaitable[HTTPResponse]]
Event = dict[str, Any]
SECRET = "s3cr3t-harvest"
API = ("api", "v1")
SOURCE = {"kind": "folder", "uri": SECRET}
TASK = {"task": f"count the {SECRET}", "sources": [SOURCE], "generator": "examples", "verify": False}


class Kept(logging.Handler):
    """Keeps what it is given, as the lines that a file would have."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self.lines.append(self.format(record))

    @property
    def events(self) -> list[Event]:
        """The events so far."""
        return [json.loads(line) for line in self.lines]


@pytest.fixture
def kept() -> Kept:
    """What the administrator's handler was told."""
    return Kept()


@pytest.fixture
def access() -> dict[str, Any]:
    """The limits of the server."""
    return {}


@pytest.fixture
def jp_server_config(kept: Kept, access: dict[str, Any]) -> dict[str, Any]:
    """A server for several persons that is audited."""
    return {
        "ServerApp": {
            "jpserver_extensions": {"gptoss_lab": True, "jupyter_server_terminals": False},
            "allow_unauthenticated_access": False,
            "reraise_server_extension_failures": True,
            "disable_check_xsrf": True,
            "identity_provider_class": Named,
            "authorizer_class": Denying,
        },
        "GptossLabApp": {
            "sandbox": {"runtime": "none"},
            "model": {"engine": "none"},
            "access": access,
            "audit_handlers": lambda: [kept],
        },
    }


async def code_of(call: Awaitable[HTTPResponse]) -> int:
    """Return the status of an answer, whatever it is."""
    try:
        return (await call).code
    except HTTPClientError as error:
        return error.code


def last(kept: Kept, action: str) -> Event:
    """Return the newest event of an action."""
    return [event for event in kept.events if event.get("action") == action][-1]


async def test_a_generation_is_told_twice(kept: Kept, jp_fetch: Fetch, jp_root_dir: Path) -> None:
    """When it is asked for, and when it has ended, by whom and how; never what it was about."""
    (jp_root_dir / SECRET).mkdir()
    (jp_root_dir / SECRET / "guide.md").write_text(f"# {SECRET}\n\n```python\ncount = sum([1, 2])\n```\n")
    body = json.dumps(TASK)
    headers = {PERSON: "ada", "Accept": "text/event-stream"}
    streamed = await jp_fetch(*API, "code", "generate", method="POST", body=body, headers=headers)
    assert b"event: done" in streamed.body
    asked = last(kept, "generate")
    (ended,) = [event for event in kept.events if event["__schema__"] == "urn:gptoss-lab:audit:job"]
    assert (asked["user"], asked["outcome"], asked["status"]) == ("ada", "done", 200)
    assert (asked["operation"], asked["resource"]) == ("POST /api/v1/code/generate", "gptoss_lab.generate")
    assert asked["request_bytes"] == len(body)
    assert asked["request_sha256"] == hashlib.sha256(body.encode()).hexdigest()
    assert (ended["user"], ended["kind"], ended["outcome"]) == ("ada", "generate", "done")
    assert ended["job"] == asked["job"] != ""
    shown = await jp_fetch(*API, "code", "jobs", ended["job"], headers={PERSON: "ada"})
    cells = json.loads(shown.body)["cells"]
    code = "\n".join(cell["source"] for cell in cells if cell["kind"] == "code")
    assert code
    assert ended["code_sha256"] == hashlib.sha256(code.encode()).hexdigest()
    assert (ended["code_bytes"], ended["cells"]) == (len(code), len(cells))


async def test_nothing_of_what_is_sent_is_written_down(
    kept: Kept, jp_fetch: Fetch, jp_root_dir: Path
) -> None:
    """A secret in any body, address, parameter or header of any endpoint is in no event."""
    (jp_root_dir / SECRET).mkdir()
    (jp_root_dir / SECRET / "guide.md").write_text(f"# {SECRET}\n\n```python\ncount = 1\n```\n")
    bodies = [
        json.dumps(sent)
        for sent in ({**TASK, **SOURCE}, TASK, SOURCE, {SECRET: SECRET}, {"code": f"'{SECRET}'"})
    ]
    for route in ROUTES:
        path = route.path.format(**dict.fromkeys(route.parameters, SECRET)).strip("/").split("/")
        for op in route.operations:
            for body in bodies if op.verb == "POST" else [None]:
                headers = {
                    PERSON: "ada",
                    "Idempotency-Key": SECRET,
                    "X-Request-ID": SECRET,
                    "Referer": SECRET,
                }
                sent = {"body": body} if body else {}
                await code_of(
                    jp_fetch(
                        *path, method=op.verb, headers=headers, params={"q": SECRET, "path": SECRET}, **sent
                    )
                )
    told = "\n".join(kept.lines)
    assert len(kept.lines) > 40
    assert SECRET not in told
    assert str(jp_root_dir) not in told
    assert {event["action"] for event in kept.events if "action" in event} >= {
        "corpus_add",
        "execute",
        "feedback",
    }


async def test_who_is_kept_out_is_told(kept: Kept, jp_fetch: Fetch, jp_serverapp: ServerApp) -> None:
    """Who is not logged in, or is denied a resource, also where they only wanted to read."""
    assert await code_of(jp_fetch(*API, "code", "jobs")) == 401
    assert (kept.events[-1]["user"], kept.events[-1]["outcome"], kept.events[-1]["action"]) == (
        "",
        "denied",
        "read",
    )
    assert isinstance(jp_serverapp.authorizer, Denying)
    jp_serverapp.authorizer.denied = frozenset({"gptoss_lab.model"})
    assert (
        await code_of(jp_fetch(*API, "model", "stop", method="POST", body="", headers={PERSON: "bob"})) == 403
    )
    told = last(kept, "model_stop")
    assert (told["user"], told["outcome"], told["code"]) == ("bob", "denied", "forbidden")
    before = len(kept.events)
    assert await code_of(jp_fetch(*API, "code", "jobs", headers={PERSON: "bob"})) == 200
    assert len(kept.events) == before, "reading what one may read is nobody's business"


@pytest.mark.parametrize("access", [{"writes_per_minute": 1, "audit_users": "hashed"}])
async def test_who_is_limited_is_told_without_a_name(kept: Kept, jp_fetch: Fetch, data_dir: Path) -> None:
    """Where persons are hashed they can be told apart, with a key that only the server's user can read."""
    for person in ("ada", "ada", "bob"):
        await code_of(jp_fetch(*API, "corpora", "x-1", method="DELETE", headers={PERSON: person}))
    first, second, third = kept.events
    assert [event["outcome"] for event in kept.events] == ["refused", "limited", "refused"]
    assert first["user"] == second["user"] != third["user"]
    assert first["user"].startswith("hmac-sha256:")
    assert '"ada"' not in "\n".join(kept.lines)
    assert first["subject_sha256"] == hashlib.sha256(b"x-1").hexdigest()
    key = data_dir / "audit.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert hashlib.sha256(b"ada").hexdigest() not in first["user"], "a hash without a key can be guessed"


async def test_pages_of_others_hear_nothing(kept: Kept, jp_fetch: Fetch, jp_serverapp: ServerApp) -> None:
    """Jupyter's own events go to every page, and any page can send some: ours stay out of both."""
    heard: list[str] = []

    async def listen(logger: object, schema_id: str, data: object) -> None:
        del logger, data
        heard.append(schema_id)

    assert jp_serverapp.event_logger is not None
    jp_serverapp.event_logger.add_listener(listener=listen)
    await code_of(jp_fetch(*API, "model", "stop", method="POST", body="", headers={PERSON: "ada"}))
    assert len(kept.events) == 1
    forged = {"schema_id": "urn:gptoss-lab:audit:request", "version": "1", "data": kept.events[0]}
    body = json.dumps(forged)
    assert await code_of(jp_fetch("api", "events", method="POST", body=body, headers={PERSON: "bob"})) >= 400
    assert len(kept.events) == 1
    assert not heard


async def test_what_is_no_verb_is_told_too(kept: Kept, jp_fetch: Fetch) -> None:
    """Also where nothing takes the address, whose name is nowhere."""
    how: dict[str, Any] = {"headers": {PERSON: "ada"}, "allow_nonstandard_methods": True}
    assert await code_of(jp_fetch(*API, "code", "jobs", SECRET, method="BREW", **how)) == 405
    assert await code_of(jp_fetch(*API, "code", SECRET, method="DELETE", **how)) == 404
    first, second = kept.events
    assert (first["action"], first["operation"], first["outcome"]) == ("other", "", "refused")
    assert (second["operation"], second["resource"]) == ("", "gptoss_lab")
    assert SECRET not in "\n".join(kept.lines)


async def test_a_name_that_is_not_there_is_only_hashed(kept: Kept, jp_fetch: Fetch) -> None:
    """Whoever puts a secret into an address finds it nowhere in the clear."""
    name = uuid.uuid4().hex
    await code_of(jp_fetch(*API, "sandboxes", name, method="DELETE", headers={PERSON: "ada"}))
    told = last(kept, "sandbox_stop")
    assert (told["sandbox"], told["outcome"]) == ("", "refused")
    assert told["subject_sha256"] == hashlib.sha256(name.encode()).hexdigest()


def test_everything_that_changes_something_has_a_name() -> None:
    """An endpoint that is new says what an audit calls it."""
    unnamed = [
        f"{op.verb} {route.path}"
        for route in ROUTES
        for op in route.operations
        if op.verb not in {"GET", "HEAD"} and not op.audited
    ]
    assert not unnamed, f"give {unnamed} an `audited` in the table, and list it in audit/request.yaml"

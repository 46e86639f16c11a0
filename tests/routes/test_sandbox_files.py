"""The handlers of a sandbox's files, over a far end that says what the test wants."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError, HTTPResponse
from tornado.simple_httpclient import HTTPStreamClosedError

from gptoss_lab.routes.base import SHARED_OWNER
from gptoss_lab.sandbox.agent.files import CHUNK_BYTES
from gptoss_lab.sandbox.registry import Registry
from gptoss_lab.services.kept import KeptSandboxes
from gptoss_lab.services.sandboxes import SandboxService
from tests.fakes.records import make_record
from tests.fakes.services import FakeServices
from tests.fakes.sessions import FakeStarter

Fetch = Callable[..., Awaitable[HTTPResponse]]
FILES = ("api", "v1", "sandboxes", "mine", "files")
CONTENT = bytes(range(256)) * 2000


class Inside:
    """The far end: it has one file, and may end it early."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.sent_bytes = len(CONTENT)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        request = json.loads(await reader.readline())
        self.requests.append(request)
        if request["verb"] == "list":
            answer = {"files": [["out/fit <b>.html", 3, 0]], "refused": 1, "truncated": False}
        elif request["path"] == "none":
            answer = {"error": "missing"}
        else:
            answer = {"size": len(CONTENT)}
        writer.write(json.dumps(answer).encode() + b"\n")
        for start in range(0, self.sent_bytes, CHUNK_BYTES):
            if not await reader.read(1):
                break
            writer.write(CONTENT[start : min(start + CHUNK_BYTES, self.sent_bytes)])
        writer.close()


@pytest.fixture
async def inside(services: FakeServices) -> AsyncIterator[Inside]:
    """A sandbox `mine` of the person who asks, whose files the far end serves; and one of another."""
    registry, far = Registry(), Inside()
    services.sandboxes = SandboxService(KeptSandboxes(2, FakeStarter()), registry)
    with tempfile.TemporaryDirectory(prefix="gl-") as name:
        record = make_record(Path(name), "mine", owner=SHARED_OWNER)
        registry.enter(record)
        registry.enter(make_record(Path(name), "other", owner="someone"))
        server = await asyncio.start_unix_server(far.serve, record.relay.files_address)
        yield far
        server.close()
        await server.wait_closed()
        await asyncio.sleep(0.01)


async def test_files_are_listed(inside: Inside, jp_fetch: Fetch) -> None:
    """The listing is passed on, with the count of what is not told."""
    told = json.loads((await jp_fetch(*FILES)).body)
    assert told["files"][0]["path"] == "out/fit <b>.html"
    assert (told["refused"], told["truncated"]) == (1, False)
    assert inside.requests == [{"verb": "list"}]


async def test_a_file_is_only_for_saving(inside: Inside, jp_fetch: Fetch) -> None:
    """It comes whole, under its own name, and no browser shows or sniffs it."""
    answer = await jp_fetch(*FILES, "out", "fit é <b>.html")
    assert answer.body == CONTENT
    assert inside.requests[-1]["path"] == "out/fit é <b>.html"
    headers = answer.headers
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"] == "attachment; filename*=UTF-8''fit%20%C3%A9%20%3Cb%3E.html"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ((*FILES, "none"), 404),
        ((*FILES, "out", "..", "..", "etc", "passwd"), 400),
        ((*FILES, "a\nb"), 400),
        ((*FILES, "a\0b"), 400),
        ((*FILES, "a\u202eb"), 400),
        (("api", "v1", "sandboxes", "other", "files"), 404),
        (("api", "v1", "sandboxes", "other", "files", "x"), 404),
        (("api", "v1", "sandboxes", "nothing", "files"), 404),
    ],
)
async def test_what_is_refused(
    inside: Inside, jp_fetch: Fetch, address: tuple[str, ...], status: int
) -> None:
    """A missing file, a path that leaves the folder and another person's sandbox are refused."""
    del inside
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch(*address)
    assert caught.value.code == status
    assert caught.value.response is not None
    assert json.loads(caught.value.response.body)["hint"]


async def test_a_file_that_ends_early_is_a_broken_download(inside: Inside, jp_fetch: Fetch) -> None:
    """A reader can tell that a file did not come whole: the connection ends before the announced length."""
    inside.sent_bytes = 10
    with pytest.raises((HTTPStreamClosedError, HTTPClientError)):
        await jp_fetch(*FILES, "x")

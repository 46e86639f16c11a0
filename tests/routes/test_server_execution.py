"""Another extension that executes cells on the server, as jupyter-server-nbmodel does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.base.handlers import APIHandler
from jupyter_server.serverapp import ServerApp
from tornado.httpclient import HTTPClientError
from tornado.web import authenticated

from gptoss_lab.routes.server_execution import guard_server_execution
from gptoss_lab.sandbox.agent.guard import REFUSAL

Cells = dict[str, Any]
KERNEL = "7a3f9a5e-0d0c-4a53-9b0b-000000000001"
STATES: Cells = {
    "accepted": {"gptoss_lab": {"review": "accepted"}},
    "plain": {},
    "pending": {"gptoss_lab": {"review": "pending"}},
    "damaged": {"gptoss_lab": "pending"},
}


class Executes(APIHandler):
    """Runs what it is sent, by a client of its own."""

    ran: list[str]

    @authenticated
    def post(self, _kernel: str) -> None:
        """Note the code."""
        body: Cells = self.get_json_body() or {}
        self.ran.append(body["code"])
        self.finish("{}")


class Document:
    """A shared document, as jupyter-collaboration holds it."""

    def __init__(self, source: Cells) -> None:
        self.source = source


class Rooms:
    """jupyter-collaboration's extension, as far as it is asked."""

    def __init__(self, **documents: Cells) -> None:
        self._documents = {name: Document(source) for name, source in documents.items()}

    async def get_document(
        self, *, room_id: str = "", path: str = "", copy: bool = True, **_kind: str
    ) -> Document | None:
        """Return an open document."""
        assert not copy
        return self._documents.get(room_id or path)


def notebook(**cells: Cells) -> Cells:
    """Make a notebook whose cells bear names as their ids."""
    rows: list[Cells] = [
        {"id": name, "cell_type": "code", "source": name, "metadata": metadata, "outputs": []}
        for name, metadata in cells.items()
    ]
    rows = [{**row, "execution_count": None} for row in rows]
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": rows}


@pytest.fixture
def ran(jp_serverapp: ServerApp) -> list[str]:
    """What the other extension has run, behind the guard."""
    Executes.ran = []
    address = rf"{jp_serverapp.base_url}api/kernels/(\w+-\w+-\w+-\w+-\w+)/execute"
    web_app: Any = jp_serverapp.web_app
    web_app.add_handlers(".*$", [(address, Executes)])
    guard_server_execution(jp_serverapp)
    guard_server_execution(jp_serverapp)
    return Executes.ran


async def execute(jp_fetch: Any, **metadata: object) -> int:
    """Ask for an execution and return the status of the answer."""
    body = json.dumps({"code": metadata["cell_id"], "metadata": metadata})
    kind = {"method": "POST", "body": body, "raise_error": False}
    answer = await jp_fetch("api", "kernels", KERNEL, "execute", **kind)
    assert (json.loads(answer.body).get("message") == REFUSAL) == (answer.code == 409)
    return int(answer.code)


async def test_a_saved_cell_that_waits_is_refused(jp_fetch: Any, jp_root_dir: Path, ran: list[str]) -> None:
    """The others run, and so do those of a notebook that has no file."""
    (jp_root_dir / "n.ipynb").write_text(json.dumps(notebook(**STATES)))
    told = {name: await execute(jp_fetch, cell_id=name, document_path="n.ipynb") for name in STATES}
    assert told == {"accepted": 200, "plain": 200, "pending": 409, "damaged": 409}
    assert await execute(jp_fetch, cell_id="unsaved", document_path="n.ipynb") == 200
    assert await execute(jp_fetch, cell_id="pending", document_path="other.ipynb") == 200
    assert await execute(jp_fetch, cell_id="pending") == 200
    assert ran == ["accepted", "plain", "unsaved", "pending", "pending"]


async def test_the_shared_document_is_asked_first(
    jp_fetch: Any, jp_root_dir: Path, jp_serverapp: ServerApp, ran: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is older than what those who work on it see."""
    (jp_root_dir / "n.ipynb").write_text(json.dumps(notebook(a=STATES["pending"], b={}, c=STATES["pending"])))
    shared = notebook(a=STATES["accepted"], b=STATES["pending"])
    apps = {"jupyter_server_ydoc": {Rooms(**{"room": shared, "n.ipynb": shared})}}
    monkeypatch.setattr(type(jp_serverapp.extension_manager), "extension_apps", apps)
    named = {"document_path": "n.ipynb"}
    assert await execute(jp_fetch, cell_id="a", document_id="room") == 200
    assert await execute(jp_fetch, cell_id="b", document_id="room") == 409
    assert await execute(jp_fetch, cell_id="b", document_id="gone", **named) == 409
    assert await execute(jp_fetch, cell_id="c", document_id="room", **named) == 409
    assert ran == ["a"]


async def test_what_the_handler_refuses_is_its_own(jp_fetch: Any, ran: list[str]) -> None:
    """A request that cannot be read reaches it."""
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch("api", "kernels", KERNEL, "execute", method="POST", body="no json")
    assert caught.value.code == 400
    assert ran == []


async def test_an_address_that_nobody_serves_stays_one(jp_fetch: Any, jp_serverapp: ServerApp) -> None:
    """There is nothing to guard."""
    guard_server_execution(jp_serverapp)
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch("api", "kernels", KERNEL, "execute", method="POST", body="{}")
    assert caught.value.code == 404

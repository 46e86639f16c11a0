"""Edits, replays and `jupyter gptoss edit` over HTTP and with real programs; a fake server is the model."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import nbformat
import pytest

from tests.fakes.chat_server import ChatServer
from tests.integration.command import command
from tests.integration.conftest import NONE_WARM, MakeStation, ensure_built, nothing_left
from tests.integration.server import API, Server, server
from tests.integration.station import soon

pytestmark = pytest.mark.timeout(300)
SALES = 'import pandas as pd\nsales = pd.DataFrame({"city": ["Oslo"], "amount": [1.0]})'
WRONG = {"id": "b", "source": 'sales["amout"].mean()', "error": "\x1b[31mKeyError\x1b[0m: 'amout'"}


def edit(kind: str, *cells: dict[str, str], script: str = "", **more: Any) -> dict[str, Any]:
    """Return the body of an edit that the fake server answers with a script."""
    shown = cells or (WRONG,)
    return {
        "task": f"[[script:{script or kind + '_cell'}]]",
        "edit": {"kind": kind, "cells": shown},
        "context": {"cells": [SALES]},
        **more,
    }


@pytest.fixture
async def model() -> AsyncIterator[ChatServer]:
    """The model service."""
    async with ChatServer("groupby") as one:
        yield one


@pytest.fixture
async def running(stations: MakeStation, model: ChatServer) -> AsyncIterator[Server]:
    """A server with a model and no sandbox."""
    station = stations(model={"url": model.url}, sandbox={"runtime": "none"})
    async with server(station) as one:
        yield one
    await nothing_left(station, docker=False)


async def done(running: Server, **body: Any) -> dict[str, Any]:
    """Run a generation to its end and return the job."""
    job = await running.submit(**body)
    story = await soon(running.story(job), 60)
    assert story[-1]["type"] == "done", story[-1]
    return await running.job(job)


async def test_edits_over_http(running: Server, model: ChatServer) -> None:
    """Each kind answers in its own form; a list of jobs says which edit each was.

    The model sees the error without its colours, the cells above and the instruction, behind what stays
    the same from edit to edit.
    """
    fixed = await done(running, **edit("fix"))
    assert [(cell["change"], cell["target"]) for cell in fixed["cells"]] == [("changed", "b")]
    explained = await done(running, **edit("explain"))
    assert [(cell["change"], cell["kind"]) for cell in explained["cells"]] == [("new", "markdown")]
    ported = await done(running, **edit("port", language="r"))
    assert [(cell["change"], cell["language"]) for cell in ported["cells"]] == [("new", "r")]
    many = [{"id": name, "source": f"{name} = 1"} for name in "xyz"]
    changed = await done(running, **edit("edit", *many, script="edit_many"))
    assert [(cell["change"], cell["target"]) for cell in changed["cells"]] == [
        ("changed", "x"),
        ("changed", "y"),
        ("deleted", "z"),
    ]
    listed = (await running.http.get(f"{API}/code/jobs")).json()["jobs"]
    assert [row["edit"] for row in listed] == ["edit", "port", "explain", "fix"]
    first, second, *_ = (request.body["messages"] for request in model.requests if request.body)
    assert "KeyError: 'amout'" in first[-1]["content"]
    assert "\x1b" not in first[-1]["content"]
    assert SALES in first[-1]["content"]
    assert first[:-1] == second[:-1]


async def test_a_replay_over_http(running: Server, model: ChatServer) -> None:
    """The same prompt and seed as a new job, with the same cells; the request can be had again.

    Without the token nothing is told and nothing begins.
    """
    first = await done(running, task="mean by group", max_cells=2)
    answer = await running.http.post(f"{API}/code/jobs/{first['job']}/replay")
    assert answer.status_code == httpx.codes.ACCEPTED
    again = answer.json()["job"]
    await soon(running.story(again), 60)
    second = await running.job(again)
    assert second["seed"] == first["seed"] is not None
    assert [cell["source"] for cell in second["cells"]] == [cell["source"] for cell in first["cells"]]
    bodies = [request.body for request in model.requests if request.body]
    assert bodies[-1] == bodies[-2]
    request = (await running.http.get(f"{API}/code/jobs/{first['job']}/request")).json()
    assert (request["task"], request["max_cells"], request["seed"]) == ("mean by group", 2, None)
    async with httpx.AsyncClient(base_url=running.http.base_url) as stranger:
        asked = await stranger.get(f"{API}/code/jobs/{again}/request")
        started = await stranger.post(f"{API}/code/jobs/{again}/replay")
    assert {asked.status_code, started.status_code} == {httpx.codes.UNAUTHORIZED}
    assert len((await running.http.get(f"{API}/code/jobs")).json()["jobs"]) == 2


async def test_without_a_model_an_edit_fails_and_says_what_to_do(stations: MakeStation) -> None:
    """No examples are shown in its place."""
    station = stations(sandbox={"runtime": "none"})
    async with server(station) as one:
        job = await one.submit(**edit("fix"))
        story = await soon(one.story(job), 60)
        assert story[-1]["type"] == "error"
        assert story[-1]["problem"]["hint"]
        assert (await one.job(job))["cells"] == []
    await nothing_left(station, docker=False)


@pytest.mark.bubblewrap
async def test_changes_run_in_their_place(stations: MakeStation, model: ChatServer, data_dir: Any) -> None:
    """In a real sandbox: after the cells above, and not instead of them; a broken one above is told."""
    ensure_built("bubblewrap", data_dir)
    station = stations(model={"url": model.url}, sandbox={"runtime": "bubblewrap", "warm": NONE_WARM})
    async with server(station) as one:
        many = [{"id": name, "source": "sales"} for name in "xyz"]
        changed = await done(one, **edit("edit", *many, script="edit_many"))
        runs = [cell["verification"] and cell["verification"]["status"] for cell in changed["cells"]]
        assert runs == ["ok", "ok", None]
        broken = {"cells": ["open('private.csv')"]}
        fixed = await done(one, **edit("fix", context=broken))
        assert fixed["cells"][0]["verification"]["status"] == "ok"
        assert any("A cell above does not run" in warning for warning in fixed["warnings"])
    await nothing_left(station, docker=False)


async def test_the_command_line(stations: MakeStation, model: ChatServer) -> None:
    """The changed notebook goes to standard output, and the file stays as it is."""
    station = stations(sandbox={"runtime": "none"})
    path = station.folder / "book.ipynb"
    cells = [nbformat.v4.new_code_cell(source, id=name) for name, source in (("a", SALES), ("b", "sales"))]  # type: ignore[no-untyped-call]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)  # type: ignore[no-untyped-call]
    before = path.read_text()
    words = ("--cell", "2", "--instruction", "[[script:edit_cell]]", "--model-url", model.url, "--no-verify")
    ended = await command(station, "edit", str(path), *words)
    assert ended.code == 0, ended.said
    row = json.loads(ended.out)["cells"][1]
    assert "groupby" in "".join(row["source"])
    told = row["metadata"]["gptoss_lab"]
    assert (told["review"], told["change"], told["original"]) == ("pending", "changed", "sales")
    assert path.read_text() == before

"""The handler of `/api/v1/report`."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.serverapp import ServerApp
from tornado.httpclient import HTTPClientError, HTTPResponse

from gptoss_lab.services import reports

Fetch = Callable[..., Awaitable[HTTPResponse]]
REPORT = ("api", "v1", "report")


def notebook(**said: Any) -> dict[str, Any]:
    """Return a notebook with one generated cell."""
    ours = {"review": "accepted", "job": "j1", "cell": "c1", "generator": "model", **said}
    cell: dict[str, Any] = {
        "cell_type": "code",
        "id": "a",
        "source": "x = 1",
        "metadata": {"gptoss_lab": ours},
        "outputs": [],
        "execution_count": None,
    }
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}


@pytest.fixture
def saved(jp_root_dir: Path) -> str:
    """A notebook in a folder that JupyterLab shows."""
    folder = jp_root_dir / "data é"
    folder.mkdir()
    path = folder / "a b.ipynb"
    path.write_text(json.dumps(notebook(task="plot <b>sales</b>")))
    return "data é/a b.ipynb"


async def refused(jp_fetch: Fetch, **query: str) -> dict[str, Any]:
    """Return the problem that a question is answered with."""
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch(*REPORT, params=query)
    response = caught.value.response
    assert response is not None
    problem: dict[str, Any] = json.loads(response.body)
    return {**problem, "status": response.code}


async def test_markdown_is_the_default(saved: str, jp_fetch: Fetch) -> None:
    """As a text with a name to save it by."""
    found = await jp_fetch(*REPORT, params={"path": saved})
    assert found.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert found.headers["Content-Disposition"] == "inline; filename*=UTF-8''a%20b.report.md"
    assert found.body.decode().startswith("# Generated cells in a b.ipynb\n")
    assert "- **Task:** plot &#60;b&#62;sales&#60;/b&#62;" in found.body.decode()


async def test_html_can_run_nothing(saved: str, jp_fetch: Fetch) -> None:
    """It comes from the notebook server's own address: its policy gives it no rights there."""
    query = {"path": f"/{saved}", "format": "html", "theme": "dark"}
    found = await jp_fetch(*REPORT, params=query)
    assert found.headers["Content-Type"] == "text/html; charset=utf-8"
    policy = found.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy
    assert found.headers["X-Content-Type-Options"] == "nosniff"
    assert 'data-theme="dark"' in found.body.decode()
    assert "<b>" not in found.body.decode()


@pytest.mark.parametrize("path", ["", "/", "x" * 5000])
async def test_a_path_that_names_nothing(path: str, jp_fetch: Fetch) -> None:
    """It is told what is expected."""
    problem = await refused(jp_fetch, path=path)
    assert (problem["status"], problem["code"]) == (400, "bad_request")


@pytest.mark.parametrize(
    "path", ["b.ipynb", "../out.ipynb", "a/../../out.ipynb", ".hidden/a.ipynb", "data é"]
)
async def test_what_is_not_shown_is_not_read(
    path: str, saved: str, jp_fetch: Fetch, jp_root_dir: Path
) -> None:
    """Outside of the folder, hidden, a folder, or not there."""
    assert path != saved
    hidden = jp_root_dir / ".hidden"
    hidden.mkdir()
    for place in (hidden / "a.ipynb", jp_root_dir.parent / "out.ipynb"):
        place.write_text(json.dumps(notebook()))
    assert (await refused(jp_fetch, path=path))["status"] in {403, 404}


async def test_what_is_no_notebook_is_refused(jp_fetch: Fetch, jp_root_dir: Path) -> None:
    """By its name, or by what is in it."""
    (jp_root_dir / "a.txt").write_text("x")
    assert (await refused(jp_fetch, path="a.txt"))["detail"] == "a.txt is no notebook"
    (jp_root_dir / "b.ipynb").write_text("nonsense")
    assert (await refused(jp_fetch, path="b.ipynb"))["status"] == 400


@pytest.mark.parametrize("query", [{"format": "pdf"}, {"theme": "blue"}])
async def test_an_unknown_word_is_refused(query: dict[str, str], saved: str, jp_fetch: Fetch) -> None:
    """And the known ones are told."""
    problem = await refused(jp_fetch, path=saved, **query)
    assert "is not one of" in problem["detail"]


async def test_a_huge_notebook_is_not_read(
    saved: str, jp_fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its size, before it is opened."""
    monkeypatch.setattr(reports, "MAX_NOTEBOOK_BYTES", 10)
    assert (await refused(jp_fetch, path=saved))["status"] == 413


async def test_who_may_not_read_files_may_not_read_reports(
    saved: str, jp_fetch: Fetch, jp_serverapp: ServerApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A permission for our interface is none for the server's files."""

    def decide(_self: Any, _handler: Any, _user: Any, _action: str, resource: str) -> bool:
        return resource != "contents"

    monkeypatch.setattr(type(jp_serverapp.authorizer), "is_authorized", decide)
    problem = await refused(jp_fetch, path=saved)
    assert (problem["status"], problem["code"]) == (403, "policy")
